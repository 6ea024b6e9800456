#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --by file: known numbers of bytes to files of every kind, each row's figures at the
# application, the cache and the device to the byte, in ioamp-stat and in iosnoop-amp.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
raw=$SCRATCH_DEV
raw_disk=$SCRATCH_DISK
umount "$SCRATCH_DIR" || scratch_fail umount
scratch_fs_new ext4 256
dir=$SCRATCH_DIR
bind=$SCRATCH_TMP/bind
overlay=$SCRATCH_TMP/overlay
scratch_at_exit scratch_umount "$bind"
mkdir "$bind" "$overlay" "$dir/up" "$dir/work" "$dir/low"
head -c 8192 /dev/zero | tee "$dir/low/copied-one" >"$dir/low/copied-two"
mount -t overlay -o "lowerdir=$dir/low,upperdir=$dir/up,workdir=$dir/work" overlay "$overlay" \
	2>/dev/null || overlay=
[ -z "$overlay" ] || scratch_at_exit umount "$overlay"

steps() { # DIR: what the workload finds there
	mkdir "$1"
	"$WORKLOAD" by-file-prepare "$1" >/dev/null || scratch_fail by-file-prepare
	mount --bind "$1/a" "$bind" || scratch_fail "mount --bind"
	sync -f "$dir"
}

# The figures of a file's rows, found by the exact bytes of the name, in the order below.
FIGURES='[(.application.write.bytes, .cache.dirtied_bytes, .cache.cancelled_bytes,
	.device.write_classes.data, .application.read.bytes, .device.read.bytes), # as asked for
	1, .cache.pending_bytes,
	(.block.write.bytes - .device.write.bytes), (.device.write.bytes - .device.write_classes.data),
	(.pid // 0)]'

of() { # FILE
	jq -r --arg b64 "$(printf %s "$1" | base64 -w0)" "[.rows[] | select((.file_b64 //
		(.file // \"\" | @base64)) == \$b64) | $FIGURES] | transpose | map(add) | join(\" \")" "$SUMMARY"
}

# FIGURES: APP_WRITE DIRTIED CANCELLED DEVICE_DATA [APP_READ DEVICE_READ]. Also: one row, nothing
# pending, as many bytes at block and as data as on the device, no process
figures() { # NAME FILE FIGURES
	check "$1" "$(of "$2")" is "$3 $4 $5 $6 ${7:-0} ${8:-0} 1 0 0 0 0"
}

truth_by_file() { # TOOL DIR
	d=$2
	odd=$(printf '%s/a/new\nline "quoted" \\ \377\376' "$d")
	figures "$1: whole pages of parts" "$d/plain" 10000 12288 0 12288
	figures "$1: directories" "$d/a/b/c/deep" 20480 20480 0 20480
	figures "$1: any bytes" "$odd" 8192 8192 0 8192
	figures "$1: deleted" "$d/gone (deleted)" 12288 12288 0 12288
	figures "$1: deleted in time" "$d/never (deleted)" 16384 16384 16384 0
	figures "$1: same name, first" "$d/again (deleted)" 4096 4096 0 4096
	figures "$1: same name, second" "$d/again" 8192 8192 0 8192
	figures "$1: O_DIRECT" "$d/direct" 24576 0 0 24576
	figures "$1: the name it was opened by" "$d/link1" 4096 4096 0 4096
	figures "$1: renamed, its first name" "$d/before" 4096 4096 0 4096
	figures "$1: bind mount" "$d/a/b/bound" 8192 8192 0 8192
	figures "$1: raw device" "$raw" 36864 20480 0 36864
	figures "$1: read" "$d/buffered-read" 0 0 0 0 262144 262144
	figures "$1: read with O_DIRECT" "$d/direct-read" 0 0 0 0 12288 12288
	check "$1: mapped" "$(of "$d/mapped" | cut -d ' ' -f 2-)" is "20480 0 20480 0 0 1 0 0 0 0"
	figures "$1: two processes" "$d/shared" 36864 36864 0 36864
	if [ -n "$overlay" ]; then
		figures "$1: overlay" "$overlay/new-${d##*/}" 12288 12288 0 12288
		# The copy is two pages. The kernel may write them before the program changes one.
		check "$1: overlay, copied up" "$(of "$overlay/copied-${d##*/}" | cut -d ' ' -f 1,7)" is "4096 1"
		between "$1: overlay, copied up" "$(of "$overlay/copied-${d##*/}" | cut -d ' ' -f 4)" 8192 12288
	fi
	check "$1: too deep to be whole" "$(sum '[.rows[] | select(.file // "" |
		endswith("/d/d/deepest")) | select(.file | contains(":/.../d/")) |
		.device.write.bytes] | add')" is 4096
	check "$1: data that is no file's" "$(sum '[.rows[] | select(.kind == "owner" and .file == null) |
		.device.write_classes.data] | add')" is 0
	check "$1: journal is no file's" "$(sum '[.rows[] | select(.file != null) |
		.device.write_classes | .journal + .metadata] | add')" is 0
	check "$1: by" "$(sum '[.rows[].by] | unique | join(" ")')" is file
	invariants "$SUMMARY" "$SCRATCH_DISK" "$raw_disk"
}

