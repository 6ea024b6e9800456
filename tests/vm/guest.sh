#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# guest - runs inside a guest: known workloads on an ext4 of their own, truth
# from the workload's own count and the kernel's counters.
# guest.sh VFS-VIA TYPES WORKLOAD...   (WORKLOAD: a case at the end of this file)
vfs_via=$1 types=$2
shift 2
P=/payload
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# is WHAT JQ-FILTER EXPECTED: one figure of the summary
is() {
	got=$(jq -r "$2" /tmp/o.json)
	[ "$got" = "$3" ] && echo "ok: $1 = $got" || fail "$1 is $got, not $3"
}

# true_that WHAT JQ-CONDITION
true_that() {
	[ "$(jq "$2" /tmp/o.json)" = true ] && echo "ok: $1" || fail "$1: $(jq -c "$3" /tmp/o.json)"
}

# refused WHAT CODE COMMAND...: status 3, the three lines, nothing on stdout, COMMAND never ran
refused() {
	what=$1 code=$2
	shift 2
	rm -f /tmp/ran
	"$@" >/tmp/out 2>/tmp/err
	got=$?
	if [ $got = 3 ] && [ ! -s /tmp/out ] && [ ! -e /tmp/ran ] &&
		grep -q "^ioamp-stat: error IOAMP-$code: " /tmp/err && grep -q '^  why: ' /tmp/err &&
		grep -q '^  fix: ' /tmp/err && [ "$(wc -l </tmp/err)" -le 5 ]; then
		echo "ok: $what: $code"
	else
		fail "$what: status $got: $(cat /tmp/err)"
	fi
}

disk=$(readlink -f /dev/disk1)
name=$(basename "$disk")
mke2fs -q -t ext4 -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$disk" || exit 125
mkdir -p /run/m
mount -o noatime "$disk" /run/m || exit 125
cd /run || exit 125

measure() {
	sync	# what came before must not be written while the tool starts
	before=$(awk '{print $7 * 512}' "/sys/block/$name/stat")
	$P/ioamp-stat -j -o /tmp/o.json -- $P/workload "$@" >/tmp/w.json 2>/tmp/err ||
		fail "ioamp-stat ended with $?: $(cat /tmp/err)"
	after=$(awk '{print $7 * 512}' "/sys/block/$name/stat")
	truth=$(jq .write_bytes /tmp/w.json)
	is "application bytes" .totals.application.write.bytes "$truth"
	is "types" .types "$types"
	is "vfs via" .layers.vfs.via "$vfs_via"
	is "complete" .complete true
	true_that "device bytes are the kernel's, give or take what was written while the tool started" \
		"(.devices[] | select(.name == \"$name\") | .write_bytes) as \$b
		 | $((after - before)) - \$b | . >= 0 and . <= 65536" '[.devices[] | {name, write_bytes}]'
	is "unexplained" ".devices[] | select(.name == \"$name\") | .unexplained_write_bytes" 0
	true_that "rows add up to the devices" \
		'([.rows[].device.write.bytes] | add) == ([.devices[] | select(.leaf) | .write_bytes] | add)' .
	true_that "99 % are the program's, 1 % nobody's" \
		'([.rows[] | select(.kind == "owner") | .device.write.bytes] | add) as $o
		 | ([.rows[].device.write.bytes] | add) as $a
		 | ([.rows[] | select(.kind == "unattributed") | .device.write.bytes] | add // 0) as $u
		 | $o >= 0.99 * $a - 32768 and $u <= 0.01 * $a' '[.rows[] | {kind, comm, d: .device.write.bytes}]'
	true_that "no row of a kernel thread" \
		'[.rows[].comm // "" | select(test("jbd2|kworker"))] | length == 0' '[.rows[].comm]'
	python3 $P/check_schema.py /tmp/o.json $P/summary.schema.json
	case $? in 0 | 77) ;; *) fail "schema" ;; esac	# 77: no jsonschema in the guest; checked natively
}

