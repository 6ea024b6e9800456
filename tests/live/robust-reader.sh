#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A reader of iosnoop-amp that stops during a burst: lines are lost and counted, totals
# are exact.

# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
IOAMP_CACHE=$R/cache # no compiler is interrupted here
scratch_fs_new ext4 64
F=$SCRATCH_DIR/f
dd if=/dev/zero of="$F" bs=1M count=40 conv=fsync status=none
sync -f "$SCRATCH_DIR"

# COMMAND writes, waits SECONDS, and only then lets the reader go on.
stopped_reader() { # SECONDS OPTIONS...
	seconds=$1
	shift
	rm -f "$R/pipe"
	mkfifo "$R/pipe"
	cat "$R/pipe" >"$R/out" &
	reader=$!
	exec 8>"$R/pipe" # waits for the reader's end
	kill -STOP "$reader"
	# shellcheck disable=SC2016 # for the inner shell
	"$SNOOP" --buffer-pages 8 "$@" -- sh -c 'dd if=/dev/zero of="$1" bs=4096 count=10000 \
		oflag=direct conv=notrunc status=none; sleep "$2"; kill -CONT "$0"' \
		"$reader" "$F" "$seconds" >&8 2>"$R/err" 8>&-
	STATUS=$?
	exec 8>&-
	kill -CONT "$reader" # again, in case COMMAND never ran
	wait "$reader"
}

stopped_reader 5 -j --strict
check "--strict: status" "$STATUS" eq 4
python3 "$LIB_LIVE/../unit/check_schema.py" "$R/out" >"$R/schema" 2>&1
check "schema: $(head -c 300 "$R/schema")" $? ne 1
tail -1 "$R/out" >"$R/sum"
lost=$(jq .losses.events "$R/sum")
check "lines lost" "$lost" ge 1000
check "the same in the stream" "$(jq -s '[.[] | select(.type == "lost") | .events] | add' "$R/out")" eq "$lost"
check "the lines sent until then are there" "$(grep -c '"type":"event"' "$R/out")" ge \
	"$(jq -s '[.[] | select(.type == "lost") | .sent] | last' "$R/out")"
check "complete" "$(jq .complete "$R/sum")" is true
check "application" "$(jq -c '.totals.application.write | [.ops, .bytes]' "$R/sum")" is "[10000,40960000]"
check "device" "$(jq '.totals.device.write_classes.data' "$R/sum")" eq 40960000
check "device as the kernel counts" "$(jq ".devices[] | select(.name == \"$SCRATCH_DISK\") |
	.unexplained_write_bytes" "$R/sum")" eq 0

stopped_reader 1
check "text: status" "$STATUS" eq 0
check "text: said on stderr: $(cat "$R/err")" "$(grep -cE '^iosnoop-amp: lost [0-9]+ of [0-9]+' "$R/err")" ge 1
check "text: said under the summary" "$(grep -c 'losses: [0-9]* event lines' "$R/out")" eq 1
robust_finish
