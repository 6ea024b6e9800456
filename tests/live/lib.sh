# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# lib.sh - what live tests share, on top of scratch.sh; sourced by POSIX shells.
#
#	. "$(dirname "$0")/lib.sh"
#	scratch_fs_new ext4 256
#	stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 1000 100
#	check "application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
#	finish
#
# stat_run [OPTIONS] -- COMMAND	runs ioamp-stat -j; $SUMMARY is its summary, $TRUTH is COMMAND's
#	output, both outside the traced file system; ends the test unless ioamp-stat ends with 0
# sum FILTER, truth FILTER	the result of jq's FILTER on $SUMMARY, on $TRUTH
# row KIND FILTER, pid_row PID FILTER	the sum of FILTER over the rows of that kind or process
# disk_sum FILTER [DISK]	FILTER on the entry of DISK in $SUMMARY; default: $SCRATCH_DISK
# check NAME ACTUAL OP EXPECTED	OP: eq ne lt le gt ge of integers, is (strings)
# between NAME ACTUAL LOW HIGH	integers, both ends included
# near NAME ACTUAL EXPECTED PERMILLE	integers, difference at most PERMILLE/1000
# complete_here			true unless the summary is incomplete for a reason of this test's disks
# milli FILTER			a fraction of $SUMMARY times 1000, as an integer
# invariants [-a] FILE DISK...	what must hold in every summary; the DISKs reconcile exactly
# trace_start EVENT [FILTER], trace_stop FILE	the kernel's own record of one event, through
#	a tracefs instance of our own (tracepoints are not the tool's)
# disk_major_minor DISK		"7,0"
# need_async			skips the test where the kernel refuses io_uring or libaio
# collect FILE...		notes the summaries in these files, to be checked at the end. Everything in a
#	SCRATCH_TMP, and what stat_run and sum see, is collected anyway: only a file that is written
#	again before needs it
# finish			the test's status: 1 after any failed check, or if a summary of this test
#	is one that invariants.py --collected refuses
#
# BUILD is the build directory; default: build beside tests. LIB_LIVE is this folder: a script in
# another folder sets it before it sources this file.

LIB_LIVE=${LIB_LIVE:-$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)}
# shellcheck source=tests/live/scratch.sh
. "$LIB_LIVE/scratch.sh"

BUILD=${BUILD:-$LIB_LIVE/../../build}
BUILD=$(CDPATH='' cd -- "$BUILD" && pwd)
# shellcheck disable=SC2034 # for the test that sources this
{
	STAT=$BUILD/bin/ioamp-stat
	SNOOP=$BUILD/bin/iosnoop-amp
	LAYERS=$BUILD/bin/iolatency-layers
	WORKLOAD=$BUILD/tests/workload
}
LIB_FAILED=0
LIB_CHECKS=0
# not in a SCRATCH_TMP, which may go before the end, and on no disk that others measure
LIB_COLLECTED=$(mktemp -d -p /dev/shm ioamp.XXXXXX 2>/dev/null || mktemp -d) || scratch_fail "mktemp failed"
scratch_at_exit rm -rf "$LIB_COLLECTED"
LIB_TRACE=

for lib_tool in jq python3; do
	command -v "$lib_tool" >/dev/null || skip "$lib_tool is not installed"
done

fail() {
	echo "FAIL: $*"
	LIB_FAILED=$((LIB_FAILED + 1))
}

check() { # NAME ACTUAL OP EXPECTED
	LIB_CHECKS=$((LIB_CHECKS + 1))
	case $3 in
	is) [ "$2" = "$4" ] ;;
	eq) [ "$2" -eq "$4" ] ;;
	ne) [ "$2" -ne "$4" ] ;;
	lt) [ "$2" -lt "$4" ] ;;
	le) [ "$2" -le "$4" ] ;;
	gt) [ "$2" -gt "$4" ] ;;
	ge) [ "$2" -ge "$4" ] ;;
	*) false ;;
	esac 2>/dev/null || fail "$1: '$2' is not $3 '$4'"
}

between() { # NAME ACTUAL LOW HIGH
	check "$1" "$2" ge "$3"
	check "$1" "$2" le "$4"
}

near() { # NAME ACTUAL EXPECTED PERMILLE
	check "$1 (within $4/1000 of $3)" "$(($2 * 1000))" ge "$(($3 * (1000 - $4)))"
	check "$1 (within $4/1000 of $3)" "$(($2 * 1000))" le "$(($3 * (1000 + $4)))"
}

collect() { # FILE...
	[ -d "$LIB_COLLECTED" ] || return 0 # at the exit
	for lib_file; do
		# an image of a disk begins with no brace
		[ -f "$lib_file" ] && [ "$(head -c 1 "$lib_file" | tr -d '\0')" = "{" ] || continue
		grep -as '^{"schema":"ioamp.summary/1"' "$lib_file" >"$LIB_COLLECTED/new" || continue
		cmp -s "$LIB_COLLECTED/new" "$LIB_COLLECTED/last" && continue
		mv "$LIB_COLLECTED/new" "$LIB_COLLECTED/last"
		{
			echo "# $lib_file"
			cat "$LIB_COLLECTED/last"
		} >>"$LIB_COLLECTED/all"
	done
}

