#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# File systems that the tool's own mountinfo does not show, and bios that no page cache's page is
# in: a file system of another mount namespace, encrypted files, a log on a device of its own, the
# superblocks of btrfs after the tool's own sync.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

disk_class() { # CLASS: of all rows; only COMMAND uses this disk
	sum "[.rows[] | select(.kind != \"self\") | .device.write_classes.$1] | add"
}

# 200 files of 6 bytes, each a page, on a file system that only COMMAND's namespace has
for fs in ext4 xfs; do
	scratch_fs_new $fs 256
	umount "$SCRATCH_DIR"
	stat_run -d "$SCRATCH_DISK" -- unshare -m sh -c 'mount -t "$0" "$1" "$2" && cd "$2" || exit
		for i in $(seq 200); do echo hello >file$i; done
		sync -f . && cd / && umount "$2"' $fs "$SCRATCH_DEV" "$SCRATCH_DIR"
	check "$fs elsewhere: data" "$(disk_class data)" eq $((200 * 4096))
	check "$fs elsewhere: metadata" "$(disk_class metadata)" gt 0
	check "$fs elsewhere: journal" "$(disk_class journal)" gt 0
	check "$fs elsewhere: nothing was mapped" \
		"$(row owner '.application.interfaces.mmap.bytes // 0')" eq 0
	invariants "$SUMMARY" "$SCRATCH_DISK"
	scratch_fs_free
done

# two writers of encrypted files
scratch_fs_new ext4 256
umount "$SCRATCH_DIR"
mkfs.ext4 -q -F -b 4096 -O encrypt -E lazy_itable_init=0,lazy_journal_init=0 "$SCRATCH_DEV" &&
	mount -t ext4 "$SCRATCH_DEV" "$SCRATCH_DIR" && mkdir "$SCRATCH_DIR/secret" ||
	scratch_fail "ext4 for encryption"
if "$WORKLOAD" encrypt "$SCRATCH_DIR/secret" >"$SCRATCH_TMP/why"; then
	for by in process file; do
		stat_run --by $by -- "$WORKLOAD" two-writers "$SCRATCH_DIR/secret/$by"
		for who in big small; do
			size=$(($(truth .${who}_pages) * 4096))
			if [ $by = process ]; then
				check "encrypted, $who: data" \
					"$(pid_row "$(truth .${who}_pid)" .device.write_classes.data)" eq "$size"
				check "encrypted, $who: pending" \
					"$(pid_row "$(truth .${who}_pid)" .cache.pending_bytes)" eq 0
			fi
		done
		check "encrypted, by $by: no class other" "$(sum .totals.device.write_classes.other)" eq 0
		invariants "$SUMMARY" "$SCRATCH_DISK"
	done
	check "encrypted: by file" "$(sum "[.rows[] | select(.file != null and
		(.file | endswith(\"/secret/file\"))) | .device.write_classes.data] | add")" \
		eq "$((($(truth .big_pages) + $(truth .small_pages)) * 4096))"
else
	[ $? = 77 ] || fail "encrypt"
	echo "not tried: $(cat "$SCRATCH_TMP/why")"
fi
scratch_fs_free

# two equal appenders; the log of the XFS lies on a device of its own
scratch_fs_new xfs 600
umount "$SCRATCH_DIR"
truncate -s 100M "$SCRATCH_TMP/log"
log=$(losetup -f --show "$SCRATCH_TMP/log") || skip "no second loop device"
log_free() {
	umount "$SCRATCH_DIR" 2>/dev/null
	losetup -d "$log"
}
scratch_at_exit log_free
mkfs.xfs -q -f -l "logdev=$log,size=80m" "$SCRATCH_DEV" &&
	mount -t xfs -o "logdev=$log" "$SCRATCH_DEV" "$SCRATCH_DIR" || scratch_fail "xfs with a log device"
stat_run -- sh -c '"$0" append-fsync "$1/a" 800 100 >/dev/null & "$0" append-fsync "$1/b" 800 100
	wait' "$WORKLOAD" "$SCRATCH_DIR"
for which in min max; do
	between "log device, share of each: $which" "$(sum "[.rows[] | select(.comm == \"workload\") |
		.device.write_classes.journal] | (1000 * $which / add) | floor")" 450 550
done
invariants "$SUMMARY" "$SCRATCH_DISK" "${log#/dev/}"

# what the tool's sync makes btrfs write is the program's
scratch_fs_new btrfs 256
stat_run -- "$WORKLOAD" buffered-write "$SCRATCH_DIR/file" 1
check "btrfs: self" "$(disk_sum .write_by_kind.self)" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
