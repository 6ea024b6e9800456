#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# -p PID on a running program: its figures alone, exactly; without its children.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
SUMMARY=$SCRATCH_TMP/summary.json
TRUTH=$SCRATCH_TMP/truth.json
mkfifo "$SCRATCH_TMP/go" "$SCRATCH_TMP/ready"
"$WORKLOAD" --go-fd 7 append-fsync "$SCRATCH_DIR/f" 997 100 7<>"$SCRATCH_TMP/go" >"$TRUTH" &
pid=$!
scratch_at_exit scratch_kill "$pid"
until grep -q '^State:.S' "/proc/$pid/status"; do :; done
"$STAT" -j -o "$SUMMARY" -p "$pid" --duration 5 --ready-fd 9 9<>"$SCRATCH_TMP/ready" &
tool=$!
dd bs=1 count=1 status=none <"$SCRATCH_TMP/ready" >/dev/null
"$WORKLOAD" append-fsync "$SCRATCH_DIR/outside" 101 100 >/dev/null
echo >"$SCRATCH_TMP/go"
wait "$pid"
wait "$tool"
check "status" "$?" eq 0
check "rows of owners" "$(sum '[.rows[] | select(.kind == "owner") | .pid] | join(" ")')" is "$pid"
check "name of the exited process" "$(sum ".rows[] | select(.pid == $pid) | .comm")" is workload
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "application writes" "$(sum .totals.application.write.ops)" eq "$(truth .write_ops)"
check "application reads" "$(sum .totals.application.read.ops)" eq 0
check "syncs" "$(sum .totals.application.sync.ops)" eq "$(truth .syncs)"
check "interfaces" "$(sum '.totals.application.interfaces | keys | join(" ")')" is "fsync write"
between "data" "$(sum .totals.device.write_classes.data)" "$((997 * 4096))" "$((997 * 4096 + 25 * 4096))"
check "the outside program" "$(row outside .application.sync.ops)" ge 101
check "duration in ms" "$(milli .duration_s)" le 5500
check "command" "$(sum .command)" is null
invariants "$SUMMARY" "$SCRATCH_DISK"

# a shell that does nothing but have children: they are not counted
sh -c "read -r line; \"$WORKLOAD\" append-fsync \"$SCRATCH_DIR/child\" 11 100; read -r line" \
	<>"$SCRATCH_TMP/go" >"$TRUTH" &
pid=$!
"$STAT" -j -o "$SUMMARY" -p "$pid" --duration 1s --ready-fd 9 9<>"$SCRATCH_TMP/ready" &
tool=$!
dd bs=1 count=1 status=none <"$SCRATCH_TMP/ready" >/dev/null
echo >"$SCRATCH_TMP/go"
wait "$tool"
check "children: status" "$?" eq 0
between "children: duration in ms" "$(milli .duration_s)" 990 1500
check "children: it wrote in that time" "$(truth .write_ops)" eq 11
echo >"$SCRATCH_TMP/go"
wait "$pid"
check "children: not in the totals" "$(sum .totals.application.write.bytes)" eq 0
check "children: outside" "$(row outside .application.sync.ops)" ge 11
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
