#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same two programs, seen twice: with COMMAND alone the other one is `outside`; with
# -a -- COMMAND it has its row, and the totals are the sum of all rows.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
mkfifo "$SCRATCH_TMP/go" "$SCRATCH_TMP/done"
cat >"$SCRATCH_TMP/both" <<END
echo >"$SCRATCH_TMP/go"
read -r line <"$SCRATCH_TMP/done"
exec "$WORKLOAD" append-fsync "$SCRATCH_DIR/mine" 97 100
END
other() { # FILE: waits for COMMAND, writes, tells it
	"$WORKLOAD" --go-fd 7 append-fsync "$SCRATCH_DIR/$1" 203 100 7<"$SCRATCH_TMP/go" >"$SCRATCH_TMP/other"
	echo >"$SCRATCH_TMP/done"
}

other a &
stat_run -- sh "$SCRATCH_TMP/both"
wait
pid=$(json .pid "$SCRATCH_TMP/other")
check "command: application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "command: syncs" "$(sum .totals.application.sync.ops)" eq "$(truth .syncs)"
check "command: outside" "$(row outside .application.write.bytes)" ge \
	"$(json .write_bytes "$SCRATCH_TMP/other")"
check "command: rows of the other" "$(sum "[.rows[] | select(.pid == $pid)] | length")" eq 0
check "command: owners beside the target" "$(sum '[.rows[] | select(.kind == "owner") | .comm] |
	unique - ["sh", "workload"] | length')" eq 0
check "command: outside on the device" "$(row outside .device.write_classes.data)" ge "$((203 * 4096))"
invariants "$SUMMARY" "$SCRATCH_DISK"

other b &
stat_run -a -- sh "$SCRATCH_TMP/both"
wait
pid=$(json .pid "$SCRATCH_TMP/other")
mine=$(truth .pid)
for p in "$mine" "$pid"; do
	[ "$p" = "$mine" ] || TRUTH=$SCRATCH_TMP/other
	check "all: $p: application bytes" "$(pid_row "$p" .application.write.bytes)" eq "$(truth .write_bytes)"
	check "all: $p: syncs" "$(pid_row "$p" .application.sync.ops)" eq "$(truth .syncs)"
	check "all: $p: data" "$(pid_row "$p" .device.write_classes.data)" ge "$(($(truth .write_ops) * 4096))"
	check "all: $p: kind" "$(sum ".rows[] | select(.pid == $p) | .kind")" is owner
done
check "all: outside" "$(sum '[.rows[] | select(.kind == "outside")] | length')" eq 0
check "all: totals are all rows" "$(sum .totals.device.write.bytes)" eq \
	"$(sum '[.rows[].device.write.bytes] | add')"
check "all: status" "$(sum .command.exit_status)" eq 0
invariants -a "$SUMMARY" "$SCRATCH_DISK"
finish
