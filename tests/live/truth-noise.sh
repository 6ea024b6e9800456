#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 2 million writes and reads of pipes, sockets and eventfds, procfs, sysfs and tmpfs files:
# none of it is application I/O. One write of 4099 bytes to a file is.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 64
stat_run -- "$WORKLOAD" noise "$SCRATCH_DIR/f"
check "noise made" "$(truth .noise_ops)" eq 2000000
check "the workload's own bytes" "$(truth .write_bytes)" eq 4099
check "file size" "$(stat -c %s "$SCRATCH_DIR/f")" eq 4099
check "application bytes written" "$(sum .totals.application.write.bytes)" eq 4099
check "application writes" "$(sum .totals.application.write.ops)" eq 1
check "application syncs" "$(sum .totals.application.sync.ops)" eq 0
check "application bytes read: the loader's" "$(sum .totals.application.read.bytes)" le 16384
check "application reads: the loader's" "$(sum .totals.application.read.ops)" le 16
check "dirtied" "$(sum .totals.cache.dirtied_bytes)" eq 8192
check "data on the device" "$(sum .totals.device.write_classes.data)" eq 8192
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
