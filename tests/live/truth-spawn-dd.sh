#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1000 dd that live for one write: each has its row, its name and its bytes, although all have ended
# before the data is written. Then 3000 in one window, through a table that has room for half of
# their counters.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
stat_run -- "$WORKLOAD" spawn-dd "$SCRATCH_DIR" 1000
check "processes" "$(truth '.pids | unique | length')" eq 1000
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "application writes" "$(sum .totals.application.write.ops)" eq 1000
check "rows named dd" "$(sum '[.rows[] | select(.comm == "dd")] | length')" eq 1000
check "rows of those pids" "$(sum '[.rows[] | select(.comm == "dd") | .pid] | sort | join(" ")')" is \
	"$(truth '.pids | sort | join(" ")')"
check "rows of dd with their bytes" "$(sum '[.rows[] | select(.comm == "dd" and .kind == "owner" and
	.application.write.bytes == 4096 and .application.interfaces.write.ops == 1 and
	.cache.dirtied_bytes == 4096 and .device.write_classes.data == 4096)] | length')" eq 1000
check "data" "$(sum .totals.device.write_classes.data)" eq "$(truth .write_bytes)"
check "unattributed" "$(row unattributed .device.write.bytes)" eq 0
# of this disk: others may work on others
check "background" "$(($(disk_sum .write_by_kind.background) * 100))" le "$(sum .totals.device.write.bytes)"
invariants "$SUMMARY" "$SCRATCH_DISK"

stat_run --map-size 16384 -- "$WORKLOAD" spawn-dd "$SCRATCH_DIR" 3000
check "3000: tables that were full" "$(sum .losses.map_full)" eq 0
check "3000: rows of dd with their bytes" "$(sum '[.rows[] | select(.comm == "dd" and .kind == "owner" and
	.application.write.bytes == 4096 and .cache.dirtied_bytes == 4096 and
	.device.write_classes.data == 4096)] | length')" eq 3000
check "3000: unattributed" "$(row unattributed .device.write.bytes)" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
