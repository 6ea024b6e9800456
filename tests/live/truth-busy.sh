#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The tool starts while others write without pause: nothing may be lost between the first probe
# and the last, no other program may become an owner, and the disk's counter still agrees.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 512
others() {
	while :; do
		dd if=/dev/zero "of=$SCRATCH_DIR/$1" bs=256k count=40 conv=fsync 2>/dev/null
		dd if=/dev/zero "of=$SCRATCH_DIR/$1-sync" bs=4k count=50 oflag=dsync 2>/dev/null
	done
}
others a &
pids=$!
others b &
pids="$pids $!"
# shellcheck disable=SC2086 # words
scratch_at_exit scratch_kill $pids
for _ in 1 2 3; do
	stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 97 100
	check "owners" "$(sum '[.rows[] | select(.kind == "owner") | .pid] | join(" ")')" is "$(truth .pid)"
	check "application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
	check "data" "$(sum .totals.device.write_classes.data)" ge "$((97 * 4096))"
	check "outside" "$(row outside .device.write.bytes)" gt 0
	check "complete" "$(complete_here)" is true
	check "losses" "$(sum '[.losses[]] | add')" eq 0
	# A request that completes at an end of the window may be in one of the two counters only.
	check "unexplained, in parts of 1000" \
		"$(disk_sum '.unexplained_write_bytes * 1000 | fabs')" le "$(disk_sum .kernel_write_bytes)"
	invariants "$SUMMARY"
done
finish
