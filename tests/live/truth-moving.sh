#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Pages that move and pages that are dirtied again keep their owner: a stream while memory is
# compacted, appenders and stores to a mapping whose pages are dirtied while they are being
# written. The truth is what the kernel accounts to the process where a page becomes dirty
# (write_bytes of /proc/PID/io), and the disk's own counter.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# The walk over the pages of one bio ends after some 4000 folios; bios of btrfs may have more. The
# rest has the owner seen last, and the summary is incomplete.
long_bios() {
	[ "$fs" = btrfs ] && [ "$(sum .losses.owner_evicted)" -gt 0 ]
}

migrated() {
	awk '/^pgmigrate_success/ { print $2 }' /proc/vmstat
}


balanced() { # NAME: of a program that wrote everything back
	! long_bios || return 0
	check "$1: complete" "$(complete_here)" is true
	check "$1: dirtied" "$(pid_row "$(truth .pid)" .cache.dirtied_bytes)" eq "$2"
	check "$1: data at the device" "$(pid_row "$(truth .pid)" .device.write_classes.data)" eq "$2"
	check "$1: pending" "$(pid_row "$(truth .pid)" .cache.pending_bytes)" eq 0
	check "$1: cancelled" "$(pid_row "$(truth .pid)" .cache.cancelled_bytes)" eq 0
	long_bios || invariants "$SUMMARY" "$SCRATCH_DISK"
}

moving() { # TYPE
	was=$(migrated)
	stat_run -- "$WORKLOAD" moving-write "$SCRATCH_DIR/stream" 192
	check "$1: pages moved meanwhile" "$(($(migrated) - was))" gt 50
	balanced "$1, moving" "$(truth .write_bytes)"
}

again() { # TYPE
	stat_run -- "$WORKLOAD" --proc-io append-threads "$SCRATCH_DIR/log" 8 400 100
	# a race in the kernel between a store and the start of its write may hide one page
	between "$1, appended: dirtied" "$(pid_row "$(truth .pid)" .cache.dirtied_bytes)" \
		"$(($(truth .proc_io.write_bytes) - 4096))" "$(truth .proc_io.write_bytes)"
	near "$1, appended: data" "$(pid_row "$(truth .pid)" .device.write_classes.data)" \
		"$(truth .proc_io.write_bytes)" 1
	between "$1, appended: background" "$(disk_sum .write_by_kind.background)" 0 65536
	long_bios || invariants "$SUMMARY" "$SCRATCH_DISK"
	stat_run -- "$WORKLOAD" --proc-io map-store "$SCRATCH_DIR/map" 16 200000
	near "$1, mapped: dirtied" "$(pid_row "$(truth .pid)" .cache.dirtied_bytes)" \
		"$(truth .proc_io.write_bytes)" 1
	near "$1, mapped: data" "$(pid_row "$(truth .pid)" .device.write_classes.data)" \
		"$(truth .proc_io.write_bytes)" 1
	long_bios || invariants "$SUMMARY" "$SCRATCH_DISK"
}

# Writes of 4 KiB into the larger folios that reading makes, dirtied again while a stranger's write of
# other blocks of them is on its way. All is written at the end: nothing is pending, and no data
# byte is written that was not dirtied.
folios() { # TYPE
	"$WORKLOAD" prepare "$SCRATCH_DIR/folios" 16 >/dev/null
	sync -f "$SCRATCH_DIR"
	echo 1 >/proc/sys/vm/drop_caches
	cat "$SCRATCH_DIR/folios" >/dev/null
	cat >"$SCRATCH_TMP/folios" <<-END
		while [ ! -e "$SCRATCH_TMP/over" ]; do sync -d "$SCRATCH_DIR/folios"; done &
		"$WORKLOAD" random-rewrite "$SCRATCH_DIR/folios" 10000 7
		touch "$SCRATCH_TMP/over"
		wait
	END
	stat_run -d "$SCRATCH_DISK" -- sh "$SCRATCH_TMP/folios"
	check "$1, folios: pending" "$(pid_row "$(truth .pid)" .cache.pending_bytes)" eq 0
	check "$1, folios: dirtied" "$(pid_row "$(truth .pid)" .cache.dirtied_bytes)" ge \
		"$(pid_row "$(truth .pid)" .filesystem.write.data.bytes)"
	check "$1, folios: data" "$(pid_row "$(truth .pid)" .filesystem.write.data.bytes)" gt 16777216
}

for fs in ext4 xfs btrfs; do
	scratch_fs_new $fs 512
	moving $fs
	folios $fs
	# the tree of a btrfs counts as the program's in /proc, too
	[ $fs = btrfs ] || again $fs
	scratch_fs_free
done
finish
