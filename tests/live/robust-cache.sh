#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A start keeps its compiled programs. The next start measures the same without a compiler. A
# program that others may have written, that is damaged or of another text is compiled again.

# shellcheck source=tests/live/robust.sh
. "$(dirname "$0")/robust.sh"
scratch_fs_new ext4 64
IOAMP_CACHE=$R/cache
KEPT='compiled by an earlier start'

# start NAME KEPT [OPTION...]: one measurement; KEPT: 1 when no compiler may be needed
start() {
	name=$1 want=$2
	shift 2
	run "$STAT" -v -j -o "$R/o.json" "$@" -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 23 100
	check "$name: status" "$STATUS" eq 0
	check "$name: kept" "$(grep -c "$KEPT" "$R/err")" eq "$want"
	check "$name: syncs" "$(jq .totals.application.sync.ops "$R/o.json")" eq 23
	check "$name: unexplained" "$(jq "[.devices[] | select(.name == \"$SCRATCH_DISK\")
		.unexplained_write_bytes] | add" "$R/o.json")" eq 0
}
files() {
	find "$R/cache" -name 'program-*' | wc -l
}

start "the first" 0
check "folder: $(stat -c '%a' "$R/cache")" "$(stat -c %a "$R/cache")" eq 700
check "one is kept" "$(files)" eq 1
file=$(find "$R/cache" -name 'program-*')
check "file mode" "$(stat -c %a "$file")" eq 600
cp "$file" "$R/copy"
start "the second" 1
start "another text" 0 --ownership inode
check "two are kept" "$(files)" eq 2
start "the first text again" 1

# what cannot be trusted
chmod 666 "$file"
start "writable by all" 0
check "it was replaced" "$(stat -c %a "$file")" eq 600
chown 65534 "$file"
start "of another user" 0
chmod 777 "$R/cache"
start "a folder writable by all" 0
chmod 700 "$R/cache"
mv "$file" "$R/elsewhere" && ln -s "$R/elsewhere" "$file"
start "a link" 0

# what is damaged: cut anywhere, too long, of another key, with a byte of its end changed
size=$(stat -c %s "$R/copy")
for at in 0 10 100 $((size / 2)) $((size - 4)); do
	rm -f "$file"
	head -c "$at" "$R/copy" >"$file"
	chmod 600 "$file"
	start "cut to $at" 0
done
cp "$R/copy" "$file" && echo >>"$file"
start "too long" 0
sed 's/tp__sys_exit/tp__sys_exit_/' "$R/copy" >"$file"
start "another key" 0

# many texts: the oldest go
i=0
while [ $i -lt 40 ]; do
	cp "$R/copy" "$R/cache/program-$(printf %016x $i)"
	i=$((i + 1))
done
find "$R/cache" -name 'program-*' -size +0 | head -n 10 | xargs rm -f
start "among many" 0 --map-size 4096
check "no more than before" "$(files)" le 34

IOAMP_CACHE=
start "not wanted" 0
IOAMP_CACHE=/proc/nowhere
start "no such folder" 0
robust_finish
