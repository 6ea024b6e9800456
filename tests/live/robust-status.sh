#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Exit statuses, misuse, and where the report goes.

# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
IOAMP_CACHE=$R/cache # no compiler is interrupted here

# ---- COMMAND's own ----
command_status() { # EXPECTED ARG...
	want=$1
	shift
	run "$STAT" -o "$R/report" "$@"
	check "status of '$*'" "$STATUS" eq "$want"
	check "stderr of '$*': $(cat "$R/err")" "$(wc -c <"$R/err")" eq 0
	check "report of '$*'" "$(grep -c '^device ' "$R/report")" eq 1
}
command_status 0 -- true
command_status 7 --strict -- sh -c 'exit 7'
command_status 143 -- sh -c 'kill -TERM $$'
check "its end in the report" "$(grep -c 'exit status 143' "$R/report")" eq 1
run "$STAT" -j -- sh -c 'exit 3'
check "status with -j" "$STATUS" eq 3
check "the same in JSON" "$(jq .command.exit_status "$R/out")" eq 3

# ---- not to be run ----
for case in "127 /nonexistent/x" "126 /etc/passwd" "126 /tmp" "127 no-such-program-here"; do
	run "$STAT" -q -- "${case#* }"
	refused "${case#* }" "${case%% *}" 'E[0-9]{3}'
	check "named: ${case#* }" "$(grep -cF "${case#* }" "$R/err")" eq 1
done

# ---- -o FILE takes the report, stdout is COMMAND's ----
rm -f "$R/report"
run "$STAT" -o "$R/report" -- echo mine
check "stdout with -o" "$(cat "$R/out")" is mine
one_line "-o FILE" "$R/report" '^LAYER '
run "$STAT" -o "$R/none/report" -- touch "$R/ran"
refused "-o in no directory" 1 'E[0-9]{3}'

# ---- a process that is not there: no zeroes that look like an answer ----
run "$STAT" -p 4194304 --duration 1
refused "-p of no process" 1 E175

# ---- misuse: two lines, the second says where help is; nothing runs ----
misuse() { # TOOL PATTERN [ARG...]
	tool=$1
	pattern=$2
	shift 2
	run "$BUILD/bin/$tool" "$@"
	check "$tool $*: status" "$STATUS" eq 2
	check "$tool $*: stdout" "$(wc -c <"$R/out")" eq 0
	check "$tool $*: lines" "$(wc -l <"$R/err")" eq 2
	check "$tool $*: $(cat "$R/err")" "$(sed -n 1p "$R/err" | grep -c -- "^$tool: .*$pattern")" eq 1
	check "$tool $*: last line" "$(sed -n 2p "$R/err")" is "Try '$tool --help' for more information."
	check "$tool $*: COMMAND ran" "$(find "$R" -name ran | wc -l)" eq 0
}
misuse ioamp-stat 'no target'
misuse ioamp-stat 'supported.*process.*system.*role.*cgroup.*device' --by nonsense -- touch "$R/ran"
misuse ioamp-stat 'no-such-user-x' --as no-such-user-x -- touch "$R/ran"
misuse ioamp-stat '99' --ready-fd 99 -- touch "$R/ran"
misuse ioamp-stat '' --map-size 1 -- touch "$R/ran"
misuse ioamp-stat '' --duration 0 -a
misuse ioamp-stat '' -p x
misuse ioamp-stat '' -p 1 -- touch "$R/ran"
misuse ioamp-stat '' -j --csv -- touch "$R/ran"
misuse ioamp-stat '' --nonsense -- touch "$R/ran"
misuse ioamp-stat '' -Z
misuse ioamp-stat '' -j --
misuse ioamp-stat 'json.*format.*exclude' -j --format csv -a
misuse iosnoop-amp '' --buffer-pages 3
misuse iosnoop-amp '' --layer nonsense
misuse iosnoop-amp '' --as nobody -- touch "$R/ran"
misuse iosnoop-amp '' touch "$R/ran"

# ---- help and version ----
for tool in ioamp-stat iosnoop-amp; do
	for option in -h --help -V --version; do
		run "$BUILD/bin/$tool" "$option"
		check "$tool $option" "$STATUS $(wc -c <"$R/err")" is "0 0"
		check "$tool $option: its name" "$(grep -c "$tool" "$R/out")" ge 1
	done
	run sh -c "exec '$BUILD/bin/$tool' --help >/dev/full"
	check "$tool --help on a full device" "$STATUS" eq 1
done
robust_finish
