#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_house.sh [BIN] - the rules of the house: which room may include and call which,
# no circles, one place for each kind of output, sizes.
#
# BIN holds the built tools (build/bin); the libraries of the rooms are in its parent. The symbols of
# the objects show every call. Needs neither root nor a kernel. Exit status: 0 no rule is broken, 1
# some are.
cd "$(dirname "$0")/../.." || exit 1
. tests/doc/lib.sh

bin=${1:-build/bin}
build=$(dirname "$bin")

# Files above 400 lines, or tests above 700, that are not split: "FILE: the reason".
long_files="
"

# ---- what there is ---------------------------------------------------------------------

rooms=$(sed -n 's/^\([a-z]*\).*/\1/p' common/rooms.txt)
tools=$(for folder in tools/*/; do basename "$folder"; done)

# A room uses only rooms above its own line in rooms.txt; each folder of common/ has a line.
check_rooms() {
	awk '
		!/^[a-z]/ { next }
		{
			for (i = 2; i <= NF; i++)
				if (!($i in seen))
					print $1 " uses " $i ", which has no line above"
			seen[$1]
		}' common/rooms.txt | fail_lines "common/rooms.txt"
	for folder in common/*/; do
		folder=$(basename "$folder")
		echo "$rooms" | grep -qx "$folder" || fail "common/rooms.txt has no line for $folder"
	done
	for source in common/*.[ch] tools/*.[ch]; do
		[ ! -f "$source" ] || fail "$source lies outside a folder"
	done
}

# Prints lines "FOLDER FILE KIND SYMBOL". KIND is nm's: U for a symbol that the object uses, other
# letters for one that it defines, in capitals if it is external.
symbols_of() { # FOLDER LIBRARY|OBJECT
	nm -A -P "$2" | awk -v folder="$1" '
		$3 ~ /^[BCDGRSTUVWbds]$/ {
			file = $1
			sub(/\.o\]?:$/, "", file)
			sub(/.*[[\/]/, "", file)
			print folder, folder "/" file, $3, $2
		}'
}

read_symbols() {
	{
		symbols_of probes "$build/libprobes.a"
		for room in $rooms; do
			symbols_of "common/$room" "$build/lib$room.a"
		done
		for tool in $tools; do
			[ ! -f "$build/lib$tool.parts.a" ] ||
				symbols_of "tools/$tool" "$build/lib$tool.parts.a"
			symbols_of "tools/$tool" "$build/CMakeFiles/$tool.dir/tools/$tool/$tool.c.o"
		done
	} >"$tmp/symbols" 2>"$tmp/errors"
	fail_lines "nm" <"$tmp/errors"
	cut -d' ' -f2 "$tmp/symbols" | sort -u >"$tmp/objects"
	for source in probes/*.c common/*/*.c tools/*/*.c; do
		case $source in
		*.bpf.c) continue ;;
		esac
		grep -qxF "$source" "$tmp/objects" || fail "$source has no object in $build"
	done
}

# ---- arrows ----------------------------------------------------------------------------

# Prints lines "FILE:NUMBER FOLDER INCLUDED"; FOLDER is a room or a tool.
includes() {
	awk '
		/^[ \t]*#[ \t]*include/ {
			split(FILENAME, part, "/")
			folder = part[1] == "probes" ? "probes" : part[1] "/" part[2]
			name = $0
			sub(/^[^<"]*/, "", name)
			sub(/[>"][^>"]*$/, "", name)
			print FILENAME ":" FNR, folder, name
		}' probes/*.[ch] common/*/*.[ch] tools/*/*.[ch]
}

