#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Dirty bytes at the end: pending with --settle none; 0 with --settle wait after the data is written;
# pending again when wait gives up. The truth is the file's size and the disk's counter, because
# /proc/meminfo counts the whole machine.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 512
before=$(dev_stat "$SCRATCH_DISK")
stat_run --settle none -- "$WORKLOAD" buffered-write "$SCRATCH_DIR/f" 64
after=$(dev_stat "$SCRATCH_DISK")
size=$(truth .write_bytes)
check "none: the workload's own bytes" "$size" eq 67108864
check "none: the kernel's writes" "$((${after#* } - ${before#* }))" lt "$((size / 100))"
check "none: dirtied" "$(sum .totals.cache.dirtied_bytes)" eq "$size"
check "none: pending" "$(sum .totals.cache.pending_bytes)" eq "$size"
check "none: device" "$(sum .totals.device.write.bytes)" lt "$((size / 100))"
check "none: settling in ms" "$(milli .settle_s)" le 200
invariants "$SUMMARY"
sync -f "$SCRATCH_DIR"

# A file that is truncated and written anew is flushed at close (ext4's auto_da_alloc): it is
# in writeback, or written, when the program ends.
stat_run --settle wait -- "$WORKLOAD" buffered-write "$SCRATCH_DIR/f" 64
check "wait: dirtied" "$(sum .totals.cache.dirtied_bytes)" eq "$size"
check "wait: pending" "$(sum .totals.cache.pending_bytes)" eq 0
check "wait: data" "$(sum .totals.device.write_classes.data)" eq "$size"
invariants "$SUMMARY" "$SCRATCH_DISK"

stat_run --settle wait:1s -- "$WORKLOAD" buffered-write "$SCRATCH_DIR/g" 64
check "wait:1s: pending" "$(sum .totals.cache.pending_bytes)" eq "$size"
between "wait:1s: settling in ms" "$(milli .settle_s)" 990 1500
invariants "$SUMMARY"

# other disks' background is not this test's
stat_run -d "$SCRATCH_DISK" --settle sync -- "$WORKLOAD" buffered-write "$SCRATCH_DIR/h" 64
check "sync: pending" "$(sum .totals.cache.pending_bytes)" eq 0
check "sync: data" "$(sum .totals.device.write_classes.data)" eq "$size"
check "sync: what was dirty before is not the program's" "$(sum .totals.application.write.bytes)" eq "$size"
check "sync: it is background" "$(row background .device.write_classes.data)" eq "$size"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
