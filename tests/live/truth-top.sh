#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The batch forms of ioamp-top: over intervals the sums are the workload's own bytes and the
# kernel's own counters; one summary per interval, valid; CSV with one head; tables as BCC's.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

TOP=$BUILD/bin/ioamp-top
scratch_fs_new ext4 256
out=$SCRATCH_TMP/out
mkfifo "$SCRATCH_TMP/ready"

start() { # ARGUMENTS: until all probes are attached
	"$TOP" -d "$SCRATCH_DISK" --ready-fd 3 "$@" 3>"$SCRATCH_TMP/ready" >"$out" 2>"$SCRATCH_TMP/stderr" &
	tool=$!
	dd bs=1 count=1 <"$SCRATCH_TMP/ready" 2>/dev/null | grep -q r || {
		cat "$SCRATCH_TMP/stderr"
		fail "ioamp-top $* did not start"
		finish
	}
}

stop() {
	kill -INT "$tool"
	wait "$tool"
	check "status after SIGINT" $? eq 0
}

lines_are() { # MINIMUM
	[ "$(wc -l <"$out")" -ge "$1" ]
}

next_interval() { # what was done until now is in an interval that is printed
	soon lines_are "$(($(wc -l <"$out") + 1))" || fail "no further interval"
}

all() { # FILTER: its sum over all intervals
	jq -s "[.[] | $1] | add // 0" "$out"
}

# ---- JSON: sums over intervals -----------------------------------------------------------

start -j --by process 0.3
before=$(dev_stat "$SCRATCH_DISK" | cut -d' ' -f2)
for turn in 1 2 3; do
	"$WORKLOAD" append-fsync "$SCRATCH_DIR/log$turn" 200 100 >"$SCRATCH_TMP/truth$turn"
	next_interval
done
sync -f "$SCRATCH_DIR"
next_interval
stop
after=$(dev_stat "$SCRATCH_DISK" | cut -d' ' -f2)
written=$(jq -s 'map(.write_bytes) | add' "$SCRATCH_TMP"/truth?)
lines=$(wc -l <"$out")
check "an object per line" "$(jq -c . "$out" | wc -l)" eq "$lines"
check "several intervals" "$lines" ge 4
pids=$(jq -s -c 'map(.pid)' "$SCRATCH_TMP"/truth?)
check "application bytes of the writers" \
	"$(all ".rows[] | select(.pid as \$p | $pids | index(\$p)) | .application.write.bytes")" eq "$written"
check "syncs of the writers" \
	"$(all ".rows[] | select(.pid as \$p | $pids | index(\$p)) | .application.sync.ops")" eq 600
check "device bytes of all rows" "$(all '.rows[].device.write.bytes')" eq "$((after - before))"
check "the kernel's own, as we saw them" \
	"$(all '.devices[].kernel_write_bytes')" eq "$((after - before))"
check "each interval is 0.3 s" "$(jq -s 'map(.interval_s) | unique | . == [0.3]' "$out")" is true
python3 "$LIB_LIVE/../unit/check_schema.py" "$out" "$LIB_LIVE/../data/summary.schema.json" \
	>"$SCRATCH_TMP/schema" 2>&1
status=$?
[ "$status" = 77 ] || check "schema: $(head -c 300 "$SCRATCH_TMP/schema")" "$status" eq 0

# ---- CSV ---------------------------------------------------------------------------------

start --csv --by process -s sync -r 1 0.3 3
"$WORKLOAD" append-fsync "$SCRATCH_DIR/log" 500 100 >"$SCRATCH_TMP/truth"
wait "$tool"
check "CSV status" $? eq 0
python3 - "$out" <<'PY' || fail "the CSV is not one table of three intervals"
import csv, sys
raw = open(sys.argv[1], "rb").read()
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert raw.count(b"start,duration_s") == 1 and b"\r\n" in raw
assert len({r["start"] for r in rows}) == 3, rows
for start in {r["start"] for r in rows}:
    assert len([r for r in rows if r["start"] == start and r["by"] == "process"]) <= 1
    assert len([r for r in rows if r["start"] == start and r["by"] == "total"]) == 1
PY

# ---- tables ------------------------------------------------------------------------------

start --by file -w -r 2 0.5 2
"$WORKLOAD" append-fsync "$SCRATCH_DIR/the-log" 200 100 >"$SCRATCH_TMP/truth"
wait "$tool"
check "table status" $? eq 0
check "tables" "$(grep -cE '^[0-9]{2}:[0-9]{2}:[0-9]{2} loadavg: [0-9.]+ [0-9.]+ ' "$out")" eq 2
check "heads" "$(grep -cE '^ +SYS-R +DEV-R .* W-AMP +SYNC/s FILE$' "$out")" eq 2
check "the file" "$(grep -c "$SCRATCH_DIR/the-log" "$out")" ge 1
check "at most two rows each" "$(grep -cvE '^$|loadavg|SYS-R' "$out")" le 4
check "no blanks at the ends" "$(grep -c ' $' "$out")" eq 0
check "no colour codes" "$(LC_ALL=C grep -c '[^ -~]' "$out")" eq 0

# ---- its end -----------------------------------------------------------------------------

"$TOP" 0.2 2>"$SCRATCH_TMP/stderr" | head -1 >"$out"
check "one line for head" "$(wc -l <"$out")" eq 1
check "silence for a reader that left" "$(wc -c <"$SCRATCH_TMP/stderr")" eq 0
"$TOP" -j 0.2 1 -- sh -c 'exit 3' >/dev/null 2>&1
status=$?
check "status of a command that COUNT cut off, or its own" "$((status == 3 || status == 0))" eq 1
check "nothing is left" "$(pgrep -cx ioamp-top)" eq 0
finish
