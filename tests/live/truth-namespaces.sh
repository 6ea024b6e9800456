#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In a PID namespace of its own the tool measures what it was asked to, under the numbers that are
# valid there; numbers that mean nobody, or the kernel, are refused with the one to use.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
SUMMARY=$SCRATCH_TMP/summary.json
command -v unshare >/dev/null || skip "unshare is not installed"
unshare -pf --mount-proc true 2>/dev/null || skip "no PID namespace can be made here"

unshare -pf --mount-proc "$STAT" --strict -j -o "$SUMMARY" -- \
	"$WORKLOAD" buffered-write "$SCRATCH_DIR/file" 1 >"$SCRATCH_TMP/truth.json"
check "COMMAND: status" $? eq 0
check "COMMAND: application" "$(sum .totals.application.write.bytes)" eq 1048576
check "COMMAND: data" "$(sum .totals.device.write_classes.data)" eq 1048576
check "COMMAND: its number" "$(sum '[.rows[] | select(.comm == "workload") | .pid] | tostring')" \
	is "[$(json .pid "$SCRATCH_TMP/truth.json")]"
invariants "$SUMMARY" "$SCRATCH_DISK"

# shellcheck disable=SC2016 # for the shell inside
inside='mkfifo "$1/go" "$1/ready"
{ read -r _ <"$1/go"; exec "$3" buffered-write "$2/joined" 2 >/dev/null; } & writer=$!
"$4" -p $writer --duration 2 --ready-fd 3 -j -o "$1/joined.json" 3>"$1/ready" & tool=$!
head -c 1 "$1/ready" >/dev/null
echo >"$1/go"
wait $tool || exit
"$5" --selftest >"$1/selftest"'
unshare -pf --mount-proc sh -c "$inside" sh "$SCRATCH_TMP" "$SCRATCH_DIR" "$WORKLOAD" "$STAT" \
	"$BUILD/bin/ioamp-doctor"
check "inside: self-test and status" $? eq 0
SUMMARY=$SCRATCH_TMP/joined.json
check "inside, -p: application" "$(sum .totals.application.write.bytes)" eq 2097152
check "inside, -p: dirtied" "$(sum .totals.cache.dirtied_bytes)" eq 2097152

refused() { # NAME STATUS CODE COMMAND...
	name=$1 want=$2 code=$3
	shift 3
	"$@" >"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/err"
	check "$name: status" $? eq "$want"
	check "$name: error" "$(grep -c "error $code:" "$SCRATCH_TMP/err")" eq 1
	check "$name: nothing on stdout" "$(wc -c <"$SCRATCH_TMP/out")" eq 0
}

refused "/proc of another namespace" 3 IOAMP-E193 unshare -pf "$STAT" -- true
refused "a kernel thread" 2 IOAMP-E192 "$STAT" -p 2 --duration 1

# a number that only the inside of a namespace has: so high that it is free here
unshare -pf --mount-proc sh -c 'echo 3999990 >/proc/sys/kernel/ns_last_pid 2>/dev/null
	sleep 30 & echo $! >"$0"; wait' "$SCRATCH_TMP/inner" &
soon test -s "$SCRATCH_TMP/inner"
inner=$(cat "$SCRATCH_TMP/inner")
if [ "$inner" -gt 3999000 ]; then
	refused "an inner number" 1 IOAMP-E191 "$STAT" -p "$inner" --duration 1
	outer=$(sed -n 's/^  fix: -p //p' "$SCRATCH_TMP/err")
	check "an inner number: the one to use" "$(tr '\0' ' ' <"/proc/$outer/cmdline")" is "sleep 30 "
	kill "$outer"
else
	echo "not tried: an inner number, for ns_last_pid cannot be written"
fi
kill %% 2>/dev/null
wait

# ---- a process above the namespace has no number there: -a prints the one that it has outside ----
mkfifo "$SCRATCH_TMP/above"
unshare -pf --mount-proc "$STAT" -a --by process -j --ready-fd 3 --duration 1 -o "$SUMMARY" 3>"$SCRATCH_TMP/above" &
tool=$!
head -c 1 "$SCRATCH_TMP/above" >/dev/null
"$WORKLOAD" buffered-write "$SCRATCH_DIR/above" 2 >"$SCRATCH_TMP/truth.json"
wait "$tool"
check "above: status" $? eq 0
check "above: its bytes under its outer number" "$(pid_row "$(json .pid "$SCRATCH_TMP/truth.json")" \
	.application.write.bytes)" eq "$(json .write_bytes "$SCRATCH_TMP/truth.json")"
finish
