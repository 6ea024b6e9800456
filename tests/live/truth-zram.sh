#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ext4 on zram beside ext4 on a disk. Our figure of zram is zram's own counter, and its bytes have an
# owner. The device bytes of the rows and of the machine are those of the disk alone.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
[ -e /sys/class/zram-control/hot_add ] || modprobe -q zram 2>/dev/null
read -r number 2>/dev/null </sys/class/zram-control/hot_add || skip "this kernel has no zram, or gives none"
zram=zram$number
mount=$SCRATCH_TMP/zram
zram_reset() {
	echo 1 >"/sys/block/$zram/reset"
}
zram_free() {
	scratch_umount "$mount"
	soon zram_reset # a mount namespace that was made meanwhile may hold it still
	echo "$number" >/sys/class/zram-control/hot_remove
}
scratch_at_exit zram_free
echo 128M >"/sys/block/$zram/disksize" || skip "no zram of 128 MB can be had"
soon test -b "/dev/$zram" || scratch_fail "/dev/$zram does not come"
scratch_mkfs ext4 "/dev/$zram" || scratch_fail "mkfs on $zram failed"
mkdir "$mount"
mount -o noatime "/dev/$zram" "$mount" || scratch_fail "$zram cannot be mounted"
"$WORKLOAD" prepare "$mount/d" 8 >/dev/null
"$WORKLOAD" prepare "$mount/r" 8 >/dev/null
sync -f "$mount"

cat >"$SCRATCH_TMP/work" <<END
"$WORKLOAD" append-fsync "$mount/a" 997 100
"$WORKLOAD" direct-write "$mount/d" 8
"$WORKLOAD" buffered-write "$mount/b" 16
"$WORKLOAD" seq-read "$mount/r" --drop
"$WORKLOAD" append-fsync "$SCRATCH_DIR/a" 97 100
END
zram_before=$(dev_stat "$zram")
disk_before=$(dev_stat "$SCRATCH_DISK")
stat_run -- sh "$SCRATCH_TMP/work"
zram_after=$(dev_stat "$zram")
disk_after=$(dev_stat "$SCRATCH_DISK")
wrote=$((${zram_after#* } - ${zram_before#* }))
read=$((${zram_after% *} - ${zram_before% *}))

check "$zram: it wrote" "$wrote" gt $((997 * 4096 + (24 << 20)))
check "$zram: the kernel's writes" "$(disk_sum .kernel_write_bytes "$zram")" eq "$wrote"
check "$zram: writes" "$(disk_sum .write_bytes "$zram")" eq "$wrote"
check "$zram: reads" "$(disk_sum .read_bytes "$zram")" eq "$read"
check "$zram: leaf" "$(disk_sum .leaf "$zram")" is true
check "$zram: parents" "$(disk_sum '.parents | length' "$zram")" eq 0
owned=$(disk_sum .write_by_kind.owner "$zram")
near "$zram: the programs' own" "${owned:-0}" "$wrote" 30
check "totals: device writes are the disk's" "$(sum .totals.device.write.bytes)" eq \
	"$(disk_sum .write_by_kind.owner)"
check "$SCRATCH_DISK: writes" "$(disk_sum .write_bytes)" eq "$((${disk_after#* } - ${disk_before#* }))"
for n in 1 2 3 4; do
	# one JSON line a program, in the order of the script
	pid=$(sed -n "${n}p" "$TRUTH" | jq .pid)
	what=$(sed -n "${n}p" "$TRUTH" | jq -r .op)
	check "$what: device writes" "$(pid_row "$pid" .device.write.bytes)" eq 0
	# its own text may have been read from a disk
	check "$what: device reads" "$(pid_row "$pid" .device.read.bytes)" le $((1 << 20))
	check "$what: application bytes" "$(pid_row "$pid" .application.write.bytes)" eq \
		"$(sed -n "${n}p" "$TRUTH" | jq .write_bytes)"
done
pid=$(sed -n 2p "$TRUTH" | jq .pid)
check "direct-write: block" "$(pid_row "$pid" .filesystem.write.data.bytes)" eq $((8 << 20))
pid=$(sed -n 3p "$TRUTH" | jq .pid)
check "buffered-write: block" "$(pid_row "$pid" .filesystem.write.data.bytes)" eq $((16 << 20))
pid=$(sed -n 4p "$TRUTH" | jq .pid)
check "seq-read: block" "$(pid_row "$pid" .block.read.bytes)" ge $((8 << 20))
invariants "$SUMMARY" "$SCRATCH_DISK" "$zram"

stat_run --by device -- "$WORKLOAD" append-fsync "$mount/a" 97 100
check "by device: no device bytes in zram's row" "$(sum ".rows[] | select(.disk == \"$zram\") | .device")" is null
check "by device: totals" "$(sum .totals.device.write.bytes)" eq \
	"$(sum "[.devices[] | select(.leaf and .name != \"$zram\") | .write_bytes] | add // 0")"
finish
