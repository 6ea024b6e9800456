#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1000 x (append 100 B + fsync) on a loop device whose image lies on a disk: 167x at the block
# layer, about twice that on the disk, counted once, and all of it the program's.
# First on a disk of the test's own (a second loop device), where the disk's counter is the
# truth to the byte; then on the disk of SCRATCH_BACKING or /var/tmp, which others use, too.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

common() { # NAME LOOP DISK
	check "$1: application bytes" "$(sum .totals.application.write.bytes)" eq 100000
	between "$1: block factor x 1000" \
		"$(sum '.totals | .block.write.bytes * 1000 / .application.write.bytes | floor')" 160000 175000
	near "$1: block is the loop device's own counter" \
		"$(sum '[.rows[] | select(.kind == "owner") | .block.write.bytes] | add')" \
		"$(disk_sum .kernel_write_bytes "$2")" 10
	check "$1: the loop device is no leaf" "$(disk_sum .leaf "$2")" is false
	check "$1: the disk is a leaf" "$(disk_sum .leaf "$3")" is true
	check "$1: the loop device is above it" "$(disk_sum ".parents | contains([\"$2\"])" "$3")" is true
	check "$1: loop device unexplained" "$(disk_sum .unexplained_write_bytes "$2")" eq 0
	check "$1: device is counted once" "$(sum '[.rows[].device.write.bytes] | add')" eq \
		"$(sum '[.devices[] | select(.leaf) | .write_bytes] | add')"
	check "$1: rows of kernel threads" "$(sum '[.rows[] |
		 select((.comm // "") | test("^(kworker|loop|jbd2)"))] | length')" eq 0
	check "$1: shares" "$(sum .totals.device.shared_bytes)" le "$(sum .totals.device.write.bytes)"
}

# the lower file system without a journal, as on many virtual machines' root disks
scratch_fs_new ext4-nojournal 512
disk=$SCRATCH_DISK
SCRATCH_BACKING_WAS=${SCRATCH_BACKING:-${TMPDIR:-/var/tmp}}
# shellcheck disable=SC2034 # scratch.sh reads it
SCRATCH_BACKING=$SCRATCH_DIR
lower=$SCRATCH_DIR
scratch_fs_new ext4 256
sync -f "$lower"
before=$(dev_stat "$disk")
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 1000 100
after=$(dev_stat "$disk")
total=$((${after#* } - ${before#* }))
common own "$SCRATCH_DISK" "$disk"
check "own: the disk's own counter" "$(disk_sum .write_bytes "$disk")" eq "$total"
between "own: the disk's counter, x 1000 of the application's" "$((total / 100))" 165000 500000
near "own: all of the disk's bytes are the program's" "$(row owner .device.write.bytes)" "$total" 20
invariants "$SUMMARY" "$SCRATCH_DISK" "$disk"

SCRATCH_BACKING=$SCRATCH_BACKING_WAS
dev=$(stat -c %d "$SCRATCH_BACKING")
sys=$(readlink -f "/sys/dev/block/$((dev >> 8)):$((dev & 255))") || sys=
[ -e "$sys/partition" ] && sys=${sys%/*}
case $sys in
*/virtual/* | '')
	echo "no plain disk behind $SCRATCH_BACKING: that half is left out"
	finish
	;;
esac
disk=${sys##*/}
scratch_fs_new ext4 256
sync -f "$SCRATCH_BACKING"
before=$(dev_stat "$disk")
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 1000 100
after=$(dev_stat "$disk")
common "$disk" "$SCRATCH_DISK" "$disk"
check "$disk: not more than its own counter" "$(disk_sum .write_bytes "$disk")" le \
	"$((${after#* } - ${before#* }))"
check "$disk: unexplained" "$(disk_sum '.unexplained_write_bytes | fabs' "$disk")" le \
	"$(disk_sum '.kernel_write_bytes / 100 | floor' "$disk")"
between "$disk: factor x 1000" "$(milli .totals.amplification.write.bytes)" 300000 360000
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
