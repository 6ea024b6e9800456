# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# scratch.sh - a file system of its own for a live test; sourced by POSIX shells.
#
#	. "$(dirname "$0")/scratch.sh"
#	scratch_fs_new ext4 256
#	... "$SCRATCH_DIR" ... dev_stat "$SCRATCH_DISK" ...
#
# scratch_fs_new [ext4|ext4-nojournal|ext4-fastcommit|xfs|btrfs] SIZE_MB
#	makes and mounts one on a loop device over a file on a private tmpfs, nothing of it
#	dirty. With SCRATCH_BACKING=DIR the image lies in DIR instead, so that there is a level
#	below. Sets SCRATCH_DIR (mount point), SCRATCH_DEV (/dev/loopN), SCRATCH_DISK (loopN),
#	SCRATCH_IMG, SCRATCH_TMP (a private directory on no traced file system: for outputs).
#	May be called again: the variables are those of the newest, all are freed.
# scratch_fs_free		unmounts and removes all of them; also done on exit
# scratch_at_exit COMMAND [ARG...]	runs the command at exit, before scratch_fs_free; the newest
#	command first. No word may contain a blank. A test sets no trap of its own.
# scratch_before_free DIR	nothing; whoever wants a SCRATCH_TMP before it goes defines it anew
# scratch_kill PID...		ends these processes and waits for them
# await SECONDS TEST...		polls TEST: 0 as soon as TEST succeeds, 1 after SECONDS
# soon TEST...			await 5 TEST
# tries MAX WHAT TEST...	repeats TEST until TEST succeeds, at most MAX times; prints WHAT and the
#	number of tries if one was not enough. 1: TEST never succeeded
# dev_stat DISK			prints "read_bytes write_bytes" of the kernel's own counters
# json FILTER FILE		prints what jq finds, strings without quotes
# skip REASON			prints it and exits 77
#
# SCRATCH_MOUNT_OPTS: mount options, noatime unless set.

PATH=$PATH:/usr/sbin:/sbin
SCRATCH_STACK=
SCRATCH_AT_EXIT=

skip() {
	echo "SKIP: $*"
	exit 77
}

scratch_fail() {
	echo "scratch: $*" >&2
	exit 1
}

scratch_on_exit() {
	scratch_status=$?
	trap - EXIT
	trap '' HUP INT PIPE TERM
	while read -r scratch_command; do
		$scratch_command </dev/null
	done <<-END
		$SCRATCH_AT_EXIT
	END
	scratch_fs_free
	exit "$scratch_status"
}

scratch_at_exit() {
	SCRATCH_AT_EXIT="$*
$SCRATCH_AT_EXIT"
}

scratch_kill() { # PID...
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
}

await() { # SECONDS TEST...
	scratch_polls=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		sleep 0.05
		scratch_polls=$((scratch_polls - 1))
		[ "$scratch_polls" -gt 0 ] || return 1
	done
}

soon() { # TEST...
	await 5 "$@"
}

tries() { # MAX WHAT TEST...
	scratch_max=$1 scratch_what=$2 scratch_try=1
	shift 2
	until "$@"; do
		if [ "$scratch_try" -ge "$scratch_max" ]; then
			echo "tried again: $scratch_what: not in $scratch_try tries"
			return 1
		fi
		scratch_try=$((scratch_try + 1))
	done
	[ "$scratch_try" = 1 ] || echo "tried again: $scratch_what: $scratch_try tries"
}

trap scratch_on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

scratch_need() { # TYPE
	[ "$(id -u)" = 0 ] || skip "not root: loop devices and mounts need it"
	for scratch_tool in losetup mount umount mktemp truncate "mkfs.$1"; do
		command -v "$scratch_tool" >/dev/null || skip "$scratch_tool is not installed"
	done
	[ -e /dev/loop-control ] || modprobe -q loop 2>/dev/null
	[ -e /dev/loop-control ] || skip "this kernel has no loop devices"
	grep -qw "$1" /proc/filesystems || modprobe -q "$1" 2>/dev/null
	grep -qw "$1" /proc/filesystems || skip "this kernel has no $1"
}

