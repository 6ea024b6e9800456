#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time goes: waits whose number and place are known, one start of the tool per file
# system. Sums are exact in every row.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

waits() { # [OPTIONS] -- COMMAND: $SUMMARY, and what holds of all rows
	SUMMARY=$SCRATCH_TMP/waits.json
	"$LAYERS" -j -o "$SUMMARY" "$@" >"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/stderr" || {
		fail "iolatency-layers $*: $(cat "$SCRATCH_TMP/stderr")"
		exit 1
	}
	check "one summary" "$(wc -l <"$SUMMARY")" eq 1
	check "parts add up to waits" "$(sum '[.latency[] | select(.wait_ns != (.parts | add))] | length')" eq 0
	check "histograms hold all" "$(sum '[.latency[] | select(.count != ([.histogram[][1]] | add))] | length')" eq 0
	check "a row has waits" "$(sum '[.latency[] | select(.count == 0)] | length')" eq 0
	check "nothing is negative" "$(sum '[.latency[] | .parts[], .wait_ns, .p50_ns, .max_ns | select(. < 0)] | length')" eq 0
	check "percentiles are in order" "$(sum '[.latency[] | select(.p50_ns > .p90_ns or .p90_ns > .p99_ns or
		.p99_ns > .p999_ns or .p999_ns > .max_ns)] | length')" eq 0
	check "complete" "$(complete_here)" is true
}

lat() { # NAME OP INTERFACE FILTER: of what the command NAME waited for, on the scratch disk
	sum "[.latency[] | select((.background | not) and .pid == $(cat "$SCRATCH_TMP/pid.$1") and
		.disk == \"$SCRATCH_DISK\" and .op == \"$2\" and .interface == \"$3\")] | .[0] | $4"
}

share() { # NAME OP INTERFACE PART: per mille of the wait
	lat "$1" "$2" "$3" ".parts.$4 * 1000 / .wait_ns | floor"
}

counted() { # FS NAME OP INTERFACE N UNACCOUNTED
	check "$1: $2" "$(lat "$2" "$3" "$4" .count)" eq "$5"
	check "$1: $2, unaccounted" "$(share "$2" "$3" "$4" unaccounted)" le "$6"
}

# What is measured, as a script of its own: `as NAME COMMAND` is one process that is known by name.
programs() { # FS
	cat <<-END
		as() {
			sh -c 'echo \$\$ >$SCRATCH_TMP/pid.'"\$1"'; shift; exec "\$@"' sh "\$@"
		}
		f=$SCRATCH_DIR/f g=$SCRATCH_DIR/g
		as direct-write dd if=/dev/zero of=\$f bs=4k count=997 oflag=direct conv=notrunc status=none
		as direct-read dd if=\$f of=/dev/null bs=4k count=991 iflag=direct status=none
		as buffered dd if=/dev/zero of=\$g bs=4k count=499 conv=notrunc,fsync status=none
		echo 3 >/proc/sys/vm/drop_caches
		as read dd if=\$g of=/dev/null bs=64k status=none
		as cached dd if=\$g of=/dev/null bs=64k status=none
		as dsync dd if=/dev/zero of=\$g bs=4k count=103 conv=notrunc oflag=dsync status=none
		as fsync $WORKLOAD append-fsync $SCRATCH_DIR/a 101 100
		as earlier $WORKLOAD flush-earlier \$g 13
		as fault $WORKLOAD fault-after-ring \$g 97 >$SCRATCH_TMP/fault
		as aio-sync $WORKLOAD aio-fsync $SCRATCH_DIR/b 7
	END
	[ "$1" = btrfs ] || ! command -v fio >/dev/null || for engine in libaio io_uring; do
		echo "fio='fio --name=j --filename=$SCRATCH_DIR/f --size=8M --bs=4k --rw=randwrite --overwrite=1 \
			--fallocate=none --number_ios=997 --iodepth=7 --output=/dev/null --thread'"
		echo "as $engine \$fio --direct=1 --ioengine=$engine"
		echo "as buffered-$engine \$fio --direct=0 --ioengine=$engine"
	done
}

