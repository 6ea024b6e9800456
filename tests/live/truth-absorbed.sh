#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes that need not reach the disk: 997 writes of one page, and 8 MiB that are unlinked while
# dirty. The tool prints factors far below 1.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- "$WORKLOAD" rewrite-page "$SCRATCH_DIR/f" 997
after=$(dev_stat "$SCRATCH_DISK")
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$((997 * 4096))"
check "application writes" "$(sum .totals.application.write.ops)" eq "$(truth .write_ops)"
check "syncs" "$(sum .totals.application.sync.ops)" eq 1
check "dirtied" "$(sum .totals.cache.dirtied_bytes)" eq 4096
check "data on the device" "$(sum .totals.device.write_classes.data)" eq 4096
between "device" "$(sum .totals.device.write.bytes)" 4096 "$((${after#* } - ${before#* }))"
between "factor x 1000" "$(milli .totals.amplification.write.bytes)" 1 99
invariants "$SUMMARY" "$SCRATCH_DISK"

"$STAT" -- "$WORKLOAD" rewrite-page "$SCRATCH_DIR/g" 997 >"$SCRATCH_TMP/text" 2>/dev/null
check "the text's factor" "$(grep -cE '= 0\.0[0-9]x|application -> cache 0\.00x' "$SCRATCH_TMP/text")" ge 1

before=$(dev_stat "$SCRATCH_DISK")
stat_run -- "$WORKLOAD" write-unlink "$SCRATCH_DIR/u" 8
after=$(dev_stat "$SCRATCH_DISK")
check "the workload's own figure" "$(truth .cancelled_bytes)" eq 8388608
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "dirtied" "$(sum .totals.cache.dirtied_bytes)" eq 8388608
check "cancelled" "$(sum .totals.cache.cancelled_bytes)" eq 8388608
check "pending" "$(sum .totals.cache.pending_bytes)" eq 0
check "data on the device" "$(sum .totals.device.write_classes.data)" eq 0
check "the kernel's writes" "$((${after#* } - ${before#* }))" lt 838860
check "factor x 1000" "$(milli .totals.amplification.write.bytes)" lt 100
invariants "$SUMMARY"
finish
