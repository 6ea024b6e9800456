#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Names that want to break the output, outputs that break, tables too small for the load.

# shellcheck disable=SC2016 # texts for inner shells
# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
IOAMP_CACHE=$R/cache # no compiler is interrupted here
scratch_fs_new ext4 256
F=$SCRATCH_DIR/f

schema() { # NAME
	python3 "$LIB_LIVE/../unit/check_schema.py" "$R/out" >"$R/schema" 2>&1
	check "$1: schema: $(head -c 300 "$R/schema")" $? ne 1
}

# ---- a program called  a NEWLINE " , \ BEL ESC 0xff b ----
hostile=$(printf 'a\n",\\\007\033\377b')
cp "$(command -v dd)" "$R/$hostile"
run "$STAT" -j -- "$R/$hostile" if=/dev/zero of="$F" bs=4096 count=1 oflag=direct status=none
check "hostile name: status" "$STATUS" eq 0
schema "hostile name"
check "hostile name: one line" "$(wc -l <"$R/out")" eq 1
check "hostile name: strict JSON, exact bytes" "$(python3 - "$R/out" <<'EOF'
import base64, json, sys
d = json.loads(open(sys.argv[1], "rb").read().decode("utf-8", "strict"))
row = next(r for r in d["rows"] if r["application"]["write"]["bytes"] == 4096)
print(base64.b64decode(row["comm_b64"]), row["comm"].encode())
EOF
)" is "$(python3 -c 'print(b"a\n\",\\\x07\x1b\xffb", "a\n\",\\\x07\x1b\ufffdb".encode())')"
run "$STAT" -- "$R/$hostile" if=/dev/zero of="$F" bs=4096 count=1 oflag=direct status=none
check "hostile name: nothing unprintable in the text" "$(LC_ALL=C tr -d '\n -~' <"$R/out" | wc -c)" eq 0
one_line "hostile name: its row is one line" "$R/out" '^ +[0-9]+ .*a\\(n|x0a|x0A)'
run "$STAT" --csv -- "$R/$hostile" if=/dev/zero of="$F" bs=4096 count=1 oflag=direct status=none
check "hostile name: CSV has whole rows" "$(python3 - "$R/out" <<'EOF'
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8", errors="surrogateescape"), strict=True))
print(len({len(r) for r in rows}))
EOF
)" eq 1
run "$SNOOP" -j -- "$R/$hostile" if=/dev/zero of="$F" bs=4096 count=1 oflag=direct status=none
schema "hostile name, events"
check "hostile name: events" "$(jq -s '[.[] | select(.event == "SYSCALL_WRITE") | .comm_b64] | length' "$R/out")" eq 1
run "$SNOOP" -- "$R/$hostile" if=/dev/zero of="$F" bs=4096 count=1 oflag=direct status=none
check "hostile name: nothing unprintable in event lines" "$(LC_ALL=C tr -d '\n -~' <"$R/out" | wc -c)" eq 0

# ---- outputs that cannot be written to ----
broken() { # NAME
	check "$1: status" "$STATUS" eq 1
	check "$1: first line of $(head -1 "$R/err")" "$(head -1 "$R/err" | grep -cE ': error IOAMP-E[0-9]{3}: ')" eq 1
	check "$1: one message" "$(grep -c '^[^ ]' "$R/err")" eq 1
}
for tool in "$STAT" "$SNOOP"; do
	"$tool" -- true >/dev/full 2>"$R/err"
	STATUS=$?
	broken "/dev/full"
	"$tool" -- true >&- 2>"$R/err"
	STATUS=$?
	broken "closed stdout"
	"$tool" -- true <&- >&- 2>&-
	check "all closed: status" $? eq 1
done
run "$STAT" -q -o /dev/full -- sh -c 'exit 5'
check "-o /dev/full keeps COMMAND's status" "$STATUS" eq 5
check "-o /dev/full: said even with -q" "$(wc -l <"$R/err")" ge 1

# ---- another identity for COMMAND ----
run "$STAT" -o "$R/report" --as nobody -- sh -c 'id -un; id -gn; touch "$0/x" 2>/dev/null || echo refused' "$R"
check "--as nobody" "$STATUS $(tr '\n' ' ' <"$R/out")" is "0 nobody $(id -gn nobody) refused "

# ---- tables of 64 entries under 300 processes ----
run "$STAT" -j --strict --map-size 64 -o "$R/sum" -- "$WORKLOAD" spawn-dd "$SCRATCH_DIR" 300
check "--map-size 64 --strict: status; $(head -1 "$R/err")" "$STATUS" eq 4
check "full tables are counted" "$(jq '.losses.map_full + .losses.owner_evicted' "$R/sum")" ge 1
check "full maps are counted" "$(jq .losses.map_full "$R/sum")" ge 1
check "complete" "$(jq .complete "$R/sum")" is false
check "the disk's bytes are all there" "$(jq -c ".devices[] | select(.name == \"$SCRATCH_DISK\") |
	[.unexplained_read_bytes, .unexplained_write_bytes, .write_bytes == .kernel_write_bytes,
	.write_bytes > 1200000]" "$R/sum")" is "[0,0,true,true]"
check "and each byte has a kind" "$(jq -c ".devices[] | select(.name == \"$SCRATCH_DISK\") |
	([.write_by_kind[]] | add) == .write_bytes" "$R/sum")" is true
cp "$R/sum" "$R/out"
schema "--map-size 64"
robust_finish