scratch_before_free() { # DIR: a SCRATCH_TMP; the file system in it is the test's, not read
	for lib_each in "$1"/*; do
		collect "$lib_each"
	done
}

check_collected() {
	# shellcheck disable=SC2153 # R is robust.sh's
	for lib_dir in $SCRATCH_STACK ${R:-}; do
		scratch_before_free "$lib_dir"
	done
	[ -s "$LIB_COLLECTED/all" ] || return 0
	LIB_CHECKS=$((LIB_CHECKS + 1))
	python3 "$LIB_LIVE/invariants.py" --collected "$LIB_COLLECTED/all" >"$LIB_COLLECTED/faults" 2>&1 && return
	fail "summaries of this test: $(wc -l <"$LIB_COLLECTED/faults") things that cannot be"
	head -20 "$LIB_COLLECTED/faults"
	[ -z "${KEEP:-}" ] || cp "$LIB_COLLECTED/all" "$KEEP.collected"
}

stat_run() { # [OPTIONS] -- COMMAND
	SUMMARY=$SCRATCH_TMP/summary.json
	TRUTH=$SCRATCH_TMP/truth.json
	rm -f "$SUMMARY" "$TRUTH"
	"$STAT" -j -o "$SUMMARY" "$@" >"$TRUTH" 2>"$SCRATCH_TMP/stderr"
	lib_status=$?
	collect "$SUMMARY"
	[ "$lib_status" = 0 ] && return
	fail "ioamp-stat $* ended with $lib_status"
	cat "$SCRATCH_TMP/stderr"
	exit 1
}

sum() {
	collect "$SUMMARY"
	json "$1" "$SUMMARY"
}

truth() {
	json "$1" "$TRUTH"
}

row() { # KIND FILTER
	json "[.rows[] | select(.kind == \"$1\") | $2] | add // 0" "$SUMMARY"
}

pid_row() { # PID FILTER
	json "[.rows[] | select(.pid == $1) | $2] | add // 0" "$SUMMARY"
}

# Whether $SUMMARY is complete as far as this test's disks go: while others work, the kernel may count
# bytes of their disk that the tool was not told of (iolayers(7)), and the summary says so.
complete_here() {
	sum ".complete or ([.devices[] | select(.name != \"$SCRATCH_DISK\") | .unexplained_read_bytes,
		.unexplained_write_bytes | select(. != null) | fabs > 4096] | any)"
}

disk_sum() { # FILTER [DISK]
	json ".devices[] | select(.name == \"${2:-$SCRATCH_DISK}\") | $1" "$SUMMARY"
}

milli() {
	json "$1 | if . == null then null else . * 1000 | floor end" "$SUMMARY"
}

invariants() { # [-a] FILE DISK...
	LIB_CHECKS=$((LIB_CHECKS + 1))
	collect "$SUMMARY"
	python3 "$LIB_LIVE/invariants.py" "$@" || fail "invariants of $*; $(sum '
		{complete, incomplete_reason, losses} | tojson')"
}

disk_major_minor() {
	tr : , <"/sys/block/$1/dev"
}

trace_root() {
	for lib_dir in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		[ -d "$lib_dir/events" ] && echo "$lib_dir" && return
	done
	mount -t tracefs none /sys/kernel/tracing 2>/dev/null && echo /sys/kernel/tracing
}

trace_drop() {
	[ -n "$LIB_TRACE" ] || return 0
	echo 0 >"$LIB_TRACE/tracing_on"
	echo 0 >"$LIB_TRACE/events/enable"
	rmdir "$LIB_TRACE"
	LIB_TRACE=
}

trace_start() { # EVENT (as jbd2/jbd2_run_stats) [FILTER]
	lib_root=$(trace_root)
	[ -n "$lib_root" ] || skip "no tracefs here, the truth of this test"
	[ -d "$lib_root/events/$1" ] || skip "this kernel has no tracepoint $1"
	LIB_TRACE=$lib_root/instances/ioamp-test-$$
	mkdir "$LIB_TRACE" || skip "no instance of tracefs can be made"
	scratch_at_exit trace_drop
	echo 8192 >"$LIB_TRACE/buffer_size_kb"
	LIB_EVENT=$1
	if [ -n "${2:-}" ]; then
		echo "$2" >"$LIB_TRACE/events/$1/filter" || scratch_fail "filter $2"
	fi
	echo 1 >"$LIB_TRACE/events/$1/enable"
}

trace_stop() { # FILE
	echo 0 >"$LIB_TRACE/events/$LIB_EVENT/enable"
	grep -v '^#' "$LIB_TRACE/trace" >"$1"
	lib_lost=$(awk '/^(overrun|dropped events):/ { n += $NF } END { print n + 0 }' \
		"$LIB_TRACE"/per_cpu/cpu*/stats)
	check "the kernel's own trace is whole" "$lib_lost" eq 0
	trace_drop
}

need_async() {
	for lib_how in aio-fsync uring-fsync; do
		"$WORKLOAD" $lib_how "$SCRATCH_TMP/async" 1 >/dev/null 2>"$SCRATCH_TMP/why"
		[ $? != 77 ] || skip "$(sed 's/^SKIP: //' "$SCRATCH_TMP/why")"
	done
	rm -f "$SCRATCH_TMP/async"
}

finish() {
	check_collected
	[ "$LIB_FAILED" = 0 ] || echo "$LIB_FAILED of $LIB_CHECKS checks failed"
	[ "$LIB_FAILED" = 0 ] || [ -z "${KEEP:-}" ] || cp "$SUMMARY" "$KEEP"
	[ "$LIB_FAILED" = 0 ]
	exit
}
