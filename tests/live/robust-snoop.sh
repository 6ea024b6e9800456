#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# iosnoop-amp: the events of a known workload in each format, the filters, and both ways
# to end it.

# shellcheck disable=SC2016 # texts for inner shells
# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
IOAMP_CACHE=$R/cache # no compiler is interrupted here
scratch_fs_new ext4 64
F=$SCRATCH_DIR/f
dd if=/dev/zero of="$F" bs=4096 count=8 conv=fsync status=none
sync -f "$SCRATCH_DIR"

# Three synchronous writes of a page each by a process whose pid is known.
writes='echo $$ >"$0"; exec dd if=/dev/zero of="$1" bs=4096 count=3 oflag=sync conv=notrunc status=none'

# ---- JSON Lines ----
run "$SNOOP" -j -- sh -c "$writes" "$SCRATCH_TMP/pid" "$F"
check "-j: status" "$STATUS" eq 0
check "-j: stderr" "$(wc -c <"$R/err")" eq 0
pid=$(cat "$SCRATCH_TMP/pid")
python3 "$LIB_LIVE/../unit/check_schema.py" "$R/out" >"$R/schema" 2>&1
case $? in
0) ;;
77) echo "left out: python3-jsonschema is not installed" ;;
*) fail "-j: $(head -c 500 "$R/schema")" ;;
esac
check "-j: the summary is the last line, and the only one" \
	"$(jq -sr '[.[] | has("schema")] | "\(.[-1]) \(map(select(.)) | length)"' "$R/out")" is "true 1"
tail -1 "$R/out" >"$R/sum"
of() { # EVENT FILTER: over the events of this process on the scratch disk
	jq -s "[.[] | select(.type == \"event\" and .event == \"$1\" and .disk == \"$SCRATCH_DISK\" and
		.pid == $pid and .comm == \"dd\")] | $2" "$R/out"
}
check "SYSCALL_WRITE: sizes, offsets, returned" \
	"$(of SYSCALL_WRITE 'map([.size, .offset, .ret])' | jq -c .)" is "[[4096,0,4096],[4096,4096,4096],[4096,8192,4096]]"
check "SYSCALL_WRITE: time in the call" "$(of SYSCALL_WRITE 'map(.lat_ns > 0) | all')" is true
check "FS_DATA: bytes" "$(of FS_DATA 'map(.size) | add')" eq 12288
check "FS_DATA: the file" "$(of FS_DATA "map(.inode == $(stat -c %i "$F")) | all")" is true
check "FS_JOURNAL: bytes as in the summary" "$(of FS_JOURNAL 'map(.size) | add // 0')" eq \
	"$(jq '.totals.filesystem.write.journal.bytes' "$R/sum")"
check "FS_METADATA: bytes as in the summary" "$(of FS_METADATA 'map(.size) | add // 0')" eq \
	"$(jq '.totals.filesystem.write.metadata.bytes' "$R/sum")"
check "BLOCK_WRITE: bytes as in the summary" "$(of BLOCK_WRITE 'map(.size) | add')" eq \
	"$(jq '.totals.block.write.bytes' "$R/sum")"
check "DEVICE_WRITE: bytes as the kernel counts" "$(of DEVICE_WRITE 'map(.size) | add')" eq \
	"$(jq ".devices[] | select(.name == \"$SCRATCH_DISK\") | .kernel_write_bytes" "$R/sum")"
check "DEVICE_WRITE: time on the device" "$(of DEVICE_WRITE 'map(.lat_ns > 0) | all')" is true
check "one request's events are joined" "$(jq -s '[.[] | select(.event == "DEVICE_WRITE" and .req) |
	.req] | length > 0' "$R/out")" is true
