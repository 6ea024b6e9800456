#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A kernel without kprobes that refuses fentry: the tool cannot measure the vfs layer. It says so
# and prints no 0. The truth is the list of hooks that the kernel offers.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

root=$(trace_root)
[ -e "$root/kprobe_events" ] && skip "this kernel has kprobes: the vfs layer is measured"
grep -q '\[none\]' /sys/kernel/security/lockdown 2>/dev/null && skip "this kernel may allow fentry"

scratch_fs_new ext4 64
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 23 100
check "vfs available" "$(sum .layers.vfs.available)" is false
check "vfs via" "$(sum .layers.vfs.via)" is null
check "vfs has a reason" "$(sum '.layers.vfs.reason // "" | length > 8')" is true
check "rows with vfs" "$(sum '[.rows[], .totals | select(.vfs != null)] | length')" eq 0
check "rows with an operation factor" "$(sum '[.rows[], .totals | .amplification[] |
	 select(.ops != null)] | length')" eq 0
check "steps of the chain from or to vfs" "$(sum '[.. | .chain? // empty | .[] |
	select(.from == "vfs" or .to == "vfs")] | length')" eq 0
for layer in application cache filesystem block device; do
	check "$layer available" "$(sum .layers.$layer.available)" is true
	check "$layer via" \
		"$(sum ".layers.$layer.via | test(\"^(raw_tracepoint|tp_btf|tracepoint|fentry|kprobe)$\")")" is true
	check "$layer in all rows" "$(sum "[.rows[] | select(.$layer == null)] | length")" eq 0
done
check "complete" "$(complete_here)" is true
invariants "$SUMMARY" "$SCRATCH_DISK"

"$STAT" -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 23 100 2>/dev/null >"$SCRATCH_TMP/text"
check "vfs line of the text has no digit" "$(grep -cE '^vfs( +-)+$' "$SCRATCH_TMP/text")" eq 1
check "the text says what is not seen" "$(grep -c '^not seen: vfs' "$SCRATCH_TMP/text")" eq 1

stat_run --layer application,device -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 23 100
for layer in vfs cache filesystem; do
	check "not asked for: $layer" "$(sum .layers.$layer.available)" is false
	check "not asked for: $layer, reason" "$(sum ".layers.$layer.reason | length > 0")" is true
	check "not asked for: $layer in rows" "$(sum "[.rows[] | select(.$layer != null)] | length")" eq 0
done
check "asked for: application" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "asked for: device" "$(disk_sum .unexplained_write_bytes)" eq 0
invariants "$SUMMARY"
finish