# Lazy initialisation would write during the test. Below 512 MB mkfs.ext4 chooses blocks of 1 KiB,
# but every expected number here counts blocks of 4 KiB.
scratch_mkfs() { # TYPE DEVICE
	case $1 in
	ext4) mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$2" ;;
	ext4-nojournal) mkfs.ext4 -q -F -b 4096 -O ^has_journal -E lazy_itable_init=0 "$2" ;;
	ext4-fastcommit) mkfs.ext4 -q -F -b 4096 -O fast_commit -E lazy_itable_init=0,lazy_journal_init=0 "$2" ;;
	xfs) mkfs.xfs -q -f "$2" ;;
	btrfs) mkfs.btrfs -q -f "$2" >/dev/null ;; # it prints a notice in spite of -q
	esac
}

# Sets SCRATCH_DEV; uses direct I/O where the backing file system accepts it. Fails when another
# process takes the same free device.
scratch_attach() {
	SCRATCH_DEV=$(losetup -f --show --direct-io=on "$SCRATCH_IMG" 2>/dev/null ||
		losetup -f --show "$SCRATCH_IMG" 2>/dev/null)
}

scratch_fs_new() { # TYPE SIZE_MB
	scratch_type=${1:-ext4}
	scratch_mb=${2:-256}
	case $scratch_type in
	ext4 | ext4-nojournal | ext4-fastcommit) scratch_min=16 ;;
	xfs) scratch_min=320 ;; # mkfs.xfs refuses less than 300 MB, mkfs.btrfs less than 109
	btrfs) scratch_min=128 ;;
	*) scratch_fail "unknown file system type $scratch_type" ;;
	esac
	[ "$scratch_mb" -ge "$scratch_min" ] || scratch_mb=$scratch_min
	scratch_need "${scratch_type%-*}"

	SCRATCH_TMP=$(mktemp -d "${TMPDIR:-/tmp}/scratch.XXXXXX") || scratch_fail "mktemp failed"
	SCRATCH_STACK="$SCRATCH_TMP $SCRATCH_STACK"
	mount -t tmpfs -o "size=$((scratch_mb + 64))m" scratch "$SCRATCH_TMP" ||
		skip "tmpfs cannot be mounted here"
	SCRATCH_DIR=$SCRATCH_TMP/mnt
	mkdir "$SCRATCH_DIR"
	if [ -n "${SCRATCH_BACKING:-}" ]; then
		SCRATCH_IMG=$(mktemp "$SCRATCH_BACKING/scratch.XXXXXX") ||
			scratch_fail "no image in $SCRATCH_BACKING"
	else
		SCRATCH_IMG=$SCRATCH_TMP/img
	fi
	echo "$SCRATCH_IMG" >"$SCRATCH_TMP/img.path"
	truncate -s "${scratch_mb}M" "$SCRATCH_IMG" || scratch_fail "no image of $scratch_mb MB"
	tries 3 "a loop device" scratch_attach || skip "no loop device could be had"
	# shellcheck disable=SC2034 # for the test that sources this
	SCRATCH_DISK=${SCRATCH_DEV#/dev/}
	scratch_mkfs "$scratch_type" "$SCRATCH_DEV" || scratch_fail "mkfs of $scratch_type failed"
	mount -t "${scratch_type%-*}" -o "${SCRATCH_MOUNT_OPTS:-noatime}" \
		"$SCRATCH_DEV" "$SCRATCH_DIR" || scratch_fail "$scratch_type cannot be mounted"
	sync -f "$SCRATCH_DIR"
}

scratch_umount() { # DIR: a process that ends may keep the mount busy for a moment
	mountpoint -q "$1" || return 0
	await 2 umount "$1" || umount -l "$1"
}

scratch_before_free() {
	:
}

scratch_fs_free() {
	for scratch_dir in $SCRATCH_STACK; do
		scratch_before_free "$scratch_dir"
		scratch_umount "$scratch_dir/mnt"
		if [ -s "$scratch_dir/img.path" ]; then
			scratch_img=$(cat "$scratch_dir/img.path")
			losetup -n -O NAME -j "$scratch_img" | while read -r scratch_dev; do
				losetup -d "$scratch_dev"
			done
			rm -f "$scratch_img"
		fi
		scratch_umount "$scratch_dir"
		rmdir "$scratch_dir" 2>/dev/null || :
	done
	SCRATCH_STACK=
}

dev_stat() { # DISK
	# shellcheck disable=SC2034 # the fields between; awk's %d may stop at 2 GiB
	read -r dev_a dev_b dev_reads dev_c dev_d dev_e dev_writes dev_rest <"/sys/block/$1/stat"
	echo "$((dev_reads * 512)) $((dev_writes * 512))"
}

json() { # FILTER FILE
	jq -r "$1" "$2"
}
