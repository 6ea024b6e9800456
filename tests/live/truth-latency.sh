#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time goes: waits whose number and place are known. Each part has its case; the sums
# are exact in every row of every run.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

waits() { # [OPTIONS] -- COMMAND: $SUMMARY, and what holds of all rows
	SUMMARY=$SCRATCH_TMP/waits.json
	"$LAYERS" -j -o "$SUMMARY" "$@" >"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/stderr" ||
		{ fail "iolatency-layers $*: $(cat "$SCRATCH_TMP/stderr")"; exit 1; }
	check "one summary" "$(wc -l <"$SUMMARY")" eq 1
	check "parts add up to waits" "$(sum '[.latency[] | select(.wait_ns != (.parts | add))] | length')" eq 0
	check "histograms hold all" "$(sum '[.latency[] | select(.count != ([.histogram[][1]] | add))] | length')" eq 0
	check "a row has waits" "$(sum '[.latency[] | select(.count == 0)] | length')" eq 0
	check "nothing is negative" "$(sum '[.latency[] | .parts[], .wait_ns, .p50_ns, .max_ns | select(. < 0)] | length')" eq 0
	check "percentiles are in order" "$(sum '[.latency[] | select(.p50_ns > .p90_ns or .p90_ns > .p99_ns or
		.p99_ns > .p999_ns or .p999_ns > .max_ns)] | length')" eq 0
	check "complete" "$(sum .complete)" is true
}

lat() { # OP INTERFACE FILTER: of what is on the scratch disk, callers' rows
	sum "[.latency[] | select((.background | not) and .disk == \"$SCRATCH_DISK\" and .op == \"$1\" and
		.interface == \"$2\")] | .[0] | $3"
}

share() { # OP INTERFACE PART: per mille of the wait
	lat "$1" "$2" ".parts.$3 * 1000 / .wait_ns | floor"
}

file() {
	dd if=/dev/zero of="$1" bs=64k count=128 status=none
	sync -f "$1"
}

direct() { # WHAT: 997 writes and reads of 4 KiB that pass the cache by
	waits -- dd if=/dev/zero of="$SCRATCH_DIR/f" bs=4k count=997 oflag=direct conv=notrunc status=none
	check "$1: direct writes" "$(lat write write .count)" eq 997
	check "$1: some of it on the device" "$(share write write device)" gt 100
	check "$1: unaccounted" "$(share write write unaccounted)" le 50
	waits -- dd if="$SCRATCH_DIR/f" of=/dev/null bs=4k count=997 iflag=direct status=none
	check "$1: direct reads" "$(lat read read .count)" eq 997
	check "$1: some of it on the device" "$(share read read device)" gt 100
	check "$1: unaccounted" "$(share read read unaccounted)" le 50
}

buffered() { # WHAT
	waits -- dd if=/dev/zero of="$SCRATCH_DIR/g" bs=4k count=499 conv=notrunc,fsync status=none
	check "$1: buffered writes" "$(lat write write .count)" eq 499
	check "$1: above the block layer" "$(share write write above_block)" ge 900
	check "$1: one fsync" "$(lat sync fsync .count)" eq 1
	check "$1: fsync, unaccounted" "$(share sync fsync unaccounted)" le 50
	echo 3 >/proc/sys/vm/drop_caches
	waits -- dd if="$SCRATCH_DIR/g" of=/dev/null bs=64k status=none
	check "$1: buffered reads" "$(lat read read .count)" eq 32
	check "$1: reads are on the disk" "$(share read read device)" gt 100
	check "$1: unaccounted" "$(share read read unaccounted)" le 100
	waits -- dd if="$SCRATCH_DIR/g" of=/dev/null bs=64k status=none
	check "$1: cached reads" "$(lat read read .count)" eq 32
	check "$1: of a cached read nothing is on the disk" "$(lat read read '.parts.device + .parts.queue')" eq 0
	waits -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/a$$" 101 100
	check "$1: fsyncs" "$(lat sync fsync .count)" eq 101
	check "$1: fsync, unaccounted" "$(share sync fsync unaccounted)" le 50
	waits -- dd if=/dev/zero of="$SCRATCH_DIR/d" bs=4k count=103 oflag=dsync status=none
	check "$1: O_DSYNC writes" "$(lat write write .count)" eq 103
	check "$1: they are no sync" "$(sum '[.latency[] | select(.op == "sync")] | length')" eq 0
	check "$1: unaccounted" "$(share write write unaccounted)" le 50
}

