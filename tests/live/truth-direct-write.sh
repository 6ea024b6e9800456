#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 64 x 1 MiB O_DIRECT over blocks that exist: nothing is added anywhere, factor 1.00.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
"$WORKLOAD" prepare "$SCRATCH_DIR/f" 64 >/dev/null
sync -f "$SCRATCH_DIR"
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- dd if=/dev/zero "of=$SCRATCH_DIR/f" bs=1M count=64 oflag=direct conv=notrunc
after=$(dev_stat "$SCRATCH_DISK")

written=$(sed -n 's/ bytes .*copied.*//p' "$SCRATCH_TMP/stderr") # dd's own count
check "dd's own bytes" "$written" eq 67108864
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$written"
check "application writes" "$(sum .totals.application.write.ops)" eq 64
check "data at the file system" "$(sum .totals.filesystem.write.data.bytes)" eq "$written"
check "data on the device" "$(sum .totals.device.write_classes.data)" eq "$written"
check "dirtied" "$(sum .totals.cache.dirtied_bytes)" eq 0
check "device" "$(disk_sum .write_bytes)" eq "$((${after#* } - ${before#* }))"
between "factor x 1000" "$(milli .totals.amplification.write.bytes)" 1000 1009
check "the row's name" "$(sum '.rows[0].comm')" is dd
check "unattributed" "$(row unattributed .device.write.bytes)" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"

"$STAT" -- dd if=/dev/zero "of=$SCRATCH_DIR/f" bs=1M count=64 oflag=direct conv=notrunc \
	>"$SCRATCH_TMP/text" 2>/dev/null
check "the text's factor" "$(grep -c '= 1\.00x' "$SCRATCH_TMP/text")" eq 1
finish
