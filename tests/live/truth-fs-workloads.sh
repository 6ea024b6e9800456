#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The patterns of storage systems on four file systems: append + fsync, small files, temp + rename,
# overwriting in place, writes that are deleted before they reach the disk. The rows add up to the
# disk's own counter; the program owns all bytes. jbd2's and XFS's own statistics state the
# journal's share.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

MANY=1000
MIN_RATIO=262144 # below so many bytes a superblock more or less breaks any ratio

logged() { # bytes of the log by the file system itself; xfs_log_blocks are sectors
	case $fs in
	xfs) awk '/^log / { printf "%.0f\n", $3 * 512 }' "/sys/fs/xfs/$SCRATCH_DISK/stats/stats" ;;
	*) echo 0 ;;
	esac
}

# The program's bytes at each layer; the disk's, and those of rows without a program; the journal.
# Other disks of the machine do not count.
layers() { # PID
	jq -r "def all: [.[] | .bytes] | add; (.rows | map(select(.pid == $1))) as \$own |
		(.devices[] | select(.name == \"$SCRATCH_DISK\")) as \$disk |
		([\$own[].filesystem.write | all] | add), ([\$own[].block.write.bytes] | add),
		([\$own[].device.write.bytes] | add), \$disk.write_bytes,
		\$disk.write_by_kind.unattributed + \$disk.write_by_kind.background,
		([.rows[] | select(.kind == \"owner\" or .kind == \"self\") |
			.device.write_classes.journal] | add)" "$SUMMARY" | xargs
}

workload() { # WORKLOAD ARG...
	what="$name, $1"
	case $fs in ext4) trace_start jbd2/jbd2_run_stats "dev == $DEV_T" ;; esac
	log=$(logged)
	# twice: a file system may write its own metadata while the tool starts
	before=$(dev_stat "$SCRATCH_DISK")
	# shellcheck disable=SC2016 # expanded there
	stat_run -- sh -c 'cat "/sys/block/$0/stat" >"$1"; shift; exec "$@"' "$SCRATCH_DISK" \
		"$SCRATCH_TMP/begun" "$WORKLOAD" "$@"
	begun=$(awk '{ printf "%.0f\n", $7 * 512 }' "$SCRATCH_TMP/begun")
	after=$(dev_stat "$SCRATCH_DISK")
	log=$(($(logged) - log))
	if [ "$fs" = ext4 ]; then
		trace_stop "$SCRATCH_TMP/trace"
		log=$(awk '{ for (i = 1; i < NF; i++) if ($i == "blocks_logged") n += $(i + 1) }
			END { print n * 4096 }' "$SCRATCH_TMP/trace")
	fi
	total=$((${after#* } - ${before#* }))
	# shellcheck disable=SC2046 # words
	set -- $(layers "$(truth .pid)")
	check "$what: application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
	between "$what: all rows are the kernel's writes" "$4" "$((${after#* } - begun))" "$total"
	if [ "$total" -ge $MIN_RATIO ]; then
		check "$what: unattributed and background" "$(($5 * 100))" lt "$total"
		between "$what: the program's part of filesystem, per mille" "$(($1 * 1000 / total))" 970 1020
		between "$what: the program's part of block, per mille" "$(($2 * 1000 / total))" 970 1020
		between "$what: the program's part of device, per mille" "$(($3 * 1000 / total))" 970 1020
	fi
	[ "$log" -lt $MIN_RATIO ] || near "$what: journal" "$6" "$log" 20
	invariants "$SUMMARY" "$SCRATCH_DISK"
}

one_fs() { # NAME TYPE
	name=$1
	fs=$2
	scratch_fs_new "$fs" 512
	DEV_T=$(disk_major_minor "$SCRATCH_DISK")
	DEV_T=$((${DEV_T%,*} << 20 | ${DEV_T#*,}))
	few=$MANY
	[ "$fs" != btrfs ] || few=300
	mkdir "$SCRATCH_DIR/create" "$SCRATCH_DIR/rename"
	"$WORKLOAD" prepare "$SCRATCH_DIR/old" 16 >/dev/null
	sync -f "$SCRATCH_DIR"

	workload append-fsync "$SCRATCH_DIR/f" $MANY 100
	check "$name, append-fsync: syncs" "$(sum .totals.application.sync.ops)" eq "$(truth .syncs)"
	workload create-fsync "$SCRATCH_DIR/create" $few
	workload rename-fsync "$SCRATCH_DIR/rename" $few
	workload overwrite "$SCRATCH_DIR/old" 4
	pages=$(($(truth .pages) * 4096))
	[ "$name" != ext4 ] || check "$name, overwrite: data" \
		"$(sum .totals.device.write_classes.data)" eq "$pages"
	check "$name, overwrite: every page once" "$(sum .totals.device.write.bytes)" ge "$pages"
	workload write-unlink "$SCRATCH_DIR/vain" 16
	cancelled=$(truth .cancelled_bytes)
	check "$name, write-unlink: dirtied" "$(sum .totals.cache.dirtied_bytes)" eq "$cancelled"
	if [ "$name" != data=journal ]; then # where a full journal has data written early
		check "$name, write-unlink: cancelled" "$(sum .totals.cache.cancelled_bytes)" eq "$cancelled"
		check "$name, write-unlink: data" "$(sum .totals.device.write_classes.data)" eq 0
	fi
	[ -z "${KEEP:-}" ] || cp "$SUMMARY" "$KEEP"
	scratch_fs_free
}

one_fs ext4 ext4
SCRATCH_MOUNT_OPTS=noatime,data=journal
one_fs data=journal ext4
SCRATCH_MOUNT_OPTS=noatime
one_fs xfs xfs
one_fs btrfs btrfs
finish
