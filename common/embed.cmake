# SPDX-License-Identifier: GPL-3.0-or-later
# embed - turns text files into one C file with a table of names and texts, in the order of FILES:
# cmake -DOUT=FILE.c -DDIR=DIRECTORY -DHEADER=PATH.h -DTYPE=STRUCT -DTABLE=NAME "-DFILES=A B ..." -P embed.cmake
separate_arguments(FILES)
set(body "")
set(table "")
set(n 0)
foreach(f ${FILES})
	file(READ ${DIR}/${f} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(APPEND body "static const char text_${n}[] = {${bytes}0};\n")
	string(APPEND table "\t{ \"${f}\", text_${n} },\n")
	math(EXPR n "${n}+1")
endforeach()
file(WRITE ${OUT}.tmp "#include \"${HEADER}\"\n${body}const struct ${TYPE} ${TABLE}[] = {\n${table}};\nconst unsigned int ${TABLE}_count = ${n};\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUT}.tmp ${OUT})
file(REMOVE ${OUT}.tmp)
