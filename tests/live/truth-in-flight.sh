#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is still on its way when a program has ended. Its reads go through a loop device to a disk that a
# throttle makes slow: they are waited for, and if that takes too long they stand as in_flight.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

blkio=/sys/fs/cgroup/blkio
[ -e "$blkio/blkio.throttle.read_bps_device" ] || skip "no blkio hierarchy of version 1 to throttle with"
scratch_fs_new ext4 256
lower=$SCRATCH_DISK lower_dir=$SCRATCH_DIR
# shellcheck disable=SC2034 # scratch.sh reads it
SCRATCH_BACKING=$SCRATCH_DIR
scratch_fs_new ext4 128
upper=$SCRATCH_DISK
dd if=/dev/zero of="$SCRATCH_DIR/f" bs=1M count=8 conv=fsync status=none
sync -f "$lower_dir"
group=$blkio/ioamp-test-$$
mkdir "$group" || skip "no group can be made"
scratch_at_exit rmdir "$group"

throttle() { # BYTES-A-SECOND; 0: none
	echo "$(cat "/sys/block/$lower/dev") $1" >"$group/blkio.throttle.read_bps_device"
}
# Drops what is cached of the file, asks for the whole of it, and ends: the kernel goes on.
ahead='import os, sys
f = os.open(sys.argv[1], os.O_RDONLY)
for at in range(0, 8 << 20, 1 << 20):
    os.posix_fadvise(f, at, 1 << 20, os.POSIX_FADV_WILLNEED)'
read_ahead() {
	echo 3 >/proc/sys/vm/drop_caches
	# shellcheck disable=SC2016 # for the inner shell
	stat_run -- sh -c 'echo $$ >"$0/cgroup.procs" && exec python3 -c "$1" "$2"' "$group" "$ahead" "$SCRATCH_DIR/f"
}

throttle 1048576 || skip "this kernel throttles no such disk"
scratch_at_exit throttle 0
read_ahead
in_flight=$(sum .totals.device.in_flight.read)
done=$(disk_sum .read_bytes "$upper")
# the interpreter and its libraries come from the root disk, and are read at once
queued=$(json ".rows[] | select(.comm == \"python3\") | .block.read.bytes" "$SUMMARY")
check "waited for two seconds" "$(milli .settle_s)" ge 1900
between "in flight of 8 MiB at 1 MiB a second" "$in_flight" 65536 8388608
between "in flight, and completed by the disk above" "$((in_flight + done))" 8388608 8650752
check "no more than was queued" "$in_flight" le "$queued"
check "complete" "$(sum .complete)" is false
check "reason" "$(sum .incomplete_reason)" is "$in_flight bytes were queued and no disk has completed them yet"
throttle 0

read_ahead
check "a quick disk: in flight" "$(sum .totals.device.in_flight.read)" eq 0
between "a quick disk: completed" "$(disk_sum .read_bytes "$upper")" 8388608 8650752
finish
