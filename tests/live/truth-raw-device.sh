#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A block device without a file system, written by dd with O_DIRECT and through the cache, and
# read back: block devices are application I/O, and nothing is added.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
umount "$SCRATCH_DIR" || scratch_fail umount
written() {
	before=$(dev_stat "$SCRATCH_DISK")
	stat_run -- dd if=/dev/zero "of=$SCRATCH_DEV" bs=1M count=64 ${flag:+oflag=$flag}
	[ "$(sum .losses.recursion)" = 0 ]
}
for flag in direct ''; do
	how=${flag:-buffered}
	# The kernel skips a BPF program that would interrupt another one on the same CPU; the summary
	# counts the skipped runs as a loss.
	tries 3 "$how: no program skipped" written
	check "$how: complete" "$(complete_here)" is true
	after=$(dev_stat "$SCRATCH_DISK")
	size=$(sed -n 's/ bytes .*copied.*//p' "$SCRATCH_TMP/stderr")
	check "$how: dd's own bytes" "$size" eq 67108864
	check "$how: application bytes" "$(sum .totals.application.write.bytes)" eq "$size"
	check "$how: application writes" "$(sum .totals.application.write.ops)" eq 64
	check "$how: dirtied" "$(sum .totals.cache.dirtied_bytes)" eq \
		"$([ -n "$flag" ] && echo 0 || echo "$size")"
	check "$how: the kernel's writes" "$((${after#* } - ${before#* }))" eq "$size"
	check "$how: device" "$(sum .totals.device.write.bytes)" eq "$size"
	check "$how: data" "$(sum .totals.device.write_classes.data)" eq "$size"
	check "$how: factor" "$(sum .totals.amplification.write.bytes)" is 1
	check "$how: factors of the chain" "$(sum '[.totals.amplification.write.chain[].factor] |
		 unique | join(" ")')" is 1
	check "$how: name" \
		"$(sum '[.rows[] | select(.kind == "owner") | .comm] | join(" ")')" is dd
	invariants "$SUMMARY" "$SCRATCH_DISK"
done

before=$(dev_stat "$SCRATCH_DISK")
stat_run -- dd "if=$SCRATCH_DEV" of=/dev/null bs=1M count=64 iflag=direct
after=$(dev_stat "$SCRATCH_DISK")
check "read: the kernel's reads" "$((${after% *} - ${before% *}))" eq 67108864
check "read: device" "$(row owner .device.read.bytes)" eq 67108864
between "read: application bytes" "$(sum .totals.application.read.bytes)" 67108864 "$((67108864 + 16384))"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
