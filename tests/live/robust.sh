# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# robust.sh - what the robust-*.sh tests share, on top of lib.sh; sourced by POSIX shells.
#
# R			a private directory, removed on exit
# run COMMAND...	sets STATUS; its output is $R/out and $R/err
# refused NAME STATUS CODE	the last run ended with STATUS, an error CODE of three to five lines
#			on stderr, nothing on stdout, and $R/ran does not exist
# in_background COMMAND...	starts it with --ready-fd; sets TOOL, waits until attached
# ended PID		the process does not exist, or is a zombie
# objects_of PID...	prints the programs and maps of these processes, one "prog 7" a line
# all_gone FILE		waits up to 10 s until none of the objects listed in FILE exists
# traces_left NAME FILE	checks that a killed tool left nothing; FILE lists the tool's objects
# robust_finish		finish, after a check of the kernel's log for new warnings

# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "not root: nothing can be traced"

# Each start compiles, so that a test can interrupt the compiler.
IOAMP_CACHE=
export IOAMP_CACHE

R=$(mktemp -d "${TMPDIR:-/tmp}/robust.XXXXXX") || scratch_fail "mktemp failed"
scratch_at_exit rm -rf "$R"
chmod 755 "$R"
dmesg >"$R/dmesg"

run() {
	"$@" >"$R/out" 2>"$R/err"
	STATUS=$?
	collect "$R"/*
}

one_line() { # NAME FILE PATTERN
	check "$1: '$3' once in $(head -c 400 "$2")" "$(grep -cE -- "$3" "$2")" eq 1
}

refused() { # NAME STATUS CODE
	check "$1: status" "$STATUS" eq "$2"
	check "$1: bytes on stdout" "$(wc -c <"$R/out")" eq 0
	between "$1: lines of the error" "$(wc -l <"$R/err")" 3 5
	check "$1: first line of $(head -1 "$R/err")" "$(sed -n 1p "$R/err" |
		grep -cE "^(ioamp-stat|iosnoop-amp): error IOAMP-$3: [^ ]")" eq 1
	check "$1: why" "$(sed -n 2p "$R/err" | grep -c '^  why: [^ ]')" eq 1
	check "$1: fix" "$(sed -n 3p "$R/err" | grep -c '^  fix: [^ ]')" eq 1
	check "$1: COMMAND ran" "$(find "$R" -name ran | wc -l)" eq 0
}

in_background() {
	rm -f "$R/ready"
	mkfifo "$R/ready"
	# The option comes first, because words after "--" belong to COMMAND.
	robust_tool=$1
	shift
	# A shell starts a background process with SIGINT ignored.
	env --default-signal=INT "$robust_tool" --ready-fd 9 "$@" 9>"$R/ready" &
	TOOL=$!
	robust_byte=$(cat "$R/ready")
	check "the byte on --ready-fd" "$robust_byte" is r
	[ "$robust_byte" = r ]
}

ended() {
	[ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

objects_of() {
	for robust_pid; do
		cat /proc/"$robust_pid"/fdinfo/* 2>/dev/null
	done | awk '/^(prog|map)_id:/ { sub("_id:", ""); print $1, $2 }' >"$R/held"
	# maps that no descriptor holds, only a program
	awk '$1 == "prog" { print $2 }' "$R/held" | while read -r robust_id; do
		bpftool -j prog show id "$robust_id" 2>/dev/null | jq -r '.map_ids[]? | "map \(.)"'
	done >>"$R/held"
	sort -u "$R/held"
}

some_left() {
	while read -r robust_kind robust_id; do
		bpftool "$robust_kind" show id "$robust_id" >/dev/null 2>&1 && return
	done <"$1"
	return 1
}

none_left() {
	! some_left "$1"
}

# Usually half a second. The kernel frees programs after grace periods, which take longer under load.
all_gone() {
	soon none_left "$1" || soon none_left "$1"
}

# Names of programs and maps of ours on this machine, whoever holds them.
our_objects() {
	{
		bpftool -j prog list | jq -r '.[] | select((.name // "") | startswith("ioamp")) | "prog \(.id)"'
		bpftool -j map list | jq -r '.[] | select(.name | IN("agg", "agg_spill", "actors",
			"actor_ids", "losses", "sysdesc", "endios", "txns", "shares", "pages", "bios",
			"kctx", "next_ids", "walks")) | "map \(.id)"'
	} | sort
}

tools_running() {
	for robust_name in ioamp-stat iosnoop-amp ioamp-doctor ioamp-compile; do
		pgrep -x "$robust_name" >/dev/null && return
	done
	return 1
}

left_behind() {
	ls -d /tmp/ioamp* /tmp/bcc* /var/tmp/ioamp* /var/tmp/bcc* /tmp/kheaders* 2>/dev/null
	grep -h ' ioamp ' /proc/[0-9]*/mountinfo 2>/dev/null | sort -u
	for robust_dir in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		cat "$robust_dir/kprobe_events" "$robust_dir/uprobe_events" 2>/dev/null
	done
}

nothing_new() {
	tools_running && return # another's, at work: what is ours is known by its numbers
	our_objects | comm -13 "$R/objects.before" - >"$R/objects.new"
	left_behind | sort | comm -13 "$R/left.before" - >"$R/left.new"
	[ ! -s "$R/objects.new" ] && [ ! -s "$R/left.new" ]
}

# Call this while no tool runs: the objects of a running tool change.
traces_before() {
	command -v bpftool >/dev/null || skip "bpftool is not installed"
	our_objects >"$R/objects.before"
	left_behind | sort >"$R/left.before"
}

traces_left() { # NAME FILE
	all_gone "$2" || fail "$1: still there after 10 s: $(tr '\n' ' ' <"$2")"
	soon nothing_new ||
		fail "$1: left behind: $(cat "$R/objects.new" "$R/left.new" | tr '\n' ' ')"
}

robust_finish() {
	dmesg | diff "$R/dmesg" - | grep '^>' | grep -E 'WARNING|BUG|Oops|RIP:|Call Trace|hung' \
		>"$R/dmesg.new"
	check "the kernel's warnings: $(head -3 "$R/dmesg.new")" "$(wc -l <"$R/dmesg.new")" eq 0
	finish
}
