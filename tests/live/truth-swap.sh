#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Swapped pages are of class swap; in a limited group the process that swaps owns them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

memory=/sys/fs/cgroup/memory
[ -e "$memory/memory.limit_in_bytes" ] || skip "no memory hierarchy of version 1 to limit a process by"
command -v swapon >/dev/null || skip "swapon is not installed"
scratch_fs_new ext4 400
truncate -s 256M "$SCRATCH_TMP/swap"
loop=$(losetup -f --show "$SCRATCH_TMP/swap") || skip "no loop device could be had"
name=${loop#/dev/}
group=$memory/ioamp-test-$$
# shellcheck disable=SC2317 # called on exit
swap_off() {
	swapoff "$loop" 2>/dev/null
	losetup -d "$loop"
	rmdir "$group" 2>/dev/null
}
scratch_at_exit swap_off
mkswap -q "$loop" && swapon "$loop" || skip "this kernel takes no swap device"
mkdir "$group" && echo $((48 << 20)) >"$group/memory.limit_in_bytes" || skip "no limit can be set"

before=$(dev_stat "$name")
# 96 MiB touched twice in 48 MiB: at least 48 MiB go out and come back
stat_run -d "$name" -- sh -c "echo \$\$ >$group/cgroup.procs && exec python3 -c '
import mmap
m = mmap.mmap(-1, 96 << 20)
for p in range(0, 96 << 20, 4096): m[p] = 1 + (p >> 12) % 255
print(sum(m[p] for p in range(0, 96 << 20, 4096)))'"
after=$(dev_stat "$name")
wrote=$((${after#* } - ${before#* }))
check "swapped out by the kernel's count" "$wrote" ge $((48 << 20))
check "device writes" "$(disk_sum .write_bytes "$name")" eq "$wrote"
check "device reads" "$(disk_sum .read_bytes "$name")" eq "$((${after% *} - ${before% *}))"
check "class swap on the device" "$(sum '[.rows[].device.write_classes.swap] | add')" eq "$wrote"
check "class swap at the file system" "$(sum '[.rows[].filesystem.write.swap.bytes] | add')" eq "$wrote"
check "owned by who had to make room, per mille" \
	"$(($(row owner .device.write.bytes) * 1000 / wrote))" ge 900
check "no application bytes of it" "$(sum .totals.application.write.bytes)" lt 4096
finish
