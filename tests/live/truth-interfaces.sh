#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every system call that moves or syncs bytes, 23 operations each. The programs run before the
# tool attaches (-p), so that no dynamic loader is in the figures: all counts are exact.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# the workload's name, the interface in the summary, that interface's own operations; "sync" in
# the last column: each write is a sync, too
list='
write		write		23	-
pwrite64	pwrite64	23	-
writev		writev		23	-
pwritev		pwritev		23	-
pwritev2	pwritev2	23	-
pwritev2-dsync	pwritev2	23	sync
pwritev2-sync	pwritev2	23	sync
write-osync	write		23	sync
write-odsync	write		23	sync
sendfile	sendfile	23	-
splice		splice		23	-
copy_file_range	copy_file_range	46	-
read		read		23	-
pread64		pread64		23	-
readv		readv		23	-
preadv		preadv		23	-
preadv2		preadv2		23	-
sendfile-read	sendfile	23	-
splice-read	splice		23	-
sync		sync		23	-
syncfs		syncfs		23	-
fsync		fsync		23	-
fdatasync	fdatasync	23	-
sync_file_range	sync_file_range	23	-
msync		msync		23	-
'
each() { # COMMAND: with $name $iface $ops $also
	echo "$list" >"$SCRATCH_TMP/list"
	while read -r name iface ops also; do
		[ -z "$name" ] || "$1"
	done <"$SCRATCH_TMP/list"
}

scratch_fs_new ext4 256
SUMMARY=$SCRATCH_TMP/summary.json

start() {
	"$WORKLOAD" prepare "$SCRATCH_DIR/$name" 1 >/dev/null
	mkfifo "$SCRATCH_TMP/go-$name"
	"$WORKLOAD" --go-fd 7 interface "$SCRATCH_DIR/$name" "$name" 7<>"$SCRATCH_TMP/go-$name" \
		>"$SCRATCH_TMP/truth-$name" &
	pids="$pids $!"
	echo "$!" >"$SCRATCH_TMP/pid-$name"
}
pids=
each start
# shellcheck disable=SC2086 # words
scratch_at_exit scratch_kill $pids
for pid in $pids; do # until each sleeps in its read of the fifo
	until grep -q pipe_read "/proc/$pid/wchan" 2>/dev/null || grep -q '^State:.S' "/proc/$pid/status"; do
		:
	done
done
sync -f "$SCRATCH_DIR"

mkfifo "$SCRATCH_TMP/ready"
# shellcheck disable=SC2086 # words
"$STAT" -j -o "$SUMMARY" -p "$(echo $pids | tr ' ' ,)" --ready-fd 9 9<>"$SCRATCH_TMP/ready" &
tool=$!
read_byte() { dd bs=1 count=1 status=none; }
read_byte <"$SCRATCH_TMP/ready" >/dev/null
# shellcheck disable=SC2317 # called by each
go() {
	echo >"$SCRATCH_TMP/go-$name"
	wait "$(cat "$SCRATCH_TMP/pid-$name")" || fail "$name failed"
}
each go
kill -INT "$tool"
wait "$tool"
check "status" "$?" eq 0

compare() {
	TRUTH=$SCRATCH_TMP/truth-$name
	pid=$(cat "$SCRATCH_TMP/pid-$name")
	want=$(jq -c '[.write_ops, .write_bytes, .read_ops, .read_bytes, .syncs]' "$TRUTH")
	# its own text may have to be read in: faults are reads of the interface mmap
	got=$(jq -c "[.rows[] | select(.pid == $pid) | .application | (.interfaces.mmap // {ops: 0, bytes: 0}) as \$m
		| .write.ops, .write.bytes, .read.ops - \$m.ops, .read.bytes - \$m.bytes, .sync.ops]" "$SUMMARY")
	check "$name: writes, bytes, reads, bytes, syncs" "$got" is "$want"
	[ "$also" = - ] || check "$name: syncs" "$(truth .syncs)" eq 23
	check "$name: interface $iface" "$(pid_row "$pid" ".application.interfaces[\"$iface\"].ops // 0")" eq "$ops"
	check "$name: no other interface" "$(sum "[.rows[] | select(.pid == $pid) |
		.application.interfaces | keys[] | select(. != \"$iface\" and . != \"pwrite64\" and . != \"mmap\")] | length")" eq 0
	[ "$(truth .write_bytes)" = 0 ] ||
		check "$name: dirtied" "$(pid_row "$pid" .cache.dirtied_bytes)" eq "$(truth .write_bytes)"
	case $name in
	*sync*) check "$name: data on the device" "$(pid_row "$pid" .device.write_classes.data)" eq \
		"$(truth .write_bytes)" ;;
	esac
}
each compare
check "rows of owners" "$(sum '[.rows[] | select(.kind == "owner")] | length')" eq 25
check "names in the totals" "$(sum '.totals.application.interfaces | del(.mmap) | keys | join(" ")')" is \
	"$(echo "$list" | awk 'NF { print $2 }' | LC_ALL=C sort -u | xargs)"
check "writes in all" "$(sum .totals.application.write.bytes)" eq \
	"$(cat "$SCRATCH_TMP"/truth-* | jq -s '[.[].write_bytes] | add')"
check "reads in all" "$(sum '.totals.application | .read.bytes - (.interfaces.mmap.bytes // 0)')" eq \
	"$(cat "$SCRATCH_TMP"/truth-* | jq -s '[.[].read_bytes] | add')"
check "syncs in all" "$(sum .totals.application.sync.ops)" eq \
	"$(cat "$SCRATCH_TMP"/truth-* | jq -s '[.[].syncs] | add')"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
