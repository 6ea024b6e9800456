#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's own counters: of a disk that is removed and added again under its number they begin
# anew, and what the kernel alone counted makes a summary incomplete.
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
finish
