#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A FUSE file system over ext4: the client's bytes are exact. With -a they count once: the daemon's
# writes for its clients are in the daemon's row and in no total.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
export FUSE_SERVER=1 # for invariants.py: the daemon's rows are in no total

command -v bindfs >/dev/null || skip "bindfs is not installed"
[ -e /dev/fuse ] || modprobe -q fuse 2>/dev/null
[ -e /dev/fuse ] || skip "this kernel has no FUSE"
scratch_fs_new ext4 512
mkdir "$SCRATCH_DIR/below" "$SCRATCH_TMP/over"
bindfs -f "$SCRATCH_DIR/below" "$SCRATCH_TMP/over" >"$SCRATCH_TMP/bindfs" 2>&1 &
daemon=$!
scratch_at_exit wait "$daemon"
scratch_at_exit umount "$SCRATCH_TMP/over"
until mountpoint -q "$SCRATCH_TMP/over"; do
	kill -0 "$daemon" 2>/dev/null || skip "bindfs: $(tail -1 "$SCRATCH_TMP/bindfs")"
done
sync -f "$SCRATCH_DIR"

client() { # NAME
	check "$1: the client's writes" "$(pid_row "$(truth .pid)" .application.write.ops)" eq "$(truth .write_ops)"
	check "$1: the client's bytes" "$(pid_row "$(truth .pid)" .application.write.bytes)" eq "$(truth .write_bytes)"
	check "$1: its interface" "$(pid_row "$(truth .pid)" '.application.interfaces.write.bytes // 0')" eq \
		"$(truth .write_bytes)"
}

stat_run -- "$WORKLOAD" matrix write "$SCRATCH_TMP/over/a" --sync
client "command"
check "command: bytes in all" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "command: the kernel's writes are there" "$(disk_sum .write_bytes)" ge "$(truth .write_bytes)"
invariants "$SUMMARY" "$SCRATCH_DISK"

stat_run -a -- "$WORKLOAD" matrix write "$SCRATCH_TMP/over/b" --sync
client "all"
check "all: the daemon's own calls" "$(pid_row "$daemon" .application.write.bytes)" ge "$(truth .write_bytes)"
check "all: totals without the daemon" "$(sum .totals.application.write.bytes)" eq \
	"$(sum "[.rows[] | select(.pid != $daemon) | .application.write.bytes] | add")"
near "all: data on the device, the daemon's" "$(pid_row "$daemon" .device.write_classes.data)" \
	"$(truth .write_bytes)" 5
check "all: the rows are the disks" "$(sum '[.rows[].device.write.bytes] | add')" eq \
	"$(sum '[.devices[] | select(.leaf) | .write_bytes] | add')"
check "all: unexplained" "$(disk_sum .unexplained_write_bytes)" eq 0
finish