for w in "$@"; do
	echo "== $w at $(cut -d. -f1 /proc/uptime) s"
	case $w in
	append)
		measure append-fsync /run/m/append 200 100
		is "data" .totals.filesystem.write.data.bytes 835584
		is "syncs" .totals.application.sync.ops 200
		is "vfs writes" .totals.vfs.write.ops 200
		is "vfs syncs" .totals.vfs.sync.ops 200
		true_that "factor near 167" '.totals.amplification.write.bytes | . > 160 and . < 176' .totals.amplification
		;;
	syncs)	# by libaio and io_uring: other functions of the kernel than fsync(2)'s
		for how in aio uring; do
			$P/ioamp-stat -j -o /tmp/o.json -- $P/workload $how-fsync /run/m/$how 23 >/tmp/w.json || fail "ioamp-stat: $?"
			is "$how: syncs" .totals.application.sync.ops 23
			is "$how: vfs syncs" .totals.vfs.sync.ops 23
			is "$how: complete" .complete true
		done
		;;
	direct)
		$P/workload prepare /run/m/direct >/dev/null
		measure direct-write /run/m/direct
		is "data" .totals.filesystem.write.data.bytes 67108864
		true_that "factor 1.00" '.totals.amplification.write.bytes | . >= 1 and . < 1.005' .totals.amplification
		;;
	deferred)
		measure buffered-write /run/m/deferred 64
		is "data" .totals.filesystem.write.data.bytes 67108864
		;;
	shared)
		measure two-writers /run/m/shared
		big=$(jq .big_pid /tmp/w.json) small=$(jq .small_pid /tmp/w.json)
		true_that "3:1 on the device" "
			(.rows[] | select(.pid == $big) | .device.write.bytes) as \$b
			| (.rows[] | select(.pid == $small) | .device.write.bytes) as \$s
			| \$b / \$s > 2.97 and \$b / \$s < 3.03" '[.rows[] | {pid, d: .device.write.bytes}]'
		;;
	cancel)
		measure write-unlink /run/m/cancel 8
		is "cancelled" .totals.cache.cancelled_bytes 8388608
		;;
	absorbed)
		measure rewrite-page /run/m/page 997
		true_that "factor far below 1" '.totals.amplification.write.bytes < 0.1' .totals.amplification
		;;
	read)
		$P/workload prepare /run/m/read >/dev/null
		sync
		echo 3 >/proc/sys/vm/drop_caches
		r0=$(awk '{print $3 * 512}' "/sys/block/$name/stat")
		$P/ioamp-stat -j -o /tmp/o.json -- $P/workload seq-read /run/m/read >/tmp/w.json || fail "cold: $?"
		r1=$(awk '{print $3 * 512}' "/sys/block/$name/stat")
		is "device reads" ".devices[] | select(.name == \"$name\") | .read_bytes" "$((r1 - r0))"
		true_that "64 MiB and what is said to be readahead" \
			'.totals.filesystem.read.data.bytes - .totals.cache.readahead_bytes == .totals.cache.miss_bytes
			 and .totals.cache.miss_bytes >= 67108864' .totals.cache
		$P/ioamp-stat -j -o /tmp/o.json -- $P/workload seq-read /run/m/read >/tmp/w.json || fail "warm: $?"
		is "device reads when warm" .totals.device.read.bytes 0
		true_that "all hits" '.totals.cache.miss_bytes == 0 and .totals.cache.hit_bytes >= 67108864' .totals.cache
		;;
	noise)
		measure noise /run/m/noise 200000
		;;
	spawn)
		mkdir -p /run/m/spawn
		measure spawn-dd /run/m/spawn 100
		is "rows named dd" '[.rows[] | select(.comm == "dd" and .application.write.bytes == 4096)] | length' 100
		;;
	roles)	# a program of this name with a file of that place is what the rules take it for
		mkdir -p /run/m/pg/pg_wal
		cp $P/workload /run/postgres
		$P/ioamp-stat -j --by role -o /tmp/o.json -- /run/postgres append-fsync \
			/run/m/pg/pg_wal/000000010000000000000001 200 100 >/tmp/w.json || fail "ioamp-stat: $?"
		is "complete" .complete true
		wal='.rows[] | select(.system == "postgres" and .role == "wal")'
		is "role wal: written" "$wal | .application.write.bytes" "$(jq .write_bytes /tmp/w.json)"
		is "role wal: syncs" "$wal | .application.sync.ops" 200
		is "role wal: data" "$wal | .device.write_classes.data" 835584
		true_that "rows add up to the devices" \
			'([.rows[].device.write.bytes] | add) == ([.devices[] | select(.leaf) | .write_bytes] | add)' .
		;;
	top)
		mkfifo /tmp/top-ready
		$P/ioamp-top -j -d "$name" --by process --ready-fd 5 1 5>/tmp/top-ready >/tmp/top.json 2>/tmp/err &
		tool=$!
		head -c 1 /tmp/top-ready >/dev/null
		before=$(awk '{print $7 * 512}' "/sys/block/$name/stat")
		$P/workload append-fsync /run/m/top 200 100 >/tmp/w.json
		sync -f /run/m
		sleep 3
		kill -INT $tool
		wait $tool || fail "ioamp-top: $?: $(cat /tmp/err)"
		after=$(awk '{print $7 * 512}' "/sys/block/$name/stat")
		jq -s --argjson pid "$(jq .pid /tmp/w.json)" '{
			complete: (map(.complete) | all), intervals: length,
			app: (map(.rows[] | select(.pid == $pid) | .application.write.bytes) | add),
			rows: (map(.rows[].device.write.bytes) | add),
			unexplained: (map(.devices[].unexplained_write_bytes) | add)}' /tmp/top.json >/tmp/o.json
		is "complete" .complete true
		true_that "several intervals" '.intervals >= 3' .
		is "application bytes over all intervals" .app "$(jq .write_bytes /tmp/w.json)"
		is "device bytes of all rows, the kernel's own" .rows $((after - before))
		is "unexplained" .unexplained 0
		;;
	loop)
		truncate -s 600M /run/m/image
		loop=$(losetup -f --show /run/m/image) || { fail "no loop device"; continue; }
		lname=$(basename "$loop")
		mke2fs -q -t ext4 -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$loop"
		mkdir -p /run/l
		mount -o noatime "$loop" /run/l
		sync
		l0=$(awk '{print $7 * 512}' "/sys/block/$lname/stat")
		measure append-fsync /run/l/append 100 100
		l1=$(awk '{print $7 * 512}' "/sys/block/$lname/stat")
		is "loop's own counter" ".devices[] | select(.name == \"$lname\") | .write_bytes" "$((l1 - l0))"
		is "the loop device is not a leaf" ".devices[] | select(.name == \"$lname\") | .leaf" false
		true_that "twice the loop's factor on the disk" \
			'.totals.block.write.bytes / .totals.application.write.bytes > 150
			 and .totals.amplification.write.bytes > 280' '[.totals.block.write, .totals.amplification.write]'
		umount /run/l
		losetup -d "$loop"
		;;
	reader)
		mkfifo /tmp/slow
		{ head -c 100; sleep 5; cat; } </tmp/slow >/tmp/s.json &
		$P/iosnoop-amp -j --buffer-pages 2 -- sh -c "$P/workload append-fsync /run/m/slow 300 100 >/tmp/w.json" \
			>/tmp/slow 2>/dev/null || fail "iosnoop-amp: $?"
		wait
		tail -1 /tmp/s.json >/tmp/o.json
		true_that "lines were lost, and said" '.losses.events > 0' .losses
		is "totals all the same" .totals.application.write.bytes "$(jq .write_bytes /tmp/w.json)"
		is "complete" .complete true
		;;
	errors)
		mkdir -p /tmp/empty
		refused "no libbcc" E141 env IOAMP_LIBBCC=/nonexistent $P/ioamp-stat -- touch /tmp/ran
		refused "no root" E101 setpriv --reuid 65534 --regid 65534 --clear-groups $P/ioamp-stat -- touch /tmp/ran
		refused "no tracefs" E150 unshare -m sh -c \
			"umount /sys/kernel/debug /sys/kernel/tracing; exec $P/ioamp-stat -- touch /tmp/ran"
		refused "no types" E110 unshare -m sh -c "mount --bind /tmp/empty /sys/kernel/btf
			mount --bind /tmp/empty /lib/modules; exec $P/ioamp-stat -- touch /tmp/ran"
		;;
	child)
		IOAMP_CACHE= $P/ioamp-stat -- touch /tmp/ran >/dev/null 2>/tmp/err &
		tool=$!
		sleep 4	# of some fifteen seconds of compiling
		pkill -KILL -x ioamp-compile
		wait $tool
		got=$?
		[ $got = 1 ] && [ ! -e /tmp/ran ] && echo "ok: no compiler, no COMMAND" || fail "status $got: $(cat /tmp/err)"
		[ -z "$($P/progs)" ] && echo "ok: no program is left" || fail "left: $($P/progs)"
		;;
	doctor)
		$P/ioamp-doctor -j -o /tmp/o.json || fail "ioamp-doctor: $?"
		is "usable" .usable true
		is "vfs via" .layers.vfs.via "$vfs_via"
		is "types" .types "$types"
		is "layers seen" '[.layers[].available] | all' true
		jq -r '.checks[] | select(.verdict == "limit") | "limit: \(.name): \(.detail)"' /tmp/o.json
		python3 $P/check_schema.py /tmp/o.json $P/doctor.schema.json
		case $? in 0 | 77) ;; *) fail "schema" ;; esac
		$P/ioamp-doctor --selftest -j -o /tmp/o.json || fail "ioamp-doctor --selftest: $?"
		is "mismatches" .mismatches 0
		true_that "no figure is unavailable" '.unavailable == 0' \
			'[.figures[] | select(.verdict == "unavailable")]'
		true_that "each figure is as expected" '[.figures[] | select(.at_least | not) | .got == .expected] | all' \
			'[.figures[] | select(.verdict != "ok")]'
		grep -q ' /dev/loop' /proc/self/mountinfo && fail "a loop device is mounted"
		losetup -n -O BACK-FILE | grep selftest && fail "a loop device is left"
		;;
	kill)
		mkfifo /tmp/ready
		$P/ioamp-stat --ready-fd 5 -- sleep 60 5>/tmp/ready >/dev/null 2>&1 &
		tool=$!
		head -c 1 /tmp/ready >/dev/null
		sleeper=$(pgrep -x sleep)
		kill -KILL $tool
		wait $tool 2>/dev/null
		kill -0 "$sleeper" && echo "ok: sleep lives on" || fail "COMMAND died with the tool"
		kill "$sleeper"
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			[ -z "$($P/progs)" ] && break
			sleep 1
		done
		[ -z "$($P/progs)" ] && echo "ok: no program is left" || fail "left: $($P/progs)"
		grep -c . /sys/kernel/tracing/kprobe_events | grep -qx 0 && echo "ok: no kprobe event" || fail "kprobe events are left"
		;;
	snoop)
		$P/iosnoop-amp -j -d "$name" -o /tmp/s.json -- \
			dd if=/dev/zero of=/run/m/snoop bs=4096 count=23 oflag=direct 2>/dev/null || fail "iosnoop-amp: $?"
		n=$(grep -c '"event":"DEVICE_WRITE".*"comm":"dd"' /tmp/s.json)
		[ "$n" -ge 23 ] && echo "ok: $n lines" || fail "$n lines of 23 device writes"
		n=$(grep -c '"event":"SYSCALL_WRITE".*"comm":"dd".*"size":4096' /tmp/s.json)
		[ "$n" = 23 ] && echo "ok: $n calls" || fail "$n lines of 23 calls"
		;;
	esac
done
dmesg | grep -E 'WARNING|BUG:|Oops' && fail "the kernel complained"
exit $failed
