#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --by cgroup: the bytes of two cgroups apart; --cgroup: only those of one.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$mount" ] || skip "no cgroup2 is mounted"
name=ioamp-test-$$
mkdir "$mount/$name" "$mount/$name/a" "$mount/$name/b" 2>/dev/null || skip "no cgroup can be made"
cleanup() {
	rmdir "$mount/$name/a" "$mount/$name/b" "$mount/$name"
}
scratch_fs_new ext4 256
scratch_at_exit cleanup
: >"$mount/$name/a/cgroup.procs" 2>/dev/null || skip "no process can be moved to a cgroup"

# a: a shell moves itself and has a child; b: a shell moves itself and becomes the program
cat >"$SCRATCH_TMP/both" <<END
sh -c 'echo \$\$ >"$mount/$name/a/cgroup.procs"; "$WORKLOAD" append-fsync "$SCRATCH_DIR/\$0a" 97 100; :' \$1
sh -c 'echo \$\$ >"$mount/$name/b/cgroup.procs"; exec "$WORKLOAD" buffered-write "$SCRATCH_DIR/\$0b" 8' \$1
END
of() { # a|b FILTER
	json "[.rows[] | select(.cgroup == \"/$name/$1\") | $2] | add // 0" "$SUMMARY"
}
stat_run --by cgroup -- sh "$SCRATCH_TMP/both" 1
a=$(jq -s '.[0].write_bytes' "$TRUTH")
b=$(jq -s '.[1].write_bytes' "$TRUTH")
check "by" "$(sum '[.rows[].by] | unique | join(" ")')" is cgroup
check "totals by" "$(sum .totals.by)" is total
check "a: application bytes" "$(of a .application.write.bytes)" eq "$a"
check "a: syncs" "$(of a .application.sync.ops)" eq 97
check "a: data" "$(of a .device.write_classes.data)" ge "$((97 * 4096))"
check "b: application bytes" "$(of b .application.write.bytes)" eq "$b"
check "b: dirtied" "$(of b .cache.dirtied_bytes)" eq 8388608
check "b: data" "$(of b .device.write_classes.data)" eq 8388608
check "one row of each" \
	"$(sum "[.rows[] | select((.cgroup // \"\") | startswith(\"/$name/\"))] | length")" eq 2
check "totals" "$(sum .totals.application.write.bytes)" eq "$((a + b))"
check "pid of a row" "$(sum '[.rows[] | select(.pid != null)] | length')" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"

# the same by process: every row names its cgroup; then only the cgroup b, while all write
stat_run -- sh "$SCRATCH_TMP/both" 2
for i in 0 1; do
	pid=$(jq -s ".[$i].pid" "$TRUTH")
	[ "$i" = 0 ] && want=a || want=b
	check "$want: cgroup of the process" "$(sum ".rows[] | select(.pid == $pid) | .cgroup")" is "/$name/$want"
done

mkfifo "$SCRATCH_TMP/ready"
"$STAT" -j -o "$SUMMARY" --by process --cgroup "/$name/b" --ready-fd 9 9<>"$SCRATCH_TMP/ready" &
tool=$!
dd bs=1 count=1 status=none <"$SCRATCH_TMP/ready" >/dev/null
sh "$SCRATCH_TMP/both" 3 >"$TRUTH"
sync -f "$SCRATCH_DIR"
kill -INT "$tool"
wait "$tool"
check "filter: status" "$?" eq 0
check "filter: application bytes" "$(sum .totals.application.write.bytes)" eq "$b"
check "filter: data" "$(sum .totals.device.write_classes.data)" eq 8388608
check "filter: cgroups of owners" \
	"$(sum '[.rows[] | select(.kind == "owner") | .cgroup] |
		unique | join(" ")')" is "/$name/b"
check "filter: outside" "$(row outside .application.write.bytes)" ge "$a"
invariants "$SUMMARY" "$SCRATCH_DISK"

# the group of the target is removed and made again, four times: nobody's first I/O may come too early
"$STAT" -j -o "$SUMMARY" --cgroup "/$name/b" --ready-fd 9 9<>"$SCRATCH_TMP/ready" &
tool=$!
dd bs=1 count=1 status=none <"$SCRATCH_TMP/ready" >/dev/null
for i in 1 2 3 4; do
	sh -c 'echo $$ >"$0"; exec head -c 10000 /dev/zero >"$1"' "$mount/$name/b/cgroup.procs" \
		"$SCRATCH_DIR/unit$i"
	rmdir "$mount/$name/b"
	mkdir "$mount/$name/b"
done
kill -INT "$tool"
wait "$tool"
check "made again: status" "$?" eq 0
check "made again: application bytes" "$(sum .totals.application.write.bytes)" eq 40000
finish
