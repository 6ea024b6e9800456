#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# latency-guest - runs inside a guest: waits whose place is known, one start of the tool for all.
# The disks are as fast as memory; what takes time was told to.
P=/payload
OUT=$RESULTS/waits.json
failed=0

ok() { # WHAT CONDITION FIGURES: of the row (or rows) that $select chooses
	if [ "$(jq "[.latency[] | select($select)] | $2" "$OUT")" = true ]; then
		echo "ok: $1: $(jq -c "[.latency[] | select($select)] | $3" "$OUT")"
	else
		echo "FAIL: $1: $(jq -c "[.latency[] | select($select)] | map(del(.histogram))" "$OUT")"
		failed=1
	fi
}

filesystem() { # NODE DIR
	mke2fs -q -F -t ext4 -b 4096 -J size=8 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$1" &&
		mkdir -p "$2" && mount -o noatime "$1" "$2"
}

ticks() { # NODE: milliseconds of writes
	awk '{ print $8 }' "/sys/dev/block/$(stat -Lc %Hr:%Lr "$1")/stat"
}

direct() { # NAME FILE N DD-OPTION...: N writes of 4 KiB; its pid in /run/NAME
	direct_name=$1 direct_file=$2 direct_n=$3
	shift 3
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1"; shift; exec dd "$@"' sh "/run/$direct_name" if=/dev/zero "of=$direct_file" \
		bs=4096 count="$direct_n" oflag=direct conv=notrunc status=none "$@"
}

