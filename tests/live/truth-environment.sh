#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Random programs on ext4, XFS and btrfs while a second process changes what is around them:
# memory is compacted, caches are dropped, file systems are frozen, filled, synced by strangers and
# mounted in other namespaces, processes move between cgroups and run in PID namespaces, a disk is
# removed and added under its number. One tool measures it all, a second one joins late and prints
# intervals. What each program counted itself, the kernel's counters and the sums must agree.
#
#	SEED=N SECONDS=N	the same programs and changes again, for so long; 600 by hand
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
# shellcheck disable=SC3028 # where it is not undefined, it counts from 0
seconds=${SECONDS:-0}
[ "$seconds" -ge 5 ] || seconds=16
echo "SEED=$seed SECONDS=$seconds"

for tool in unshare fsfreeze; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
unshare -pf --mount-proc true 2>/dev/null || skip "no PID namespace can be made here"
hierarchy=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$hierarchy" ] || skip "no cgroup2 is mounted"
group=$hierarchy/ioamp-test-$$
mkdir "$group" "$group/a" "$group/b" || skip "no cgroup can be made"
no_groups() {
	rmdir "$group"/*/ "$group"
}

scratch_fs_new ext4 64
umount "$SCRATCH_DIR"
other=$SCRATCH_DEV mount=$SCRATCH_DIR tmp=$SCRATCH_TMP
scratch_fs_new ext4 32
small=$SCRATCH_DIR
dirs=
for fs in ext4 xfs btrfs; do
	scratch_fs_new $fs 512
	need_async
	dirs="$dirs $SCRATCH_DIR"
	[ $fs != ext4 ] || backing=$SCRATCH_DIR
done
SCRATCH_BACKING=$backing scratch_fs_new ext4 64
number=$((5000 + $$ % 50000))
truncate -s 8M "$tmp/again"
mkdir "$tmp/bin"

tool='' top=''
gone() { # nothing of the run works on, however it ended
	for pid in $top $tool; do
		kill -INT "$pid" 2>/dev/null
	done
	for dir in $dirs; do
		fsfreeze -u "$dir" 2>/dev/null
	done
	pkill -s "$session" 2>/dev/null
	for pid in $top $tool; do
		wait "$pid"
	done
	mountpoint -q "$mount" && umount "$mount"
	[ ! -b "/dev/loop$number" ] || "$WORKLOAD" loop-again "$number" >/dev/null
	no_groups
}
scratch_at_exit gone

lines_are() { # MINIMUM FILE
	[ "$(wc -l <"$2")" -ge "$1" ]
}

"$WORKLOAD" loop-again "$number" "$tmp/again" 1 >/dev/null
# shellcheck disable=SC2086 # words
places=$(jq -cn --arg tmp "$tmp/bin" --arg workload "$WORKLOAD" --arg cgroup "$group" --arg small "$small" \
	--arg other "$other" --arg mount "$mount" --arg stack "$SCRATCH_DIR" --arg loop "$number" \
	--arg image "$tmp/again" '{$tmp, $workload, $cgroup, $small, $other, $mount, $stack, $loop, $image,
		dirs: $ARGS.positional}' --args $dirs)
mkfifo "$tmp/ready"
SUMMARY=$tmp/summary.json
setsid "$STAT" -j -a --by process -o "$SUMMARY" --ready-fd 9 -- python3 -B "$LIB_LIVE/environment.py" run \
	"$seed" "$seconds" "$places" "$tmp/truth" 9>"$tmp/ready" 2>"$tmp/stderr" &
tool=$!
session=$tool
head -c 1 "$tmp/ready" >/dev/null
await 20 lines_are 8 "$tmp/truth" # much is dirty by then
"$BUILD/bin/ioamp-top" -j --by process 1 >"$tmp/intervals" 2>"$tmp/stderr-top" &
top=$!
wait "$tool"
check "status: $(head -c 600 "$tmp/stderr")" $? eq 0
await 20 lines_are $(($(wc -l <"$tmp/intervals") + 2)) "$tmp/intervals"
kill -INT "$top"
wait "$top"
check "status of the late one: $(head -c 600 "$tmp/stderr-top")" $? eq 0
tool='' top=''
echo "changes: $(cat "$tmp/truth.changes")"
python3 "$LIB_LIVE/environment.py" check "$SUMMARY" "$tmp/intervals" "$tmp/truth" ||
	fail "SEED=$seed SECONDS=$seconds"
[ "$LIB_FAILED" = 0 ] || [ -z "${KEEP:-}" ] || cp "$tmp/intervals" "$KEEP.intervals"
finish
