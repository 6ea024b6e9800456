#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A model of a long run: 3000 processes that live for one write, with tables that have room for a
# fraction of their counters. Sums over the intervals stay exact and nothing is lost.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
export ONE_DISK=1 # for invariants.py: dirty bytes are those of all disks

TOP=$BUILD/bin/ioamp-top
number=3000
scratch_fs_new ext4 256
mkfifo "$SCRATCH_TMP/ready"
"$TOP" -j -d "$SCRATCH_DISK" --by process --map-size 16384 --ready-fd 3 0.5 3>"$SCRATCH_TMP/ready" \
	>"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/stderr" &
tool=$!
dd bs=1 count=1 <"$SCRATCH_TMP/ready" 2>/dev/null | grep -q r || {
	cat "$SCRATCH_TMP/stderr"
	fail "ioamp-top did not start"
	finish
}
before=$(dev_stat "$SCRATCH_DISK" | cut -d' ' -f2)
"$WORKLOAD" spawn-dd "$SCRATCH_DIR" "$number" >"$SCRATCH_TMP/truth"
sync -f "$SCRATCH_DIR"
intervals=$(wc -l <"$SCRATCH_TMP/out")
two_more() {
	[ "$(wc -l <"$SCRATCH_TMP/out")" -ge "$((intervals + 2))" ]
}
soon two_more || fail "no further intervals"
kill -INT "$tool"
wait "$tool"
check "status" $? eq 0
after=$(dev_stat "$SCRATCH_DISK" | cut -d' ' -f2)

all() {
	jq -s "[.[] | $1] | add // 0" "$SCRATCH_TMP/out"
}
check "application bytes of dd" \
	"$(all '.rows[] | select(.comm == "dd") | .application.write.bytes')" eq "$((number * 4096))"
check "processes" "$(jq -s '[.[].rows[] | select(.comm == "dd") | .pid] | unique | length' \
	"$SCRATCH_TMP/out")" eq "$number"
check "device bytes" "$(all '.rows[].device.write.bytes')" eq "$((after - before))"
check "data of dd reached the disk" \
	"$(all '.rows[] | select(.comm == "dd") | .device.write_classes.data')" ge "$((number * 4096))"
check "full tables" "$(all '.losses.map_full')" eq 0
# The tool reads its counters and the kernel's one after the other. I/O between the two readings is
# in one interval of the first counter and in the next interval of the second.
check "nothing negative" "$(jq -s '[paths(numbers) as $p |
	select($p | map(tostring) | last | startswith("unexplained") | not) | getpath($p) | select(. < 0)] |
	length' "$SCRATCH_TMP/out")" eq 0
check "unexplained over all intervals" "$(all '.devices[].unexplained_write_bytes')" eq 0
finish
