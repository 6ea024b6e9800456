#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A kernel thread queues O_DIRECT writes that blkio's throttle delayed. The process that made them
# owns them: system calls, libaio, io_uring.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

blkio=/sys/fs/cgroup/blkio
[ -e "$blkio/blkio.throttle.write_iops_device" ] || skip "no blkio hierarchy of version 1 to throttle with"
command -v fio >/dev/null || skip "fio is not installed"
scratch_fs_new ext4 256
group=$blkio/ioamp-test-$$
mkdir "$group" || skip "no group can be made"
scratch_at_exit rmdir "$group"
echo "$(cat "/sys/block/$SCRATCH_DISK/dev") 50" >"$group/blkio.throttle.write_iops_device" ||
	skip "this kernel throttles no such disk"
dd if=/dev/zero "of=$SCRATCH_DIR/f" bs=64k count=23 status=none
sync -f "$SCRATCH_DIR"

held() { # NAME COMMAND: 23 requests of 64 KiB at 50 a second
	name=$1
	shift
	before=$(dev_stat "$SCRATCH_DISK")
	stat_run -d "$SCRATCH_DISK" -- sh -c "echo \$\$ >$group/cgroup.procs && exec $*"
	after=$(dev_stat "$SCRATCH_DISK")
	wrote=$((${after#* } - ${before#* }))
	check "$name: it was held back" "$(milli .duration_s)" ge 300
	check "$name: data on the device" "$(sum '[.rows[].device.write_classes.data] | add')" ge 1507328
	check "$name: owned, per mille" "$(($(row owner .device.write.bytes) * 1000 / wrote))" ge 990
	check "$name: of a kernel thread" "$(row background .device.write.bytes)" lt 16384
	invariants "$SUMMARY" "$SCRATCH_DISK"
}

fio="fio --name=j --filename=$SCRATCH_DIR/f --size=1472k --bs=64k --rw=write --direct=1 --overwrite=1"
fio="$fio --fallocate=none --iodepth=4 --output=/dev/null"
held "system calls" "dd if=/dev/zero of=$SCRATCH_DIR/f bs=64k count=23 oflag=direct conv=notrunc status=none"
if [ -d /sys/kernel/tracing/events/filemap ] && ! grep -q iomap_dio_rw_begin /sys/kernel/tracing/available_events; then
	echo "libaio: this kernel does not tell who submits (before 6.12)"
else
	held libaio "$fio --ioengine=libaio"
fi
need_async io_uring
held io_uring "$fio --ioengine=io_uring"
finish
