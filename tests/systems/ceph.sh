#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Ceph: one monitor and one OSD (BlueStore on a raw loop device), both made by hand as the
# manual deployment says; rados bench. The OSD's counters state what clients gave it and what
# it wrote itself.
#
# usage: ceph.sh [table]	table: lines for table.sh instead of the test
# shellcheck source=tests/systems/lib.sh
. "$(dirname "$0")/lib.sh"

program ceph-mon ceph-osd ceph rados monmaptool
scratch_fs_new ext4 2048
BLOCK=$SCRATCH_DEV
block_disk=$SCRATCH_DISK
umount "$SCRATCH_DIR" || scratch_fail "umount $SCRATCH_DIR"
systems_fs 512
DATA=$SCRATCH_DIR/ceph
mkdir -p "$DATA/mon" "$DATA/osd" "$RUN_DIR/ceph"
ln -s "$BLOCK" "$DATA/osd/block"
CEPH_CONF=$RUN_DIR/ceph.conf
export CEPH_CONF
fsid=$(cat /proc/sys/kernel/random/uuid)
address="[v2:127.0.0.1:$(free_port)]"
cat >"$CEPH_CONF" <<END
[global]
fsid = $fsid
mon host = $address
public network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
ms bind msgr1 = false
run dir = $RUN_DIR/ceph
admin socket = $RUN_DIR/ceph/\$name.asok
log file = $RUN_DIR/ceph/\$name.log
mon data = $DATA/mon
osd data = $DATA/osd
osd pool default size = 1
osd pool default min size = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
osd memory target = 1073741824
crash dir = $RUN_DIR
END
monmaptool --create --fsid "$fsid" --addv a "$address" "$RUN_DIR/monmap" >/dev/null
ceph-mon --mkfs -i a --monmap "$RUN_DIR/monmap" >"$RUN_DIR/mon.log" 2>&1 ||
	server_failed mon "has no store"
server mon 30 timeout 5 ceph -s -- ceph-mon -f -i a
uuid=$(cat /proc/sys/kernel/random/uuid)
ceph osd new "$uuid" >/dev/null || server_failed mon "makes no OSD"
ceph-osd --mkfs -i 0 --osd-uuid "$uuid" >"$RUN_DIR/osd.log" 2>&1 || server_failed osd "has no store"
osd_up() {
	ceph osd stat | grep -q '1 up'
}
server osd 60 osd_up -- ceph-osd -f -i 0
ceph osd pool create bench 8 >/dev/null 2>&1 || server_failed mon "makes no pool"
# shellcheck disable=SC2034 # for measured and books: the monitor's store is elsewhere
SYSTEMS_DISK=$block_disk
osd=$SERVER_PID

# One object after the other. The bench has its own names for each run; an operation takes 90 MB at
# most, `put` writes a larger object in several.
table_line() { # SIZE COUNT
	echo "rados bench -p bench 60 write -b $1 -O $1 -t 1 --max-objects $2 --no-cleanup" >"$RUN_DIR/load"
	if [ "$1" = 100000000 ]; then
		head -c "$1" /dev/urandom >"$RUN_DIR/object"
		echo "rados -p bench put large '$RUN_DIR/object'" >"$RUN_DIR/load"
	fi
	measured --by file -- sh "$RUN_DIR/load"
	invariants -a "$SUMMARY" "$block_disk"
	made=$(sed -n 's/^Total writes made: *//p' "$TRUTH")
	line "write, one OSD" "$1" "${made:-1}" ".file == \"$BLOCK\""
}

if [ "${1:-}" = table ]; then
	each_size "$OBJECTS" table_line
	server_stop osd
	server_stop mon
	finish
fi

# Within a second the OSD has written what remains after the client's last request.
cat >"$RUN_DIR/load" <<END
ceph daemon osd.0 perf dump >"$RUN_DIR/perf.before"
rados bench -p bench 3 write -b 4096 -t 4 --no-cleanup
sleep 1
ceph daemon osd.0 perf dump >"$RUN_DIR/perf.after"
END

perf() { # FILTER: the difference
	jq -s "(.[1] | $1) - (.[0] | $1)" "$RUN_DIR/perf.before" "$RUN_DIR/perf.after"
}

io_around "$RUN_DIR/load" "$osd"
measured --by file -- sh "$RUN_DIR/load"
books 10
block=".file == \"$BLOCK\""
check "the client's bytes" "$(perf .osd.op_w_in_bytes)" ge \
	"$(($(sed -n 's/^Total writes made: *//p' "$TRUTH") * 4096))"
wal=$(row_sum "$block" .application.interfaces.pwritev.bytes)
bluefs=$(perf .bluefs.bytes_written_wal)
apart "BlueFS log of RocksDB" "$wal" "$bluefs" \
	"its counter is read within our window, and the OSD writes a page by itself now and then"
between "BlueFS log of RocksDB" "$wal" "$bluefs" "$((bluefs + 16384))"
apart "data and the log of BlueFS" "$(row_sum "$block" .application.interfaces.libaio.bytes)" \
	"$(perf '.bluestore | .bluestore_allocated + .deferred_write_bytes') + $(perf .bluefs.logged_bytes)" \
	"its superblock and the new log of a compaction are in neither counter"
near "data and the log of BlueFS" "$(row_sum "$block" .application.interfaces.libaio.bytes)" \
	"$(($(perf '.bluestore | .bluestore_allocated + .deferred_write_bytes') + $(perf .bluefs.logged_bytes)))" 10
check "on the disk" "$(disk_sum .write_bytes "$block_disk")" eq \
	"$(row_sum "$block" .application.write.bytes)"
apart "written, in its file system too" "$(($(row_sum "$block" .cache.dirtied_bytes) + \
	$(row_sum "$block" .application.interfaces.libaio.bytes)))" "$(io_delta "$osd" write_bytes)" \
	"the kernel's figure of the process has the files of its folder in it"
roles ceph-osd "$RUN_DIR/load" commit client
server_stop osd
server_stop mon
finish
