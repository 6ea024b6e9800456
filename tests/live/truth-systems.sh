#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Systems and roles: two instances of a system that the test's own rules describe, each role to the
# byte. Processes and files that only look like the system run beside them and do not count.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
dir=$SCRATCH_DIR
SUMMARY=$SCRATCH_TMP/summary.json
mkdir "$SCRATCH_TMP/rules" "$SCRATCH_TMP/bin"
cp "$WORKLOAD" "$SCRATCH_TMP/bin/kvd"
cat >"$SCRATCH_TMP/rules/kv.conf" <<'EOF'
[system "kv"]
label    = a store for this test
exe      = kvd
comm     = kvd
cmdline  = kvd
openfile = */member/wal/*.wal
instance = cwd:re:/([^/]*)$

[role "kv" "wal"]
file     = */member/wal/*.wal
purpose  = wal

[role "kv" "data"]
file     = */member/snap/db
purpose  = data

[role "kv" "compaction"]
thread   = kv-compact
purpose  = compaction

[role "kv" "saver"]
title    = re:kv: saver
purpose  = checkpoint
EOF
IOAMP_SYSTEMS=$SCRATCH_TMP/rules
export IOAMP_SYSTEMS
"$BUILD/bin/ioamp-doctor" --lint "$SCRATCH_TMP/rules/kv.conf" >/dev/null || fail "the rules of this test"

# instance NAME N: its truth in NAME.json; waits for a byte before it begins
mkfifo "$SCRATCH_TMP/go" "$SCRATCH_TMP/end" "$SCRATCH_TMP/ready"
instance() {
	mkdir -p "$dir/$1/member/wal" "$dir/$1/member/snap"
	(cd "$dir/$1" && exec "$SCRATCH_TMP/bin/kvd" --go-fd 7 system "$dir/$1" "$2" "$SCRATCH_TMP/done-$1" 8 \
		title-to-be-overwritten) 7<>"$SCRATCH_TMP/go" 8<>"$SCRATCH_TMP/end" >"$SCRATCH_TMP/$1.json" &
	pids="${pids:-} $!"
}

# Names alone make no system: argv[0], the name of a thread, the name of a file.
traps() {
	mkdir -p "$dir/trap/member/wal"
	bash -c 'exec -a kvd dd if=/dev/zero of="$1" bs=4096 count=29 conv=fsync status=none' - "$dir/trap/1"
	python3 - "$dir/trap" <<'EOF'
import ctypes
import os
import sys

ctypes.CDLL(None).prctl(15, b"kvd")	# PR_SET_NAME
fd = os.open(sys.argv[1] + "/member/wal/9.wal", os.O_WRONLY | os.O_CREAT)
for _ in range(31):
    assert os.write(fd, bytes(4096)) == 4096
os.fsync(fd)
EOF
	dd if=/dev/zero of="$dir/trap/member/wal/1.wal" bs=4096 count=37 conv=fsync status=none
}
TRAPS=$(((29 + 31 + 37) * 4096))

# observe OPTIONS...: measures both instances and the traps; the instances run before the tool starts
observe() {
	rm -f "$SCRATCH_TMP"/done-*
	rm -rf "$dir"/*/member "$dir"/*/*.bin
	pids=
	instance a 1
	instance b 3
	for pid in $pids; do
		until grep -q '^State:.S' "/proc/$pid/status"; do :; done
	done
	"$STAT" -j -o "$SUMMARY" --ready-fd 9 "$@" 9<>"$SCRATCH_TMP/ready" 2>"$SCRATCH_TMP/stderr" &
	tool=$!
	dd bs=1 count=1 status=none <"$SCRATCH_TMP/ready" >/dev/null
	printf 12 >"$SCRATCH_TMP/go"
	traps
	until [ -e "$SCRATCH_TMP/done-a" ] && [ -e "$SCRATCH_TMP/done-b" ]; do :; done
	kill -INT "$tool"
	wait "$tool"
	check "$*: status: $(cat "$SCRATCH_TMP/stderr")" "$?" eq 0
	printf 12 >"$SCRATCH_TMP/end"
	for pid in $pids; do
		wait "$pid" || fail "instance ended with $?"
	done
}

pids=
instances_kill() {
	# shellcheck disable=SC2086 # words
	[ -z "$pids" ] || scratch_kill $pids
}
scratch_at_exit instances_kill

# cell INSTANCE ROLE FILTER: of owners' rows
cell() {
	sum "[.rows[] | select(.kind == \"owner\" and .system == \"kv\" and .instance == \"$1\" and .role == $2)
		| $3] | add // 0"
}

told() { # INSTANCE MEMBER
	json ".$2" "$SCRATCH_TMP/$1.json"
}

