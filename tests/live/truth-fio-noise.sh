#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1000 x (append 100 B + fsync), first alone, then beside fio at full speed on another file
# system: the same figures within 1 %, and none of fio's bytes among them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

command -v fio >/dev/null || skip "fio is not installed"
scratch_fs_new ext4 256
other=$SCRATCH_DIR
other_disk=$SCRATCH_DISK
scratch_fs_new ext4 256

figures() { # NAME: leaves those to compare in the file of that name
	check "$1: application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
	check "$1: application syncs" "$(sum .totals.application.sync.ops)" eq "$(truth .syncs)"
	check "$1: data" "$(pid_row "$(truth .pid)" .device.write_classes.data)" eq 4194304
	check "$1: unattributed" "$(disk_sum .write_by_kind.unattributed)" eq 0
	check "$1: outside on this disk" "$(disk_sum .write_by_kind.outside)" eq 0
	for part in filesystem.write.journal.bytes block.write.bytes device.write.bytes block.flush.ops; do
		echo "$part $(pid_row "$(truth .pid)" ".$part")"
	done >"$SCRATCH_TMP/$1"
}

stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/alone" 1000 100
figures alone
invariants "$SUMMARY" "$SCRATCH_DISK"

fio --name=noise --directory="$other" --rw=randrw --bs=16k --size=64m --ioengine=psync --direct=1 \
	--time_based --runtime=100 >"$SCRATCH_TMP/fio" 2>&1 &
noise=$!
scratch_at_exit scratch_kill "$noise"
start=$(dev_stat "$other_disk")
now=$start
while [ "$((${now#* } - ${start#* }))" -lt 83886080 ]; do # its file is laid out, and more
	kill -0 "$noise" 2>/dev/null || scratch_fail "fio: $(tail -3 "$SCRATCH_TMP/fio")"
	now=$(dev_stat "$other_disk")
done
start=$now
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/beside" 1000 100
now=$(dev_stat "$other_disk")
kill -0 "$noise" 2>/dev/null || fail "fio ended too early"
figures beside
check "fio wrote meanwhile" "$((${now#* } - ${start#* }))" gt 1000000
check "fio's bytes are outside" "$(row outside .application.write.bytes)" gt 100000
check "fio's disk: no owner of the target" "$(disk_sum .write_by_kind.owner "$other_disk")" eq 0
while read -r part value; do
	near "beside fio: $part" "$value" "$(awk -v p="$part" '$1 == p { print $2 }' "$SCRATCH_TMP/alone")" 10
done <"$SCRATCH_TMP/beside"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
