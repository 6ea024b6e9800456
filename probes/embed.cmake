# SPDX-License-Identifier: GPL-3.0-or-later
# embed - turns the probe texts into one C file: cmake -DOUT=... -DROOT=... -P embed.cmake
set(files probes/abi.h probes/kcompat.bpf.c probes/prelude.bpf.c probes/event.bpf.c
	probes/task.bpf.c probes/cgroup.bpf.c probes/file.bpf.c probes/owner.bpf.c
	probes/latency.bpf.c probes/latency_sync.bpf.c
	probes/journal.bpf.c probes/xfs.bpf.c probes/app.bpf.c probes/uring.bpf.c probes/vfs.bpf.c
	probes/bio.bpf.c probes/latency_bio.bpf.c probes/stack.bpf.c probes/block.bpf.c probes/device.bpf.c
	probes/latency_done.bpf.c)
set(body "")
set(table "")
set(n 0)
foreach(f ${files})
	file(READ ${ROOT}/${f} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(APPEND body "static const char text_${n}[] = {${bytes}0};\n")
	string(APPEND table "\t{ \"${f}\", text_${n} },\n")
	math(EXPR n "${n}+1")
endforeach()
file(WRITE ${OUT}.tmp "#include \"probes/probe.h\"\n${body}const struct probe_text probe_texts[] = {\n${table}};\nconst unsigned int probe_texts_count = ${n};\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUT}.tmp ${OUT})
file(REMOVE ${OUT}.tmp)