observe -S kv --by role
invariants "$SUMMARY" "$SCRATCH_DISK"
for instance in a b; do
	for role in wal data compaction saver other; do
		check "$instance, $role: application" "$(cell $instance "\"$role\"" .application.write.bytes)" \
			eq "$(told $instance $role)"
		check "$instance, $role: device data" "$(cell $instance "\"$role\"" .device.write_classes.data)" \
			eq "$(told $instance $role)"
	done
done
check "owners are of the system alone" "$(sum '[.rows[] | select(.kind == "owner") | .system] | unique | join(" ")')" is kv
check "totals: application" "$(sum .totals.application.write.bytes)" eq \
	"$(($(told a write_bytes) + $(told b write_bytes)))"
check "totals: writes" "$(sum .totals.application.write.ops)" eq "$(($(told a write_ops) + $(told b write_ops)))"
check "totals: syncs" "$(sum .totals.application.sync.ops)" eq "$(($(told a syncs) + $(told b syncs)))"
check "the traps are outside" "$(row outside .device.write_classes.data)" ge "$TRAPS"
check "nothing is unattributed" "$(row unattributed .device.write.bytes)" eq 0

# rows by system; one instance; what is none
observe -a --by system
invariants -a "$SUMMARY" "$SCRATCH_DISK"
for instance in a b; do
	check "$instance: by system" "$(cell $instance null .application.write.bytes)" eq \
		"$(told $instance write_bytes)"
done
check "systems" "$(sum '[.rows[] | select(.kind == "owner") | .system] | sort | join(" ")')" is "kv kv other"
check "others' bytes" "$(sum '[.rows[] | select(.system == "other") | .application.write.bytes] | add')" ge "$TRAPS"

observe -S kv/b
check "kv/b: rows" "$(sum '[.rows[] | select(.kind == "owner") | .instance] | join(" ")')" is b
check "kv/b: application" "$(sum .totals.application.write.bytes)" eq "$(told b write_bytes)"

# by process: the threads of one are one row; the system is named there, too
observe -S kv --by process
check "by process: rows" "$(sum '[.rows[] | select(.kind == "owner")] | length')" eq 6
check "by process: application" "$(sum '[.rows[] | select(.kind == "owner") | .application.write.bytes] | add')" eq \
	"$(($(told a write_bytes) + $(told b write_bytes)))"
check "by process: systems" "$(sum '[.rows[] | select(.kind == "owner") | .system] | unique | join(" ")')" is kv
check "by process: titles" "$(sum '[.rows[] | select(.role == "saver")] | length')" eq 2

# A command that ends before the tool can examine it; its events.
stat_run --by role -- "$SCRATCH_TMP/bin/kvd" append-fsync "$dir/a/member/wal/3.wal" 1 4096
check "short-lived: role" "$(sum '[.rows[] | select(.role == "wal") | .application.write.bytes] | add')" eq 4096

# A zombie, for which its parent waits only later, has neither program nor title.
stat_run --by role -- python3 -c 'import os, sys, time
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
time.sleep(1)
assert os.waitpid(child, 0)[1] == 0' "$SCRATCH_TMP/bin/kvd" append-fsync "$dir/a/member/wal/5.wal" 2 4096
check "zombie: role" "$(sum '[.rows[] | select(.role == "wal") | .application.write.bytes] | add // 0')" eq 8192

"$SNOOP" -j -- "$SCRATCH_TMP/bin/kvd" append-fsync "$dir/a/member/wal/4.wal" 3 4096 \
	>"$SCRATCH_TMP/events" 2>"$SCRATCH_TMP/stderr" || fail "iosnoop-amp: $(cat "$SCRATCH_TMP/stderr")"
check "events: system and role" "$(grep '"event":"SYSCALL_WRITE"' "$SCRATCH_TMP/events" |
	jq -r 'select(.inode) | .system + "/" + .role' | sort | uniq -c | tr -s ' ')" is " 3 kv/wal"

# Names of no system.
"$STAT" -S kw --duration 1 >"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/stderr"
check "-S kw: status" "$?" eq 2
check "-S kw: the nearest" "$(grep -c 'did you mean kv?' "$SCRATCH_TMP/stderr")" eq 1

# Rules that others may write are not read by root.
chmod 666 "$SCRATCH_TMP/rules/kv.conf"
"$STAT" -S kv --duration 1 >"$SCRATCH_TMP/out" 2>"$SCRATCH_TMP/stderr"
check "writable rules: status" "$?" eq 2
check "writable rules: said" "$(grep -c 'kv.conf may be written by others' "$SCRATCH_TMP/stderr")" eq 1
finish