one=$dir/one
steps "$one"
stat_run --by file -- "$WORKLOAD" by-file "$one" "$raw" "$bind" "$overlay"
umount "$bind"
truth_by_file ioamp-stat "$one"

two=$dir/two
steps "$two"
lines=$SCRATCH_TMP/lines
"$SNOOP" -j --by file -o "$lines" -- \
	"$WORKLOAD" by-file "$two" "$raw" "$bind" "$overlay" >"$TRUTH" 2>"$SCRATCH_TMP/stderr" ||
	fail "iosnoop-amp ended with $?: $(cat "$SCRATCH_TMP/stderr")"
umount "$bind"
tail -1 "$lines" >"$SUMMARY"
truth_by_file iosnoop-amp "$two"

# Text fits the line and shows the end of a path; CSV has the bytes.
long=$dir/$(printf 'long%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)end
"$STAT" --by file -o "$SCRATCH_TMP/text" -- dd if=/dev/zero "of=$long" bs=4096 count=1 2>/dev/null
check "text: its row" "$(grep -c ' 4.0K    4.0K  1.00x \.\.\..*longend$' "$SCRATCH_TMP/text")" eq 1
check "text: what is no file's" "$(grep -c ' \[no file\]$' "$SCRATCH_TMP/text")" eq 1
check "text: columns" "$(awk '{ if (length > n) n = length } END { print n }' "$SCRATCH_TMP/text")" le 80
odd=$dir/$(printf 'odd\n\377')
"$STAT" --csv --by file -o "$SCRATCH_TMP/csv" -- dd if=/dev/zero "of=$odd" bs=4096 count=1 2>/dev/null
check "csv: the exact bytes" "$(grep -c "$(printf %s "$odd" | base64 -w0)" "$SCRATCH_TMP/csv")" eq 1

# If only a part of a file system is mounted, the name begins at that mount.
scratch_fs_new ext4 64
mkdir "$SCRATCH_DIR/part"
mount --bind "$SCRATCH_DIR/part" "$bind" || scratch_fail "mount --bind"
umount "$SCRATCH_DIR" || scratch_fail umount
stat_run --by file -- dd if=/dev/zero "of=$bind/f" bs=4096 count=3
umount "$bind"
figures "a part that is mounted" "$bind/f" 12288 12288 0 12288

# In another mount namespace: the name as the processes there see it, or below the device's name
# when the namespace is gone.
cat >"$SCRATCH_TMP/inside" <<EOF
mount "$SCRATCH_DEV" "$SCRATCH_DIR" && mkdir "$SCRATCH_DIR/\$1" &&
	dd if=/dev/zero "of=$SCRATCH_DIR/\$1/f" bs=4096 count=3 conv=fsync 2>/dev/null
[ "\$1" = gone ] || sleep 100 &
echo \$! >"$SCRATCH_TMP/pid"
EOF
stat_run --by file -- unshare -m sh "$SCRATCH_TMP/inside" there
kill "$(cat "$SCRATCH_TMP/pid")"
figures "another's mount" "$SCRATCH_DIR/there/f" 12288 12288 0 12288
stat_run --by file -- unshare -m sh "$SCRATCH_TMP/inside" gone
figures "another's mount, gone" "$SCRATCH_DISK:/gone/f" 12288 12288 0 12288

# More files than the tables have room for: further files have no row, but their bytes count.
scratch_fs_new ext4 64
stat_run --by file --map-size 1024 -- python3 -c "
for i in range(1500):
    open('$SCRATCH_DIR/f%d' % i, 'wb').write(b'x' * 4096)"
check "full tables: not complete" "$(sum .complete)" is false
check "full tables: counted" "$(sum .losses.map_full)" gt 0
check "full tables: every call" "$(sum '[.rows[].application.write.bytes] | add')" ge 6144000
check "full tables: the disk's counter" "$(disk_sum .unexplained_write_bytes)" eq 0

stat_run --by file --settle none -- dd if=/dev/zero "of=$dir/dirty" bs=4096 count=5
check "pending" "$(of "$dir/dirty" | cut -d ' ' -f 1-8)" is "20480 20480 0 0 0 0 1 20480"
check "pending in all" "$(sum .totals.cache.pending_bytes)" eq 20480
finish