check "events out of COMMAND" "$(jq -s "[.[] | select(.type == \"event\" and .pid != $pid)] |
	length" "$R/out")" eq 0

# ---- text, with more columns ----
run "$SNOOP" -x -- sh -c "$writes" "$SCRATCH_TMP/pid" "$F"
pid=$(cat "$SCRATCH_TMP/pid")
check "-x: status and stderr" "$STATUS $(wc -c <"$R/err")" is "0 0"
check "columns" "$(head -1 "$R/out" | tr -s ' ')" is \
	"TIME SYSTEM EVENT_TYPE PID TID COMM SIZE OFFSET LAT(us) RET ROLE DISK INODE FILE VIA REQ"
lines_of() {
	awk -v event="$1" -v pid="$pid" -v disk="$SCRATCH_DISK" \
		'$3 == event && $4 == pid && $6 == "dd" && $12 == disk { n++; bytes += $7 } END { print n + 0, bytes + 0 }' "$R/out"
}
check "text SYSCALL_WRITE" "$(lines_of SYSCALL_WRITE)" is "3 12288"
check "text FS_DATA" "$(lines_of FS_DATA | cut -d' ' -f2)" is 12288
check "text DEVICE_WRITE" "$(lines_of DEVICE_WRITE | cut -d' ' -f2)" ge 12288
check "time with nanoseconds" "$(awk '$2 == "other" && $3 ~ /_/ && ($1 !~ /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9]*$/ || length($1) != 18)' \
	"$R/out" | wc -l)" eq 0
one_line "the summary's table" "$R/out" '^SYSTEM +SYS_R +SYS_W +VFS_R +VFS_W +BLK_R +BLK_W +R_AMP +W_AMP'

# ---- CSV ----
run "$SNOOP" --csv -- sh -c "$writes" "$SCRATCH_TMP/pid" "$F"
check "--csv" "$(python3 - "$R/out" "$(cat "$SCRATCH_TMP/pid")" "$SCRATCH_DISK" <<'EOF'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline=""), strict=True))
assert all(None not in r and None not in r.values() for r in rows), "ragged"
mine = [r for r in rows if r["pid"] == sys.argv[2] and r["disk"] == sys.argv[3]]
print([sum(int(r["size"]) for r in mine if r["event"] == e) for e in ("SYSCALL_WRITE", "FS_DATA")])
EOF
)" is "[12288, 12288]"

# ---- filters, while a process writes without end ----
"$WORKLOAD" prepare "$F" 4 >"$SCRATCH_TMP/truth"
"$WORKLOAD" direct-random "$F" 30000000 >"$SCRATCH_TMP/truth" &
writer=$!
scratch_at_exit scratch_kill "$writer"
before=$(dev_stat "$SCRATCH_DISK")
writing() {
	[ "$(dev_stat "$SCRATCH_DISK")" != "$before" ]
}
soon writing || fail "the writer does not write"
events() {
	jq -cs "[.[] | select(.type == \"event\") | $1] | unique" "$R/out"
}
run "$SNOOP" -j -d "$SCRATCH_DISK" --layer device --duration 100ms
check "-d: disks seen" "$(events .disk)" is "[\"$SCRATCH_DISK\"]"
check "--layer device: layers seen" "$(events .layer)" is '["device"]'
check "--layer device: the others are not there" "$(tail -1 "$R/out" | jq -c '[.layers[] | .available],
	.totals.application')" is "[false,false,false,false,false,true]
null"
check "-d: disks of the summary" "$(tail -1 "$R/out" | jq -c '[.devices[].name]')" is "[\"$SCRATCH_DISK\"]"
run "$SNOOP" -j -p "$writer" --min-us 1 --duration 100ms
check "-p: processes seen" "$(events .pid)" is "[$writer]"
check "--min-us 1: faster ones" "$(events 'select(.lat_ns and .lat_ns < 1000)')" is "[]"
run "$SNOOP" -j -c 'work[k-m]oad' --min-us 1000000 --duration 100ms
check "--min-us 1000000: what is left has no time" "$(events 'select(.lat_ns and .lat_ns < 1000000000) | .lat_ns')" is "[]"
run "$SNOOP" -j -c 'work[k-m]oad' --duration 100ms
check "-c: names seen" "$(events .comm)" is '["workload"]'
run "$SNOOP" -j -c nobody-has-this-name --duration 100ms
# a line may say that events were lost: the filter of names is the reader's
check "-c: none" "$(jq -s '[.[] | select(.type == "event")] | length' "$R/out")" eq 0
check "-c: none: the summary" "$(tail -1 "$R/out" | jq 'has("schema")')" is true

# ---- events that arrive faster than they are read keep nobody from the end ----
slow='import sys, time
while sys.stdin.buffer.read(65536):
    time.sleep(0.005)'
{
	timeout -k 1 25 "$SNOOP" -j --buffer-pages 64 --duration 300ms 2>"$R/err"
	echo $? >"$R/status"
} | python3 -c "$slow"
check "a reader slower than the events: status, stderr" "$(cat "$R/status" "$R/err")" is 0
in_background "$SNOOP" -j --buffer-pages 64 -o "$R/fifo.out"
kill -INT "$TOOL"
soon ended "$TOOL" || fail "SIGINT while events arrive: not over after 5 s"
wait "$TOOL"

# ---- the ends: a reader that has had enough, and Ctrl-C ----
{
	"$SNOOP" -d "$SCRATCH_DISK" 2>"$R/err"
	echo $? >"$R/status"
} | head -3 >"$R/out"
check "| head -3: lines, status, stderr" "$(wc -l <"$R/out") $(cat "$R/status" "$R/err")" is "3 0"
in_background "$SNOOP" -o "$R/out" -d "$SCRATCH_DISK"
soon grep -q DEVICE_WRITE "$R/out" || fail "no event before SIGINT"
kill -INT "$TOOL"
wait "$TOOL"
check "SIGINT: status" $? eq 0
check "SIGINT: events" "$(grep -c DEVICE_WRITE "$R/out")" ge 1
one_line "SIGINT: the summary" "$R/out" '^SYSTEM +SYS_R +SYS_W +VFS_R'
robust_finish
