#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Tables that are too small: the tool counts and reports the entries without room, the summary is
# incomplete, and every byte is still in a row. A reader that stops: lines are lost, no totals.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
F=$SCRATCH_DIR/f
"$WORKLOAD" prepare "$F" 8 >/dev/null

mkdir "$SCRATCH_DIR/a"
stat_run --map-size 64 -- "$WORKLOAD" spawn-dd "$SCRATCH_DIR/a" 200
lost=$(sum .losses.map_full)
check "full map: counted" "$lost" gt 0
check "full map: complete" "$(sum .complete)" is false
check "full map: the rows are the disks" "$(sum '[.rows[].device.write.bytes] | add')" eq \
	"$(sum '[.devices[] | select(.leaf) | .write_bytes] | add')"
check "full map: unexplained" "$(disk_sum .unexplained_write_bytes)" eq 0
check "full map: data is all there" "$(sum '[.rows[].device.write_classes.data] | add')" ge \
	"$(truth .write_bytes)"
check "full map: without an owner" "$(row unattributed .device.write.bytes)" gt 0
check "full map: owners have no more than they wrote" "$(row owner .application.write.bytes)" le \
	"$(truth .write_bytes)"

mkdir "$SCRATCH_DIR/b"
"$STAT" --strict --map-size 64 -o "$SCRATCH_TMP/text" -- "$WORKLOAD" spawn-dd "$SCRATCH_DIR/b" 200 \
	>"$SCRATCH_TMP/truth" 2>"$SCRATCH_TMP/stderr"
check "text, --strict: status" "$?" eq 4
check "text: the reason: $(tail -3 "$SCRATCH_TMP/text")" \
	"$(cat "$SCRATCH_TMP/text" "$SCRATCH_TMP/stderr" | grep -cE 'losses: .*[1-9]')" ge 1

"$STAT" --strict -j -d "$SCRATCH_DISK" -o "$SUMMARY" -- "$WORKLOAD" direct-write "$F" 8 >"$TRUTH" 2>"$SCRATCH_TMP/stderr"
check "enough room, --strict: status" "$?" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"

# The pipe's reader stops until the workload has ended.
mkfifo "$SCRATCH_TMP/pipe"
cat "$SCRATCH_TMP/pipe" >"$SCRATCH_TMP/out" &
reader=$!
exec 8>"$SCRATCH_TMP/pipe"
kill -STOP "$reader"
# shellcheck disable=SC2016 # for the inner shell
"$SNOOP" -j --buffer-pages 1 -- sh -c '"$1" direct-random "$2" 10000 >&2; sleep 2; kill -CONT "$0"' \
	"$reader" "$WORKLOAD" "$F" >&8 2>"$SCRATCH_TMP/stderr" 8>&-
status=$?
exec 8>&-
kill -CONT "$reader"
wait "$reader"
check "stopped reader: status" "$status" eq 0
tail -1 "$SCRATCH_TMP/out" >"$SUMMARY"
check "stopped reader: lines lost" "$(sum .losses.events)" gt 0
check "stopped reader: said in the stream" \
	"$(jq -s '[.[] | select(.type == "lost") | .events] | add' "$SCRATCH_TMP/out")" eq "$(sum .losses.events)"
check "stopped reader: complete" "$(complete_here)" is true
check "stopped reader: application" "$(sum '.totals.application.write | "\(.ops) \(.bytes)"')" is "10000 40960000"
check "stopped reader: unexplained" "$(disk_sum .unexplained_write_bytes)" eq 0
finish
