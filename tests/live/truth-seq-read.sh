#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 64 MiB read sequentially, cold and warm; then the first 100 pages of it only, so that the
# readahead reads more than the program asked for. fincore(1) tells which pages are cached.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

resident() {
	echo "$(($(fincore -nbo RES "$SCRATCH_DIR/f")))" # it pads with blanks
}
cold() { # a page just read may be on its way to the lists still
	for _ in 1 2 3 4 5; do
		dd "if=$SCRATCH_DIR/f" iflag=nocache count=0 status=none
		[ "$(resident)" = 0 ] && return
	done
	scratch_fail "the file cannot be dropped from the cache"
}
loader=16384 # at most what the dynamic loader reads

command -v fincore >/dev/null || skip "fincore is not installed"
scratch_fs_new ext4 256
"$WORKLOAD" prepare "$SCRATCH_DIR/f" 64 >/dev/null
"$WORKLOAD" seq-read "$SCRATCH_DIR/f" >/dev/null # so that the program itself is in the cache
cold
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- "$WORKLOAD" seq-read "$SCRATCH_DIR/f"
after=$(dev_stat "$SCRATCH_DISK")
pid=$(truth .pid)
size=$(truth .read_bytes)
disk=$((${after% *} - ${before% *}))
check "the workload's own bytes" "$size" eq 67108864
between "cold: application bytes" "$(pid_row "$pid" .application.read.bytes)" \
	"$size" "$((size + loader))"
between "cold: the kernel's reads" "$disk" "$size" "$((size + 1048576))"
# bitmaps that the mount prefetches may come before the window
between "cold: device reads" "$(disk_sum .read_bytes)" "$size" "$disk"
check "cold: data and stated readahead" "$(pid_row "$pid" .filesystem.read.data.bytes)" eq \
	"$(($(pid_row "$pid" .cache.miss_bytes) + $(pid_row "$pid" .cache.readahead_bytes)))"
check "cold: data" "$(pid_row "$pid" .filesystem.read.data.bytes)" eq "$size"
check "cold: device, own row" "$(pid_row "$pid" .device.read.bytes)" ge "$size"
near "cold: miss" "$(pid_row "$pid" .cache.miss_bytes)" "$size" 1
between "cold: factor x 1000" "$(milli .totals.amplification.read.bytes)" 999 1010
invariants "$SUMMARY" "$SCRATCH_DISK"

for _ in 1 2 3 4 5; do # the machine may drop pages at any time
	[ "$(resident)" = "$size" ] || "$WORKLOAD" seq-read "$SCRATCH_DIR/f" >/dev/null
	before=$(dev_stat "$SCRATCH_DISK")
	stat_run -- "$WORKLOAD" seq-read "$SCRATCH_DIR/f"
	after=$(dev_stat "$SCRATCH_DISK")
	[ "$before" = "$after" ] && break # the kernel read nothing
done
check "warm: the kernel's reads" "$before" is "$after"
pid=$(truth .pid)
check "warm: device reads of data" "$(pid_row "$pid" .filesystem.read.data.bytes)" eq 0
check "warm: device reads" "$(pid_row "$pid" .device.read.bytes)" eq 0
check "warm: miss" "$(pid_row "$pid" .cache.miss_bytes)" eq 0
check "warm: readahead" "$(pid_row "$pid" .cache.readahead_bytes)" eq 0
check "warm: hit 100 %" "$(pid_row "$pid" .cache.hit_bytes)" eq \
	"$(pid_row "$pid" .application.read.bytes)"
check "warm: application" "$(pid_row "$pid" .application.read.bytes)" ge "$(truth .read_bytes)"
check "warm: factor" "$(sum .totals.amplification.read.bytes)" is 0
invariants "$SUMMARY"

for _ in 1 2 3; do
	cold
	stat_run -- dd "if=$SCRATCH_DIR/f" of=/dev/null bs=4096 count=100
	filled=$(resident) # the pages that are in the cache now
	[ "$filled" -gt 409600 ] && break
done
check "part: readahead was made" "$filled" gt 409600
check "part: file's data" "$(row owner .filesystem.read.data.bytes)" eq "$filled"
between "part: device reads" "$(row owner .device.read.bytes)" "$filled" "$((filled + 16384))"
between "part: readahead" "$(row owner .cache.readahead_bytes)" \
	"$((filled - 409600 - loader))" "$((filled - 409600))"
check "part: miss and readahead" "$(row owner '.cache.miss_bytes + .cache.readahead_bytes')" eq "$filled"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