asynchronous() { # WHAT
	fio="fio --name=j --filename=$SCRATCH_DIR/f --size=8M --bs=4k --rw=randwrite --overwrite=1 --fallocate=none"
	fio="$fio --number_ios=997 --iodepth=7 --output=/dev/null"
	for engine in libaio io_uring; do
		waits -- $fio --direct=1 --ioengine=$engine
		check "$1: $engine" "$(lat write $engine .count)" eq 997
		check "$1: $engine on the device" "$(share write $engine device)" gt 100
		check "$1: $engine unaccounted" "$(share write $engine unaccounted)" le 50
		waits -- $fio --direct=0 --ioengine=$engine
		check "$1: buffered $engine" "$(lat write $engine .count)" eq 997
		check "$1: buffered $engine unaccounted" "$(share write $engine unaccounted)" le 100
	done
}

background() {
	waits -- sh -c "dd if=/dev/zero of=$SCRATCH_DIR/b bs=64k count=53 status=none; echo \$! >/dev/null"
	check "writeback is background, of who dirtied" "$(sum '[.latency[] | select(.background and .op == "write" and
		.pid != null)] | length')" ge 1
	check "nobody waits for it" "$(sum '[.latency[] | select(.background) | .parts | .above_block + .filesystem +
		.journal + .return] | add')" eq 0
}

busy_journal() { # others fill the journal and commit it
	mkdir "$SCRATCH_DIR/busy1" "$SCRATCH_DIR/busy2"
	touch "$SCRATCH_TMP/busy"
	for i in 1 2; do
		(while [ -e "$SCRATCH_TMP/busy" ]; do
			"$WORKLOAD" create-fsync "$SCRATCH_DIR/busy$i" 7 >/dev/null
			rm -rf "$SCRATCH_DIR/busy$i"/*
		done) &
	done
	waits -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/append" 211 100
	rm "$SCRATCH_TMP/busy"
	wait
	check "busy journal: fsyncs" "$(lat sync fsync .count)" eq 211
	check "busy journal: the wait is there" "$(share sync fsync journal)" ge 600
	check "busy journal: unaccounted" "$(share sync fsync unaccounted)" le 50
}

throttled() { # by the control group: 10 writes a second
	blkio=/sys/fs/cgroup/blkio
	group=$blkio/ioamp-test-$$
	[ -e "$blkio/blkio.throttle.write_iops_device" ] && mkdir "$group" || {
		echo "no blkio hierarchy of version 1 to throttle with"
		return
	}
	scratch_at_exit "rmdir $group 2>/dev/null"
	echo "$(cat "/sys/block/$SCRATCH_DISK/dev") 10" >"$group/blkio.throttle.write_iops_device"
	waits -- sh -c "echo \$\$ >$group/cgroup.procs
		exec dd if=/dev/zero of=$SCRATCH_DIR/f bs=4k count=30 oflag=direct conv=notrunc status=none"
	check "throttle: 30 writes" "$(lat write write .count)" eq 30
	between "throttle: p50" "$(lat write write .p50_ns)" 85000000 115000000
	check "throttle: above the block layer" "$(share write write above_block)" ge 950
	check "throttle: on the device, ns each" "$(lat write write '.parts.device / 30 | floor')" lt 1000000
}

scratch_fs_new ext4 256
file "$SCRATCH_DIR/f"
direct ext4
buffered ext4
if command -v fio >/dev/null; then
	need_async
	asynchronous ext4
fi
background
busy_journal
throttled

for fs in xfs btrfs; do
	(scratch_need $fs) >/dev/null || continue
	scratch_fs_new $fs 320
	file "$SCRATCH_DIR/f"
	[ $fs = btrfs ] || direct $fs
	buffered $fs
done

# a loop device over a file of another file system: the way between the two is its stack
scratch_fs_new ext4 400
SCRATCH_BACKING=$SCRATCH_DIR scratch_fs_new ext4 128
file "$SCRATCH_DIR/f"
direct stack
check "stack: between the disks" "$(share read read stack)" gt 50
finish