check_includes() {
	includes >"$tmp/includes"
	[ "$(wc -l <"$tmp/includes")" -ge 500 ] || fail "the includes could not be read"
	awk '
		FILENAME ~ /rooms\.txt$/ {
			if (/^[a-z]/) {
				rooms[$1]
				may["common/" $1, $1]
				for (i = 2; i <= NF; i++)
					may["common/" $1, $i]
			}
			next
		}
		$3 ~ /^</ {
			if ($1 ~ /^probes\/abi\.h:/ && $3 != "<linux/types.h")
				print $1 ": abi.h includes only <linux/types.h>, not " $3 ">"
			next
		}
		{
			file = $1
			sub(/:.*/, "", file)
			name = substr($3, 2)
			room = name
			sub(/\/.*/, "", room)
		}
		$2 == "probes" {
			if (name !~ /^(abi|probe)\.h$/ || file ~ /(abi\.h|\.bpf\.c)$/ && name != "abi.h")
				print $1 ": \"" name "\": probes/ includes abi.h and probe.h only"
			next
		}
		name ~ /^probes\/(abi|probe|fields)\.h$/ { next }
		room in rooms && ($2 ~ /^tools\// || ($2, room) in may) { next }
		room in rooms { print $1 ": \"" name "\": " $2 " may not use " room; next }
		room != "tools" { print $1 ": \"" name "\" does not name its room"; next }
		$2 !~ /^tools\// { print $1 ": \"" name "\": common/ includes nothing of tools/"; next }
		index(name, $2 "/") != 1 { print $1 ": \"" name "\": a tool includes no other tool" }
		' common/rooms.txt "$tmp/includes" | fail_lines "include"
}

check_own_header_first() {
	for source in common/*/*.c tools/*/*.c; do
		header=${source%.c}.h
		[ -f "$header" ] || continue
		first=$(grep -m 1 -E '#[[:space:]]*include' "$source")
		[ "$first" = "#include \"${header#common/}\"" ] ||
			fail "$source does not include \"${header#common/}\" first"
	done
}

# A list for a macro (FIELD, OPT) is no header of its own.
check_headers_alone() {
	command -v cc >/dev/null 2>&1 || return 0
	grep -LE '^(FIELD|X)\(' common/*/*.h tools/*/*.h probes/*.h |
		xargs cc -std=gnu11 -D_GNU_SOURCE -I. -Icommon -Wall -fsyntax-only -x c 2>&1 |
		grep -E 'error:' | fail_lines "a header does not compile alone"
}

# A folder calls itself and the rooms that rooms.txt names for it, not the rooms that these use.
check_calls() {
	awk '
		FILENAME ~ /rooms\.txt$/ {
			if (/^[a-z]/)
				for (i = 2; i <= NF; i++)
					may["common/" $1, "common/" $i]
			next
		}
		FNR == 1 { pass++ }
		pass == 1 {
			if ($3 ~ /^[B-TVW]$/)
				homes[$4] = homes[$4] " " $1
			next
		}
		$3 == "U" && $4 in homes {
			n = split(homes[$4], home, " ")
			for (i = 1; i <= n; i++)
				if (home[i] == $1 || home[i] == "probes" && $1 != "probes" ||
				    ($1, home[i]) in may || $1 ~ /^tools\// && home[i] ~ /^common\//)
					next
			print $2 ": " $4 "() lies in" homes[$4] ", which " $1 " may not use"
		}' common/rooms.txt "$tmp/symbols" "$tmp/symbols" | fail_lines "call"
}

# ---- circles ---------------------------------------------------------------------------

# Prints the files of a folder that call each other in a circle, and the symbols.
circles() {
	awk '
		FNR == NR {
			if ($3 ~ /^[B-TVW]$/)
				home[$1, $4] = $2
			next
		}
		$3 == "U" && ($1, $4) in home && home[$1, $4] != $2 {
			callee = home[$1, $4]
			if (!(($2, callee) in call))
				call[$2, callee] = $4
			reach[$2, callee]
			files[$1] = files[$1] " " $2
			folders[$1]
		}
		END {
			for (folder in folders) {
				n = split(files[folder], list, " ")
				count = 0
				split("", file)
				split("", seen)
				for (i = 1; i <= n; i++)
					if (!(list[i] in seen)) {
						seen[list[i]]
						file[++count] = list[i]
					}
				for (k = 1; k <= count; k++)
					for (i = 1; i <= count; i++)
						if ((file[i], file[k]) in reach)
							for (j = 1; j <= count; j++)
								if ((file[k], file[j]) in reach)
									reach[file[i], file[j]]
				report(folder)
			}
		}
		function report(folder,    i, j, k, circle, edges) {
			for (i = 1; i <= count; i++) {
				if (!((file[i], file[i]) in reach) || file[i] in told)
					continue
				circle = edges = ""
				for (j = 1; j <= count; j++) {
					if (!((file[i], file[j]) in reach && (file[j], file[i]) in reach))
						continue
					told[file[j]]
					circle = circle " " file[j]
					for (k = 1; k <= count; k++)
						if ((file[j], file[k]) in call && (file[k], file[i]) in reach &&
						    (file[i], file[k]) in reach)
							edges = edges ", " file[j] " calls " call[file[j], file[k]] \
								" of " file[k]
				}
				gsub(folder "/", "", circle)
				gsub(folder "/", "", edges)
				print folder ":" circle ": " substr(edges, 3)
			}
		}' "$tmp/symbols" "$tmp/symbols" | sort
}

check_circles() {
	circles | fail_lines "a circle"
}

# ---- only here -------------------------------------------------------------------------

# only WHAT SYMBOLS FILES: only FILES use SYMBOLS; both are extended regular expressions.
only() {
	awk '$3 == "U" { print $2 " uses " $4 }' "$tmp/symbols" | grep -E " uses ($2)$" |
		grep -vE "^($3) " | fail_lines "$1"
}

# only_includes WHAT HEADERS FILES
only_includes() {
	grep -E " <($2)" "$tmp/includes" | grep -vE "^($3):" | fail_lines "$1"
}

check_only_here() {
	only "maps of the kernel side outside common/engine and common/tables" 'bpf_map_.*' \
		"common/(engine|tables)/.*"
	only "stdout outside the stream and the help" \
		'stdout|v?printf|__v?printf_chk|puts|putchar|putchar_unlocked' \
		'common/report/stream\.c|common/tool/opt(_value|_help)?\.c'
	only "stderr outside the log" 'stderr|perror|v?warnx?|v?errx?' 'common/base/log\.c'
	only "exit()" 'exit|quick_exit|abort' none
	only "libraries loaded outside common/engine/bcc.c" 'dlopen|dlsym' 'common/engine/bcc\.c'
	only_includes "libbcc outside common/engine/bcc.c" '(bcc|libbpf)/bcc|bcc/' 'common/engine/bcc\.c'
	only_includes "ncurses outside tools/ioamp-top/term.c" '(n?cursesw?/|n?curses|term\.h|panel)' \
		'tools/ioamp-top/term\.c'
	# base (except the log), ledger and report write to streams and buffers of their callers.
	awk '
		$2 !~ /^common\/(base|ledger|report)\// || $2 ~ /\/(log|stream)\.c$/ { next }
		$3 ~ /^[Bb]$/ { print $2 ": a variable, " $4 }
		$3 == "U" && $4 ~ /^(f?open(at)?|fdopen|read|write|getenv|isatty|time|clock_gettime|ioctl)$/ {
			print $2 ": " $4 "()"
		}' "$tmp/symbols" | fail_lines "a pure room"
	# _exit() ends a child; the loader's fork() is in engine.c
	awk '
		$3 == "U" && $4 ~ /^(v?fork|clone3?)$/ { forks[$2] }
		$3 == "U" && $4 == "_exit" { ends[$2] }
		END {
			for (file in ends)
				if (!(file in forks) && file != "common/engine/loader.c")
					print file
		}' "$tmp/symbols" | fail_lines "_exit() where nothing forks"
	grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h' probes/*.[ch] common/*/*.[ch] \
		tools/*/*.[ch] | grep -v '^common/types/ktree\.c:' | # which writes the headers' own copy
		fail_lines "a kernel version is compared"
}

# ---- names -----------------------------------------------------------------------------

# Prints "SYMBOL FILE HEADER..." for each external that begins neither with the name of a header that
# declares it nor with the name of its file. A plural s makes no difference.
misnamed() {
	awk '
		FNR == NR {
			if ($3 ~ /^[B-TVW]$/ && $4 != "main")
				file[$4] = $2
			next
		}
		/^[ \t]*(\*|\/\*)/ { next }
		{
			line = $0
			gsub(/"[^"]*"/, "", line)
			while (match(line, /[A-Za-z_][A-Za-z0-9_]*[ ]*[(;[]/)) {
				word = substr(line, RSTART, RLENGTH - 1)
				line = substr(line, RSTART + RLENGTH)
				if (word in file && !((word, FILENAME) in headers)) {
					headers[word, FILENAME]
					header[word] = header[word] " " FILENAME
				}
			}
		}
		END {
			for (word in file) {
				n = split(file[word] header[word], places, " ")
				good = 0
				for (i = 1; i <= n; i++)
					good = good || begins(word, places[i])
				if (!good)
					print word, file[word] header[word]
			}
		}
		function begins(word, place) {
			sub(/.*\//, "", place)
			sub(/\.[ch]$/, "", place)
			sub(/_internal$/, "", place)
			sub(/s$/, "", place)
			return word ~ ("^" place "s?(_|$)")
		}' "$tmp/symbols" common/*/*.h tools/*/*.h probes/*.h | sort
}

# ---- sizes -----------------------------------------------------------------------------

check_sizes() {
	{
		wc -l common/*/*.[ch] tools/*/*.[ch] | awk '$1 > 400 && $2 != "total" { print $2 }'
		wc -l tests/*/*.[ch] tests/*/*/*.[ch] tests/*/*.sh |
			awk '$1 > 700 && $2 != "total" { print $2 }'
	} | sort >"$tmp/long"
	echo "$long_files" | sed -n 's/:.*//p' | sort >"$tmp/reasons"
	comm -13 "$tmp/reasons" "$tmp/long" | fail_lines "too many lines"
	comm -23 "$tmp/reasons" "$tmp/long" | fail_lines "no more too long, but listed in check_house.sh"
}

# ---- tests -----------------------------------------------------------------------------

# Tests wait for conditions (await and soon in tests/live/scratch.sh), not for a time.
check_tests() {
	grep -rnIE --exclude=check_house.sh '(^|[;&|({[:space:]])eval [^a-z]' tests setup .ci | fail_lines "eval"
	awk '
		/^[ \t]*sleep [0-9.]+([ \t]*#.*)?$/ && !loop { print FILENAME ":" FNR ": " $0 }
		{ loop = /(^|[ \t;])do$/ }' tests/live/*.sh | fail_lines "a test sleeps"
}

# ---- heads and errors ------------------------------------------------------------------

check_spdx() {
	for file in CMakeLists.txt GNUmakefile setup .ci/* common/*/*.[ch] common/systems/rules.d/* probes/*.[ch] \
		common/*.cmake tools/*/*.[ch] man/*.[1-9] $(find tests -type f \( -name '*.[ch]' -o \
			-name '*.sh' -o -name '*.py' -o -name CMakeLists.txt -o -perm -u+x \)); do
		[ -f "$file" ] || continue
		head -n 3 "$file" | grep -qF 'SPDX-License-Identifier: GPL-' ||
			fail "$file has no SPDX line"
	done
}

# base/errors.h is the one list; each error is reported in one place.
check_errors() {
	grep -oE '^	X\([A-Z_]+, [0-9]+' common/base/errors.h | sed 's/^	X(//; s/,//' >"$tmp/errors"
	[ "$(wc -l <"$tmp/errors")" -ge 40 ] || fail "the list in common/base/errors.h could not be read"
	cut -d' ' -f2 "$tmp/errors" | sort | uniq -d | fail_lines "an error number stands for two errors"
	while read -r name _; do
		uses=$(grep -ohw "ERR_$name" common/*/*.c tools/*/*.c | wc -l)
		[ "$uses" = 1 ] || fail "ERR_$name is reported in $uses places"
	done <"$tmp/errors"
}

# ----------------------------------------------------------------------------------------

read_symbols
misnamed | fail_lines "not named after its header or file"
check_rooms
check_includes
check_own_header_first
check_headers_alone
check_calls
check_circles
check_only_here
check_sizes
check_tests
check_spdx
check_errors

end_if_failed
echo "the rules of the house hold"
