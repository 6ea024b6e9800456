#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two processes write disjoint parts of one file; the one with a quarter of it writes that four
# times: 3:4 by system calls, 3:1 on the device.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
stat_run -- "$WORKLOAD" two-writers "$SCRATCH_DIR/f"
big=$(truth .big_pid)
small=$(truth .small_pid)
for who in big small; do
	pid=$(truth .${who}_pid)
	bytes=$(($(truth .${who}_pages) * 4096))
	check "$who: application bytes" "$(pid_row "$pid" .application.write.bytes)" eq \
		"$(truth .${who}_write_bytes)"
	check "$who: dirtied" "$(pid_row "$pid" .cache.dirtied_bytes)" eq "$bytes"
	check "$who: data on the device" "$(pid_row "$pid" .device.write_classes.data)" eq "$bytes"
	near "$who: device" "$(pid_row "$pid" .device.write.bytes)" "$bytes" 10
	check "$who: name" "$(sum ".rows[] | select(.pid == $pid) | .comm")" is workload
done
near "3:1 on the device" "$(pid_row "$big" .device.write.bytes)" \
	"$((3 * $(pid_row "$small" .device.write.bytes)))" 10
check "3:4 by system calls" "$(($(pid_row "$big" .application.write.bytes) * 4))" eq \
	"$(($(pid_row "$small" .application.write.bytes) * 3))"
check "application bytes in all" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
