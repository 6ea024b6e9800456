#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --csv (RFC 4180, with a name that needs quoting) and text with --raw: the same truth in each.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
# shellcheck disable=SC1003
odd='a,"b' # of a process: comma and quote
cp "$WORKLOAD" "$SCRATCH_TMP/$odd"
"$STAT" --csv -o "$SCRATCH_TMP/csv" -- "$SCRATCH_TMP/$odd" append-fsync "$SCRATCH_DIR/f" 1000 100 \
	>"$SCRATCH_TMP/truth.json" || fail "ioamp-stat --csv ended with $?"
TRUTH=$SCRATCH_TMP/truth.json
cat >"$SCRATCH_TMP/parse.py" <<'END'
import csv, sys
path, pid, name = sys.argv[1], sys.argv[2], sys.argv[3]
text = open(path, newline="").read()
rows = list(csv.DictReader(open(path, newline=""), strict=True))
assert rows, "no rows"
for row in rows:
    assert None not in row and None not in row.values(), f"not as many fields as the header has: {row}"
    for key, value in row.items():
        if key.endswith(("_bytes", "_ops")) and value:
            assert int(value) >= 0, f"{key}: {value}"
mine = [row for row in rows if row.get("pid") == pid]
assert len(mine) == 1, f"{len(mine)} rows of pid {pid}"
row = mine[0]
assert row["comm"] == name, f"comm {row['comm']!r}"
def has(*words):
    keys = [k for k in row if all(w in k.split("_") for w in words)]
    assert keys, f"no column of {words} among {list(row)}"
    return row[min(keys, key=len)]
print(has("application", "write", "bytes"), has("application", "write", "ops"),
      has("application", "sync", "ops"), has("device", "write", "bytes"))
vfs = [row[k] for k in row if "vfs" in k.split("_")]
print("vfs", ",".join(vfs))
END
out=$(python3 "$SCRATCH_TMP/parse.py" "$SCRATCH_TMP/csv" "$(truth .pid)" "$odd" 2>"$SCRATCH_TMP/csv.err") ||
	fail "CSV: $(tail -1 "$SCRATCH_TMP/csv.err")"
# shellcheck disable=SC2046,SC2086 # words
set -- $(echo "$out" | head -1)
check "CSV: application bytes" "${1:-}" eq "$(truth .write_bytes)"
check "CSV: application writes" "${2:-}" eq "$(truth .write_ops)"
check "CSV: application syncs" "${3:-}" eq "$(truth .syncs)"
between "CSV: device bytes" "${4:-}" 16000000 17500000
"$STAT" --csv --no-header -- true >"$SCRATCH_TMP/csv2" 2>/dev/null
check "CSV: --no-header" "$(grep -c application "$SCRATCH_TMP/csv2")" eq 0

before=$(dev_stat "$SCRATCH_DISK")
"$STAT" --raw -w -o "$SCRATCH_TMP/text" -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/g" 1000 100 >/dev/null ||
	fail "ioamp-stat --raw ended with $?"
after=$(dev_stat "$SCRATCH_DISK")
check "text: application bytes" "$(awk '$1 == "application" { print $5 }' "$SCRATCH_TMP/text")" eq 100000
check "text: application writes" "$(awk '$1 == "application" { print $6 }' "$SCRATCH_TMP/text")" eq 1000
disk="kernel $((${after#* } - ${before#* })),.*unexplained 0 "
check "text: the disk's counter" "$(grep -c "^$SCRATCH_DISK .*$disk" "$SCRATCH_TMP/text")" eq 1
check "text: factor" "$(grep -cE '= 16[4-9]x' "$SCRATCH_TMP/text")" eq 1
"$STAT" -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/g" 1000 100 2>/dev/null |
	grep -v '^{' >"$SCRATCH_TMP/text"
check "text: widest line in a pipe" \
	"$(awk '{ n = length > n ? length : n } END { print n }' "$SCRATCH_TMP/text")" le 80
finish