works() {
	# shellcheck disable=SC2016
	sh -c 'echo $$ >/sys/fs/cgroup/slow/cgroup.procs; exec "$@"' sh "$0" throttle
	direct delay /dev/mapper/delay 23	# no file system: nobody else writes there
	sh -c 'echo $$ >/run/null; exec dd if=$(cat /run/slow) of=/dev/null bs=4096 count=19 iflag=direct status=none'
	# one request of 32 pages each time: more bios than are looked at when it is handed over
	sh -c 'echo $$ >/run/batch; exec /payload/workload aio-batch "$(cat /run/slow)" 64 32' >/dev/null
	direct flush /dev/mapper/flush 7 oflag=direct,sync
	# others keep the journal busy: each change of metadata, and each commit, is theirs
	for i in 1 2; do
		(while [ -e /run/busy ]; do
			$P/workload create-fsync /run/m/busy$i 7 >/dev/null
			rm -rf /run/m/busy$i/*
		done) &
	done
	sleep 1
	# shellcheck disable=SC2016
	sh -c 'echo $$ >/run/sync; exec /payload/workload append-fsync /run/m/append 53 100' >/run/sync.truth
	rm /run/busy
	wait
	# shellcheck disable=SC2016
	sh -c 'echo $$ >/run/aio; exec /payload/workload matrix libaio /run/m/direct --direct' >/dev/null
	# shellcheck disable=SC2016
	sh -c 'echo $$ >/run/uring; exec /payload/workload matrix io_uring /run/m/direct --direct' >/dev/null
}

case $1 in
works) works; exit ;;
throttle) direct throttle /run/slow.m/f 30; exit ;;
esac

cd /run || exit 125
disk2=$(readlink -f /dev/disk2)
disk3=$(readlink -f /dev/disk3)
modprobe configfs
modprobe null_blk nr_devices=0 || exit 125
[ -d /sys/kernel/config/nullb ] || mount -t configfs configfs /sys/kernel/config
# null NAME COMPLETION_NSEC [CACHE]: a disk in memory whose timer says when it is done, which wants
# flushes if it has a cache; prints its node
null() {
	mkdir "/sys/kernel/config/nullb/$1" || exit 125
	[ "$2" = 0 ] && null_irq=0 || null_irq=2
	for setting in size=64 memory_backed=1 queue_mode=2 irqmode=$null_irq completion_nsec="$2" \
		cache_size="${3:-0}" power=1; do
		echo "${setting#*=}" >"/sys/kernel/config/nullb/$1/${setting%%=*}" || echo "null_blk: $setting" >&2
	done
	# by its number, or since 6.3 by its name
	null_node=/dev/nullb$(cat "/sys/kernel/config/nullb/$1/index")
	[ -b "$null_node" ] || null_node=/dev/$1
	echo "$null_node"
}
slow=$(null slow 50000000) || exit 125
disk1=$(null fast 0) || exit 125	# nothing but io.max takes time there
cached=$(null cached 50000000 1) || exit 125
echo "$slow" >/run/slow
# shellcheck disable=SC2154 # by the loop
{
	dmsetup create flush --table "0 $(blockdev --getsz "$cached") linear $cached 0" &&
		dmsetup create delay --table "0 $(blockdev --getsz "$disk2") delay $disk2 0 0 $disk2 0 50" &&
		filesystem "$disk1" /run/slow.m &&
		filesystem "$disk3" /run/m || exit 125
}
mkdir -p /run/m/busy1 /run/m/busy2 /sys/fs/cgroup/slow
for file in /run/slow.m/f /run/m/direct; do
	$P/workload prepare "$file" 16 >/dev/null
done
sync
root=$(basename "$(findmnt -no SOURCE / | sed 's/p[0-9]*$//')")
echo $(($(ticks /dev/mapper/delay) - $(ticks "$disk2"))) >/run/ticks
touch /run/busy
echo "$(cat "/sys/block/$(basename "$disk1")/dev") wiops=10" >/sys/fs/cgroup/slow/io.max
$P/iolatency-layers -j -v -o "$OUT" -- "$0" works 2>"$RESULTS/err" || { cat "$RESULTS/err"; exit 1; }
grep -E ' - ' "$RESULTS/err" | head -20
python3 $P/check_schema.py "$OUT" $P/summary.schema.json || [ $? = 77 ] || failed=1

select=true
ok "parts add up" 'all(.wait_ns == (.parts | add))' 'length'
ok "numbers of waits are those of the histograms" 'all(.count == ([.histogram[][1]] | add))' 'map(.count) | add'
mine() { # NAME OP INTERFACE
	select="(.background | not) and .pid == $(cat "/run/$1") and .op == \"$2\" and .interface == \"$3\" and
		.disk != \"$root\""
}

mine throttle write write
ok "io.max: 30 writes" '.[0].count == 30' '.[0].count'
ok "io.max: p50 is 100 ms" '.[0].p50_ns | . > 85e6 and . < 115e6' '.[0].p50_ns'
ok "io.max: above the block layer" '.[0] | .parts.above_block >= .wait_ns * 0.95' '.[0].parts'
ok "io.max: the device took less than 1 ms" '.[0] | .parts.device / .count < 1e6' '.[0].parts.device / 30'
mine delay write write
ok "dm-delay: 23 writes" '.[0].count == 23' '.[0].count'
# dm waits in ticks, of which 50 ms are 12.5, and a busy host adds some: the kernel's own times are the truth
ms=$(($(ticks /dev/mapper/delay) - $(ticks "$disk2") - $(cat /run/ticks)))
ok "dm-delay: 50 ms each in the stack" ".[0].parts.stack / 23e6 | . > 47.5 and . < 75" '.[0].parts.stack / 23e6'
# dm's statistics count in ticks of 4 ms, so each of the 23 writes may be one off
ok "dm-delay: $ms ms in all, by the disks' own statistics" \
	".[0].parts.stack / 1e6 | . > $ms - 92 and . < $ms + 92" '.[0].parts.stack / 1e6'
mine null read read
ok "null_blk: 19 reads" '.[0].count == 19' '.[0].count'
ok "null_blk: p50 is 50 ms" '.[0].p50_ns | . > 47.5e6 and . < 52.5e6' '.[0].p50_ns'
ok "null_blk: on the device" '.[0] | .parts.device >= .wait_ns * 0.95' '.[0].parts'
mine batch read libaio
ok "a request of 32: 64 reads" '.[0].count == 64' '.[0].count'
ok "a request of 32: all of them on the device" '.[0] | .parts.device >= .wait_ns * 0.9' '.[0].parts'
mine flush write write
ok "a flush below dm: 7 writes" '.[0].count == 7' '.[0].count'
ok "a flush below dm: with the data's, 100 ms each" '.[0].p50_ns | . > 95e6 and . < 110e6' '.[0].p50_ns'
ok "a flush below dm: on the device" '.[0] | .parts.device >= .wait_ns * 0.95' '.[0].parts'
mine sync sync fsync
ok "fsync: 53" '.[0].count == 53' '.[0].count'
ok "fsync beside a busy journal waits for it" '.[0] | .parts.journal >= .wait_ns * 0.5' '.[0] | .parts.journal / .wait_ns'
ok "fsync: little is unaccounted" '.[0] | .parts.unaccounted <= .wait_ns * 0.05' '.[0].parts'
mine aio write libaio
ok "libaio: 1024 requests" '.[0].count == 1024 and .[0].interface == "libaio"' '.[0].count'
ok "libaio: little is unaccounted" '.[0] | .parts.unaccounted <= .wait_ns * 0.05' '.[0].parts'
ok "libaio: on the device" '.[0].parts.device > 0' '.[0].p50_ns'
mine uring write io_uring
ok "io_uring: 1024 requests" '.[0].count == 1024 and .[0].interface == "io_uring"' '.[0].count'
ok "io_uring: little is unaccounted" '.[0] | .parts.unaccounted <= .wait_ns * 0.05' '.[0].parts'
ok "io_uring: on the device" '.[0].parts.device > 0' '.[0].p50_ns'
select='.background and .op == "write"'
ok "background writes have no caller's parts" 'length > 0 and all(.parts | .above_block + .journal + .return == 0)' \
	'map(.count) | add'
dmesg | grep -E 'WARNING|BUG:|Oops' && echo "FAIL: the kernel complained" && failed=1
exit $failed
