#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --by device: one row per level with its own counter; only leaves carry `device`, and the
# totals add leaves. Two disks and a loop device on a file of one of them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
leaf1=$SCRATCH_DISK
dir1=$SCRATCH_DIR
scratch_fs_new ext4 64
leaf2=$SCRATCH_DISK
dir2=$SCRATCH_DIR
# shellcheck disable=SC2034 # scratch.sh reads it
SCRATCH_BACKING=$dir1
scratch_fs_new ext4 128
upper=$SCRATCH_DISK
sync -f "$dir1"

of() { # DISK FILTER
	json ".rows[] | select(.disk == \"$1\") | $2" "$SUMMARY"
}
for disk in "$leaf1" "$leaf2" "$upper"; do
	dev_stat "$disk" >"$SCRATCH_TMP/before-$disk"
done
stat_run --by device -- sh -c "\"$WORKLOAD\" append-fsync \"$dir2/f\" 97 100
	\"$WORKLOAD\" append-fsync \"$SCRATCH_DIR/f\" 199 100"
for disk in "$leaf1" "$leaf2" "$upper"; do
	read -r _ before <"$SCRATCH_TMP/before-$disk"
	after=$(dev_stat "$disk")
	check "$disk: the kernel's writes" "$(disk_sum ".write_bytes" "$disk")" eq \
		"$((${after#* } - before))"
	check "$disk: rows" "$(sum "[.rows[] | select(.disk == \"$disk\")] | length")" eq 1
	check "$disk: block" "$(of "$disk" '.block.write.bytes')" le "$((${after#* } - before))"
done
check "by" "$(sum '[.rows[].by] | unique | join(" ")')" is device
for disk in "$leaf1" "$leaf2"; do
	check "$disk: leaf" "$(disk_sum ".leaf" "$disk")" is true
	check "$disk: its row has device" "$(of "$disk" '.device.write.bytes')" eq \
		"$(disk_sum ".write_bytes" "$disk")"
done
check "$upper: leaf" "$(disk_sum ".leaf" "$upper")" is false
check "$upper: its row has no device" "$(of "$upper" .device)" is null
check "$upper: block is its counter" "$(of "$upper" .block.write.bytes)" eq \
	"$(disk_sum ".write_bytes" "$upper")"
check "$upper is above $leaf1" "$(disk_sum '.parents | join(" ")' "$leaf1")" is "$upper"
check "totals add leaves" "$(sum .totals.device.write.bytes)" eq \
	"$(sum '[.devices[] | select(.leaf) | .write_bytes] | add')"
invariants "$SUMMARY" "$leaf1" "$leaf2" "$upper"
finish
