#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --ownership chunk and inode are cheaper. Cancelled and pending bytes are unknown (null); the figures
# of a single writer are still exact.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 512
for how in page chunk inode; do
	stat_run --ownership $how -- "$WORKLOAD" buffered-write "$SCRATCH_DIR/$how" 64
	size=$(truth .write_bytes)
	check "$how: application bytes" "$(sum .totals.application.write.bytes)" eq "$size"
	check "$how: dirtied" "$(sum .totals.cache.dirtied_bytes)" eq "$size"
	check "$how: data of the program" "$(pid_row "$(truth .pid)" .device.write_classes.data)" eq "$size"
	check "$how: unattributed" "$(row unattributed .device.write.bytes)" eq 0
	want=null
	[ $how = page ] && want=0
	check "$how: cancelled" "$(sum .totals.cache.cancelled_bytes)" is $want
	check "$how: pending" "$(sum .totals.cache.pending_bytes)" is $want
	# in rows of others, too; what those have dirty is theirs
	check "$how: null where it is unknown" "$(sum "[.rows[].cache | .cancelled_bytes, .pending_bytes |
		select((. == null) != ($want == null))] | length")" eq 0
	invariants "$SUMMARY" "$SCRATCH_DISK"
done

# Two writers, 3:1, in long stretches: chunks of 256 KiB are small enough to tell them apart.
stat_run --ownership chunk -- "$WORKLOAD" two-writers "$SCRATCH_DIR/two"
for who in big small; do
	near "chunk: $who" "$(pid_row "$(truth .${who}_pid)" .device.write_classes.data)" \
		"$(($(truth .${who}_pages) * 4096))" 10
done
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