interfaces() { # FS
	dd if=/dev/zero of="$SCRATCH_DIR/f" bs=64k count=128 status=none
	sync -f "$SCRATCH_DIR"
	programs "$1" >"$SCRATCH_TMP/programs"
	waits -- sh "$SCRATCH_TMP/programs"
	# btrfs turns O_DIRECT writes of checksummed files into buffered ones
	counted "$1" direct-write write write 997 50
	counted "$1" direct-read read read 991 50
	check "$1: direct reads are on the device" "$(share direct-read read read device)" gt 50
	counted "$1" buffered write write 499 100
	check "$1: buffered writes are above the block layer" "$(share buffered write write above_block)" ge 900
	counted "$1" buffered sync fsync 1 50
	counted "$1" read read read 32 100
	check "$1: some of the reads is on the device" "$(lat read read read .parts.device)" gt 0
	counted "$1" cached read read 32 100
	counted "$1" dsync write write 103 50
	check "$1: O_DSYNC writes are no sync" "$(lat dsync sync fsync .count)" is null
	counted "$1" fsync sync fsync 101 50
	# The disk may complete the request before the second call asks for it.
	counted "$1" earlier sync fdatasync 13 50
	check "$1: what was begun earlier is not the file system's" \
		"$(lat earlier sync fdatasync '.parts | .device + .queue + .stack >= .filesystem')" is true
	between "$1: faults, says the kernel" "$(json .faults "$SCRATCH_TMP/fault")" 90 97
	counted "$1" fault read mmap "$(json .faults "$SCRATCH_TMP/fault")" 50
	check "$1: syncs of libaio are not measured" "$(lat aio-sync sync libaio .count)" is null
	check "$1: that is said" "$(sum '.latency_note | test("the end of 7 requests of libaio")')" is true
	check "$1: deferred data is background, of who dirtied it" \
		"$(sum "[.latency[] | select(.background and .disk == \"$SCRATCH_DISK\") | .parts |
			.above_block + .filesystem + .journal + .return] | add // 0")" eq 0
	[ -e "$SCRATCH_TMP/pid.libaio" ] || return 0
	for engine in libaio io_uring; do
		counted "$1" $engine write $engine 997 50
		check "$1: $engine is on the device" "$(share $engine write $engine device)" gt 50
		counted "$1" buffered-$engine write $engine 997 100
	done
}

blkio=/sys/fs/cgroup/blkio
busy() {
	while [ -e "$SCRATCH_TMP/busy" ]; do
		"$WORKLOAD" create-fsync "$SCRATCH_DIR/busy$1" 7 >/dev/null
		rm -rf "$SCRATCH_DIR/busy$1"/*
	done
}

# A group that may write ten times a second; and others that fill the journal and commit it.
elsewhere() {
	group=$blkio/ioamp-test-$$
	if [ -e "$blkio/blkio.throttle.write_iops_device" ] && mkdir "$group"; then
		scratch_at_exit rmdir "$group"
		echo "$(cat "/sys/block/$SCRATCH_DISK/dev") 10" >"$group/blkio.throttle.write_iops_device"
	else
		echo "no blkio hierarchy of version 1 to throttle with"
		group=
	fi
	mkdir "$SCRATCH_DIR/busy1" "$SCRATCH_DIR/busy2"
	touch "$SCRATCH_TMP/busy"
	busy 1 &
	busy 2 &
	waits -- sh -c "echo \$\$ >$SCRATCH_TMP/pid.append
		exec $WORKLOAD append-fsync $SCRATCH_DIR/append 211 100"
	rm "$SCRATCH_TMP/busy"
	wait
	counted "busy journal" append sync fsync 211 50
	check "busy journal: the wait is there" "$(share append sync fsync journal)" ge 600
	[ -n "$group" ] || return 0
	waits -- sh -c "echo \$\$ >$SCRATCH_TMP/pid.throttle; echo \$\$ >$group/cgroup.procs
		exec dd if=/dev/zero of=$SCRATCH_DIR/f bs=4k count=30 oflag=direct conv=notrunc status=none"
	counted throttle throttle write write 30 50
	between "throttle: p50" "$(lat throttle write write .p50_ns)" 85000000 115000000
	check "throttle: above the block layer" "$(share throttle write write above_block)" ge 950
	# Otherwise they are background I/O, for which no process waits.
	check "throttle: its bios are found, though a kernel thread queues them" "$(sum "[.latency[] |
		select(.background and .disk == \"$SCRATCH_DISK\" and .op == \"write\") | .count] | add // 0")" lt 20
	check "throttle: on the device, ns each" "$(lat throttle write write '.parts.device / 30 | floor')" lt 1000000
}

scratch_fs_new ext4 256
need_async
interfaces ext4
elsewhere
for fs in xfs btrfs; do
	(scratch_need $fs) >/dev/null || continue
	scratch_fs_new $fs 320
	interfaces $fs
done

# a loop device over a file of another file system: the way between the two is its stack
scratch_fs_new ext4 400
SCRATCH_BACKING=$SCRATCH_DIR scratch_fs_new ext4 128
interfaces loop
check "loop: between the disks" "$(share direct-read read read stack)" gt 50
finish
