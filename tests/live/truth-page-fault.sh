#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Pages that faults read into the cache, of a mapping and of a program's own file, are application
# reads of interface mmap: an estimate. The faulting process owns the reads of the device.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

command -v fincore >/dev/null || skip "fincore is not installed"
resident() { # FILE
	echo "$(($(fincore -nbo RES "$1")))" # it pads with blanks
}
cold() { # FILE: a page just read may be on its way to the lists still
	for _ in 1 2 3 4 5; do
		dd "if=$1" iflag=nocache count=0 status=none
		[ "$(resident "$1")" = 0 ] && return
	done
	scratch_fail "$1 cannot be dropped from the cache"
}

for fs in ext4 xfs btrfs; do
	scratch_fs_new $fs 256
	"$WORKLOAD" prepare "$SCRATCH_DIR/f" 16 >/dev/null
	cp "$WORKLOAD" "$SCRATCH_DIR/program"
	sync -f "$SCRATCH_DIR"
	cold "$SCRATCH_DIR/f"
	stat_run -- "$WORKLOAD" matrix mmap "$SCRATCH_DIR/f" --read
	pid=$(truth .pid)
	check "$fs mapping: the workload's own bytes" "$(truth .read_bytes)" eq 16777216
	near "$fs mapping: interface mmap" "$(pid_row "$pid" '.application.interfaces.mmap.bytes // 0')" 16777216 5
	check "$fs mapping: is an estimate" "$(pid_row "$pid" '.application.interfaces.mmap.estimate |
		tostring')" is true
	near "$fs mapping: data read" "$(pid_row "$pid" .filesystem.read.data.bytes)" 16777216 5
	check "$fs mapping: device reads" "$(pid_row "$pid" .device.read.bytes)" ge 16777216
	check "$fs mapping: device reads, in part" "$(($(pid_row "$pid" .device.read.bytes) * 100))" ge \
		"$(($(disk_sum .kernel_read_bytes) * 97))"
	invariants "$SUMMARY" "$SCRATCH_DISK"

	cold "$SCRATCH_DIR/program"
	stat_run -- "$SCRATCH_DIR/program" prepare "$SCRATCH_DIR/g" 1
	filled=$(resident "$SCRATCH_DIR/program")
	pid=$(truth .pid)
	check "$fs program: pages are in the cache" "$filled" gt 4096
	check "$fs program: data read" "$(pid_row "$pid" .filesystem.read.data.bytes)" eq "$filled"
	check "$fs program: device reads" "$(pid_row "$pid" .device.read.bytes)" ge "$filled"
	between "$fs program: interface mmap" "$(pid_row "$pid" '.application.interfaces.mmap.bytes // 0')" \
		4096 "$filled"
	invariants "$SUMMARY" "$SCRATCH_DISK"
	scratch_fs_free
done
finish
