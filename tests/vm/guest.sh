#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# guest - runs inside a guest: known workloads on an ext4 of their own, truth
# from the workload's own count and the kernel's counters.
# guest.sh VFS-VIA TYPES WORKLOAD...   (WORKLOAD: append direct deferred shared cancel snoop sync)
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

disk=$(readlink -f /dev/disk1)
name=$(basename "$disk")
mke2fs -q -t ext4 -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$disk" || exit 125
mkdir -p /run/m
mount -o noatime "$disk" /run/m || exit 125
cd /run || exit 125

measure() {
	before=$(awk '{print $7 * 512}' "/sys/block/$name/stat")
	$P/ioamp-stat -j -o /tmp/o.json -- $P/workload "$@" >/tmp/w.json 2>/tmp/err ||
		fail "ioamp-stat ended with $?: $(cat /tmp/err)"
	after=$(awk '{print $7 * 512}' "/sys/block/$name/stat")
	truth=$(jq .write_bytes /tmp/w.json)
	is "application bytes" .totals.application.write.bytes "$truth"
	is "types" .types "$types"
	is "vfs via" .layers.vfs.via "$vfs_via"
	is "complete" .complete true
	is "device bytes of all rows" ".devices[] | select(.name == \"$name\") | .write_bytes" \
		"$((after - before))"
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
	python3 $P/check_schema.py /tmp/o.json $P/summary.schema.json || fail "schema"
}

for w in "$@"; do
	echo "== $w"
	case $w in
	append)
		measure append-fsync /run/m/append 200 100
		is "data" .totals.filesystem.write.data.bytes 835584
		is "syncs" .totals.application.sync.ops 200
		is "vfs writes" .totals.vfs.write.ops 200
		is "vfs syncs" .totals.vfs.sync.ops 200
		true_that "factor near 167" '.totals.amplification.write.bytes | . > 160 and . < 176' .totals.amplification
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
