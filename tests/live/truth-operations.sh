#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Operations of a disk are the kernel's own: fields 5 and 16 of /sys/block/DISK/stat. The kernel counts
# the request of a bare flush as a write, too (an empty write); we count it as a flush alone.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

stat_ops() { # FIELD
	awk -v field="$1" '{ print $field }' "/sys/block/$SCRATCH_DISK/stat"
}
of() { # FILTER
	json "[.rows[] | select(.disk == \"$SCRATCH_DISK\") | $1] | add" "$SUMMARY"
}

# shellcheck disable=SC2016 # for the inner shell
one='exec "$0" append-fsync "$1/a" 300 100' two='"$0" append-fsync "$1/a" 300 100 &
"$0" append-fsync "$1/b" 300 100; wait' direct='exec dd if=/dev/zero of="$1/d" bs=4k count=997 oflag=direct status=none'
bare_ever=0
for fs in ext4 xfs btrfs; do
	scratch_fs_new $fs 400 2>"$SCRATCH_TMP/fs" || {
		echo "left out: $fs: $(cat "$SCRATCH_TMP/fs")"
		continue
	}
	dev=$(disk_major_minor "$SCRATCH_DISK")
	for work in "$one" "$two" "$direct"; do
		sync -f "$SCRATCH_DIR"
		trace_start block/block_rq_complete "dev == $((${dev%,*} << 20 | ${dev#*,}))"
		writes=$(stat_ops 5) flushes=$(stat_ops 16)
		stat_run --by device -- sh -c "$work" "$WORKLOAD" "$SCRATCH_DIR"
		writes=$(($(stat_ops 5) - writes)) flushes=$(($(stat_ops 16) - flushes))
		trace_stop "$SCRATCH_TMP/trace"
		bare=$(grep -c ' W[A-Z]* ([^)]*) 0 + 0 ' "$SCRATCH_TMP/trace")
		check "$fs: writes, of the kernel's $writes are $bare bare flushes" "$(of .device.write.ops)" \
			eq $((writes - bare))
		check "$fs: flushes" "$(of .device.flush.ops)" eq "$flushes"
		bare_ever=$((bare_ever + bare))
	done
done
check "bare flushes at all" "$bare_ever" gt 100
finish
