#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 16 MiB in 1024 blocks through every interface: system calls, libaio, io_uring with its poller,
# registered buffers, workers and vectors, a mapping; buffered and direct, written and read cold.
# The program owns the bytes, once and under the right interface, whichever kernel thread moves them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

SIZE=16777216
LOADER=16384 # at most what the dynamic loader reads
calls="write pwrite writev pwritev2 append sendfile splice copy_file_range"
async="libaio libaio-vec io_uring io_uring-sqpoll io_uring-fixed io_uring-iowq io_uring-vec"

# One line per program: its truth's name, the interface, options. Reads come after the writes:
# their file is dropped from the cache before each.
plan() { # FS
	for iface in $([ "$1" = ext4 ] && echo "$calls") $async mmap mmap-nosync; do
		echo "$iface $iface"
	done
	for iface in write $([ "$1" = ext4 ] && echo pwrite writev pwritev2) $async; do
		echo "$iface-direct $iface --direct"
	done
	for iface in write $([ "$1" = ext4 ] && echo pwrite writev pwritev2) $async mmap; do
		echo "$iface-read $iface --read"
	done
	for iface in write $async; do
		echo "$iface-direct-read $iface --direct --read"
	done
}

script() { # of PLAN's lines on stdin
	while read -r name iface options; do
		file=$name
		case $options in
		*--read*)
			file="read"
			echo "dd if=$SCRATCH_DIR/read iflag=nocache count=0 status=none"
			;;
		esac
		echo "$WORKLOAD matrix $iface $SCRATCH_DIR/$file $options >$SCRATCH_TMP/$name || exit"
	done
}

# The truth, then the figures of that program's row, in the order of compare.
figures() { # NAME
	jq -r --slurpfile truth "$SCRATCH_TMP/$1" '$truth[0] as $t | [.rows[] | select(.pid == $t.pid)] |
		$t.interface, $t.write_bytes, $t.write_ops, $t.read_bytes, $t.read_ops, length,
		(.[0] | .application as $a | $a.write.bytes, $a.write.ops, $a.read.bytes, $a.read.ops,
		$a.interfaces[$t.interface].bytes // 0, ([$a.interfaces[].bytes] | add // 0),
		.filesystem.write.data.bytes, .device.write_classes.data,
		.filesystem.read.data.bytes, .device.read.bytes)' "$SUMMARY" | xargs
}

compare() { # FS NAME
	what="$1 $2"
	# shellcheck disable=SC2046 # words
	set -- $(figures "$2")
	key=$1 writes=$2 write_ops=$3 reads=$4 read_ops=$5
	check "$what: rows" "$6" eq 1
	[ "$6" = 1 ] || return
	shift 6
	check "$what: application writes, bytes" "$1" eq "$writes"
	between "$what: application reads, bytes" "$3" "$reads" "$((reads + LOADER))"
	if [ "$key" = mmap ]; then
		check "$what: operations" "$(($2 + $4))" gt 0
	else
		check "$what: application writes" "$2" eq "$write_ops"
		between "$what: application reads" "$4" "$read_ops" "$((read_ops + 20))"
	fi
	check "$what: $key has 99 % of the bytes" "$(($5 * 100))" ge "$(($6 * 99))"
	if [ "$writes" != 0 ]; then
		near "$what: data at the file system" "$7" "$SIZE" 5
		near "$what: data on the device" "$8" "$SIZE" 5
	else
		near "$what: data read at the file system" "$9" "$SIZE" 5
		check "$what: device reads" "${10}" ge "$SIZE"
	fi
}

# An fsync that is a request: a sync of 0 bytes, under the same name as the other requests.
compare_fsync() { # FS NAME
	TRUTH=$SCRATCH_TMP/$2
	pid=$(truth .pid)
	key=$(truth .interface)
	check "$1 $2: syncs" "$(pid_row "$pid" .application.sync.ops)" eq "$(truth .syncs)"
	check "$1 $2: $key" "$(pid_row "$pid" ".application.interfaces.$key |
		if . then \"\(.ops) \(.bytes)\" else \"none\" end")" is "$(truth .syncs) 0"
	check "$1 $2: application bytes" "$(pid_row "$pid" .application.write.bytes)" eq "$(truth .write_bytes)"
	check "$1 $2: data on the device" "$(pid_row "$pid" .device.write_classes.data)" eq \
		"$(truth .write_bytes)"
}

one_fs() { # TYPE SIZE_MB
	scratch_fs_new "$1" "$2"
	need_async
	plan "$1" >"$SCRATCH_TMP/plan"
	for file in sendfile.src splice.src copy_file_range.src read; do
		"$WORKLOAD" prepare "$SCRATCH_DIR/$file" 16 >/dev/null
	done
	script <"$SCRATCH_TMP/plan" >"$SCRATCH_TMP/script"
	for name in aio-fsync uring-fsync; do
		echo "$WORKLOAD $name $SCRATCH_DIR/$name 23 >$SCRATCH_TMP/$name || exit"
	done >>"$SCRATCH_TMP/script"
	sync -f "$SCRATCH_DIR"
	before=$(dev_stat "$SCRATCH_DISK")
	stat_run -- sh "$SCRATCH_TMP/script"
	after=$(dev_stat "$SCRATCH_DISK")
	while read -r name iface options; do
		compare "$1" "$name"
	done <"$SCRATCH_TMP/plan"
	compare_fsync "$1" aio-fsync
	compare_fsync "$1" uring-fsync
	check "$1: writes in all" "$(sum .totals.application.write.bytes)" eq \
		"$((SIZE * $(grep -cv -e --read "$SCRATCH_TMP/plan") + 2 * 23 * 4096))"
	check "$1: the kernel's writes" "$(disk_sum .write_bytes)" eq "$((${after#* } - ${before#* }))"
	near "$1: the device's bytes are owned" "$(row owner .device.write.bytes)" \
		"$(disk_sum .kernel_write_bytes)" 10
	check "$1: rows of kernel threads" "$(sum '[.rows[] | select((.comm // "") |
		test("^(jbd2|kworker|kblockd|iou-|xfsaild|btrfs-)"))] | length')" eq 0
	check "$1: calls whose bytes are missing" "$(sum '.losses.async_calls // 0')" eq 0
	invariants "$SUMMARY" "$SCRATCH_DISK"
	[ -z "${KEEP:-}" ] || cp "$SUMMARY" "$KEEP"
	scratch_fs_free
}

one_fs ext4 768
one_fs xfs 512
one_fs btrfs 768
finish
