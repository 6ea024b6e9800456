#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# iolatency-layers by intervals: one summary each, whose waits are those of the whole; its other
# outputs and rows; a table that is full.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
f=$SCRATCH_DIR/f
out=$SCRATCH_TMP/out
dd if=/dev/zero "of=$f" bs=64k count=64 status=none
sync -f "$SCRATCH_DIR"

run() { # OPTIONS...: into $out
	"$LAYERS" -o "$out" "$@" 2>"$SCRATCH_TMP/stderr"
	status=$?
	[ $status = 0 ] || fail "iolatency-layers $*: $status: $(cat "$SCRATCH_TMP/stderr")"
}

all() { # FILTER: over all lines
	jq -s "$1" "$out"
}

writes="[.[].latency[] | select(.op == \"write\" and .disk == \"$SCRATCH_DISK\" and (.background | not))]"
bursts="for i in 1 2 3 4 5; do dd if=/dev/zero of=$f bs=4k count=101 oflag=direct conv=notrunc status=none; sleep 0.3; done"

run -j 400ms -- sh -c "$bursts"
check "several intervals" "$(wc -l <"$out")" ge 4
check "each says so" "$(all 'all(.interval_s == 0.4)')" is true
check "all waits are in one of them" "$(all "$writes | map(.count) | add")" eq 505
check "a process has rows of its intervals alone" "$(all "$writes | map(.count) | max")" le 202
check "parts add up in each" "$(all '[.[].latency[] | select(.wait_ns != (.parts | add))] | length')" eq 0
check "histograms hold all in each" "$(all '[.[].latency[] | select(.count != ([.histogram[][1]] | add))] | length')" eq 0
check "the longest is in the last slot" "$(all '[.[].latency[] | select(.max_ns > .histogram[-1][0] or
	.max_ns < .histogram[-1][0] * 15 / 16 - 1)] | length')" eq 0

run -j 200ms 3
check "COUNT intervals" "$(wc -l <"$out")" eq 3
run -j -d "no*" -d "$SCRATCH_DISK" -- sh -c "$bursts"
check "-d: that disk alone" "$(all '[.[].latency[].disk] | unique | length')" eq 1

run --csv -- sh -c "$bursts"
check "CSV: columns" "$(python3 - "$out" <<'E2'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
parts = [n for n in rows[0] if n.endswith("_ns") and n[0] != "p" and n not in ("wait_ns", "max_ns")]
print(len(parts), all(int(r["wait_ns"]) == sum(int(r[p]) for p in parts) for r in rows),
      sum(int(r["count"]) for r in rows if r["op"] == "write" and r["background"] == "false"))
E2
)" is "8 True 505"

for by in system role cgroup container device; do
	"$LAYERS" --by $by --help >/dev/null 2>&1 || continue
	run --by $by -j -- sh -c "$bursts"
	check "--by $by: waits" "$(all "$writes | map(.count) | add")" eq 505
	check "--by $by: one row of them" "$(all "$writes | length")" eq 1
	check "--by $by: of no process" "$(all '[.[].latency[].pid | select(. != null)] | length')" eq 0
done

run -- sh -c "$bursts"
check "text: a table, its parts, a histogram" "$(grep -cE '^    PID OP|usecs  .*distribution|^losses' "$out")" eq 4
check "text: fits a terminal" "$(awk 'length > 79' "$out" | wc -l)" eq 0
run -m -w -- sh -c "$bursts"
check "text: one table, milliseconds" "$(grep -cE '^    PID .*AVG\(ms\).* ABOVE .*UNACC' "$out")" eq 1

# 64 entries: octaves of the waits of 70 processes find no room; that is said, and what is there adds up
run -j --map-size 64 -- sh -c "for i in \$(seq 70); do dd if=$f of=/dev/null bs=4k count=3 iflag=direct status=none; done"
check "full table: said" "$(all '.[0] | .complete == false and .losses.map_full > 0')" is true
check "full table: parts add up" "$(all '[.[].latency[] | select(.wait_ns != (.parts | add))] | length')" eq 0

# 4500 processes that live for one write, whose metadata shares transactions: more waits than the
# table has room for, in one window and in several
many="for i in 1 2 3; do mkdir -p $SCRATCH_DIR/many\$i; $WORKLOAD spawn-dd $SCRATCH_DIR/many\$i 1500 >/dev/null & done; wait"
dd_writes="[.[].latency[] | select(.comm == \"dd\" and .op == \"write\" and (.background | not)) | .count] | add"
for interval in '' 1; do
	# shellcheck disable=SC2086 # none is no word
	run -j $interval -- sh -c "$many"
	check "many processes, '$interval': writes" "$(all "$dd_writes")" eq 4500
	check "many processes, '$interval': a full table" "$(all 'map(.losses.map_full) | add')" eq 0
done

"$LAYERS" --by file 2>"$SCRATCH_TMP/stderr"
check "--by file: status" $? eq 2
check "--by file: why, and where help is" "$(wc -l <"$SCRATCH_TMP/stderr")" eq 2
finish
