#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 16 MiB through an overlay whose layers lie on ext4, buffered and direct: once at the
# application, once at the file system, and the program's.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

grep -qw overlay /proc/filesystems || modprobe -q overlay 2>/dev/null
grep -qw overlay /proc/filesystems || skip "this kernel has no overlayfs"
scratch_fs_new ext4 512
mkdir "$SCRATCH_DIR/upper" "$SCRATCH_DIR/lower" "$SCRATCH_DIR/work" "$SCRATCH_DIR/over"
"$WORKLOAD" prepare "$SCRATCH_DIR/lower/below" 16 >/dev/null
mount -t overlay overlay -o "lowerdir=$SCRATCH_DIR/lower,upperdir=$SCRATCH_DIR/upper,workdir=$SCRATCH_DIR/work" \
	"$SCRATCH_DIR/over" || skip "an overlay cannot be mounted here"
over=$SCRATCH_DIR/over
scratch_at_exit umount "$over"
cat >"$SCRATCH_TMP/script" <<END
$WORKLOAD matrix write $over/buffered >$SCRATCH_TMP/buffered || exit
$WORKLOAD matrix pwrite $over/direct --direct >$SCRATCH_TMP/direct || exit
$WORKLOAD matrix write $over/below --read >$SCRATCH_TMP/below || exit
END
sync -f "$SCRATCH_DIR"
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- sh "$SCRATCH_TMP/script"
after=$(dev_stat "$SCRATCH_DISK")
for name in buffered direct; do
	TRUTH=$SCRATCH_TMP/$name
	pid=$(truth .pid)
	check "$name: application bytes" "$(pid_row "$pid" .application.write.bytes)" eq "$(truth .write_bytes)"
	check "$name: application writes" "$(pid_row "$pid" .application.write.ops)" eq "$(truth .write_ops)"
	near "$name: data at the file system" "$(pid_row "$pid" .filesystem.write.data.bytes)" 16777216 5
	near "$name: data on the device" "$(pid_row "$pid" .device.write_classes.data)" 16777216 5
done
check "buffered: dirtied" "$(pid_row "$(json .pid "$SCRATCH_TMP/buffered")" .cache.dirtied_bytes)" eq 16777216
TRUTH=$SCRATCH_TMP/below
pid=$(truth .pid)
between "below: application bytes" "$(pid_row "$pid" .application.read.bytes)" 16777216 $((16777216 + 16384))
near "below: data read" "$(pid_row "$pid" .filesystem.read.data.bytes)" 16777216 5
check "writes in all" "$(sum .totals.application.write.bytes)" eq 33554432
near "data in all" "$(sum .totals.filesystem.write.data.bytes)" 33554432 5
check "the kernel's writes" "$(disk_sum .write_bytes)" eq "$((${after#* } - ${before#* }))"
check "unattributed" "$(disk_sum .write_by_kind.unattributed)" eq 0
near "owned" "$(disk_sum .write_by_kind.owner)" "$(disk_sum .write_bytes)" 10
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
