#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's own counters: of a disk that is removed and added again under its number they begin
# anew, what the kernel alone counted makes a summary incomplete, and what no program heard of is the
# owner's all the same.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

again() { # [FILE MIB]
	"$WORKLOAD" loop-again "$number" "$@"
}

# 3 MiB before the window; in it 1 MiB, another disk under the same number, and 1 MiB
scratch_fs_new ext4 64
number=$((5000 + $$ % 50000))
disk=loop$number
truncate -s 8M "$SCRATCH_TMP/again"
scratch_at_exit again
again "$SCRATCH_TMP/again" 3 >/dev/null
for mib in 1 4; do # the new counter is below the old one, and above it
	stat_run -- "$WORKLOAD" loop-again "$number" "$SCRATCH_TMP/again" $mib
	check "removed, $mib MiB: what we counted" "$(disk_sum .write_bytes "$disk")" eq "$(truth .write_bytes)"
	check "removed, $mib MiB: kernel" "$(disk_sum .kernel_write_bytes "$disk")" is null
	check "removed, $mib MiB: unexplained" "$(disk_sum .unexplained_write_bytes "$disk")" is null
	check "removed, $mib MiB: reason" "$(disk_sum .kernel_reason "$disk")" is "removed in the window"
	check "removed, $mib MiB: complete" "$(sum .incomplete_reason)" is "$disk was removed in the window"
done

# ---- the ends of writes that the kernel counted and no program heard ----
command -v bpftool >/dev/null || {
	echo "left out: bpftool is not installed"
	finish
}
mkfifo "$SCRATCH_TMP/ready" "$SCRATCH_TMP/go"
# shellcheck disable=SC2016 # for the inner shell
"$STAT" -j -o "$SCRATCH_TMP/summary.json" --ready-fd 9 -- sh -c 'dd if=/dev/zero of="$0/f" bs=64k count=16 \
	oflag=direct status=none; echo >"$1/done"; read -r _ <"$1/go"' "$SCRATCH_DIR" "$SCRATCH_TMP" \
	9>"$SCRATCH_TMP/ready" &
tool=$!
head -c 1 "$SCRATCH_TMP/ready" >/dev/null
soon [ -s "$SCRATCH_TMP/done" ] || fail "dd did not end"
sync -f "$SCRATCH_DIR"
moved=$(python3 "$LIB_LIVE/unhear.py" "$tool" "$(cut -d: -f1 "/sys/block/$SCRATCH_DISK/dev")" \
	"$(cut -d: -f2 "/sys/block/$SCRATCH_DISK/dev")")
check "unheard: bytes that were taken from the counters" "$moved" ge 1048576
echo >"$SCRATCH_TMP/go"
wait "$tool"
SUMMARY=$SCRATCH_TMP/summary.json
check "unheard: the disk's bytes" "$(disk_sum .write_bytes)" ge "$moved"
check "unheard: the kernel's" "$(disk_sum .unexplained_write_bytes)" eq 0
check "unheard: data of dd" "$(json '[.rows[] | select(.comm == "dd") | .device.write_classes.data] | add' "$SUMMARY")" eq 1048576
check "unheard: complete" "$(complete_here)" is true
finish
