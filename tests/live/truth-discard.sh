#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Discards belong to whoever freed the blocks, although a worker, the log or somebody else's sync
# sends them. Truth: what was removed, and the fields 12 to 15 of /sys/block/DISK/stat.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

MIB=1048576
MIXED=32 # MiB of small files, which two processes remove in turn

discarded() { # of the disk, by the kernel's own count
	awk '{ printf "%.0f\n", $14 * 512 }' "/sys/block/$SCRATCH_DISK/stat"
}

owned() { # PID
	pid_row "$1" .device.discard.bytes
}

# Syncs until the kernel has discarded that much, or for ten seconds.
# shellcheck disable=SC2016 # for the shell that is measured
AWAIT='tries=0
	until [ "$(awk "{ printf \"%.0f\", \$14 * 512 }" "$2")" -ge "$3" ] || [ $tries = 100 ]
	do
		sleep 0.1
		sync -f "$1"
		tries=$((tries + 1))
	done'

# Removed by three processes; a fourth one overwrites a file, a fifth one syncs.
# shellcheck disable=SC2016 # for the shell that is measured
REMOVE='cd "$1" || exit
	rm big & big=$!
	wait
	rm odd* & odd=$!
	rm even* & even=$!
	wait
	dd if=/dev/zero of=other bs=1M count=8 conv=notrunc 2>/dev/null & dd=$!
	wait
	'"$AWAIT"'
	echo "{\"big\":$big,\"odd\":$odd,\"even\":$even,\"dd\":$dd}"'

prepare() {
	"$WORKLOAD" prepare "$SCRATCH_DIR/big" 64 >/dev/null
	"$WORKLOAD" prepare "$SCRATCH_DIR/other" 8 >/dev/null
	for i in $(seq $((MIXED / 2))); do
		"$WORKLOAD" prepare "$SCRATCH_DIR/odd$i" 1 >/dev/null
		"$WORKLOAD" prepare "$SCRATCH_DIR/even$i" 1 >/dev/null
	done
	sync -f "$SCRATCH_DIR"
}

for fs in ext4 xfs btrfs; do
	SCRATCH_MOUNT_OPTS=noatime,discard$([ $fs != btrfs ] || echo =sync)
	scratch_fs_new $fs 512
	[ "$(cat "/sys/block/$SCRATCH_DISK/queue/discard_max_bytes")" -gt 0 ] ||
		skip "the loop device does not discard"
	prepare
	before=$(discarded)
	stat_run -d "$SCRATCH_DISK" -- sh -c "$REMOVE" sh "$SCRATCH_DIR" \
		"/sys/block/$SCRATCH_DISK/stat" $((before + (64 + MIXED) * MIB))
	kernel=$(($(discarded) - before))
	check "$fs: the kernel discarded what was removed" "$kernel" ge $(((64 + MIXED) * MIB))
	check "$fs: device" "$(sum '[.rows[].device.discard.bytes] | add')" eq "$kernel"
	check "$fs: block" "$(sum '[.rows[].block.discard.bytes] | add')" eq "$kernel"
	check "$fs: of nobody" "$(sum '[.rows[] | select(.kind != "owner") | .device.discard.bytes] |
		add // 0')" eq 0
	if [ $fs != btrfs ]; then
		# ext4 discards free neighbours once more, for the owner of the first block
		most=$([ $fs = ext4 ] && echo "$kernel" || echo $MIB)
		between "$fs: big" "$(owned "$(truth .big)")" $((64 * MIB)) $((64 * MIB + most))
		for turn in odd even; do
			between "$fs: $turn" "$(owned "$(truth .$turn)")" $((MIXED / 2 * MIB)) \
				$((MIXED / 2 * MIB + most))
		done
		check "$fs: who overwrites" "$(owned "$(truth .dd)")" eq 0
	else
		# shares: an overwritten page is freed, too, and so is each changed page of the tree
		near "$fs: big" "$(owned "$(truth .big)")" $((64 * MIB)) 50
		near "$fs: odd" "$(owned "$(truth .odd)")" $((MIXED / 2 * MIB)) 50
		near "$fs: even" "$(owned "$(truth .even)")" $((MIXED / 2 * MIB)) 50
		between "$fs: who overwrites" "$(owned "$(truth .dd)")" 0 $((10 * MIB))
	fi
	invariants "$SUMMARY" "$SCRATCH_DISK"

	# freed before the window: nobody's, whoever commits it
	[ $fs = xfs ] || mount -o remount,commit=60 "$SCRATCH_DIR"
	"$WORKLOAD" prepare "$SCRATCH_DIR/earlier" 32 >/dev/null
	sync -f "$SCRATCH_DIR"
	rm "$SCRATCH_DIR/earlier"
	before=$(discarded)
	stat_run -d "$SCRATCH_DISK" -- sh -c "rm \"\$1/other\"; $AWAIT" sh "$SCRATCH_DIR" \
		"/sys/block/$SCRATCH_DISK/stat" $((before + 40 * MIB))
	if [ $fs != ext4 ]; then # which discards free neighbours once more
		check "$fs: earlier, owned" "$(row owner .device.discard.bytes)" le $((9 * MIB))
		check "$fs: earlier, background" "$(row background .device.discard.bytes)" \
			ge $((31 * MIB))
	fi

	# its caller discards for itself
	before=$(discarded)
	stat_run -d "$SCRATCH_DISK" -- fstrim "$SCRATCH_DIR"
	kernel=$(($(discarded) - before))
	check "$fs: fstrim discards" "$kernel" gt 0
	check "$fs: fstrim" "$(sum '[.rows[] | select(.comm == "fstrim") | .device.discard.bytes] |
		add // 0')" eq "$kernel"
	scratch_fs_free
done
finish
