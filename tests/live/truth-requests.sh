#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Requests of libaio that fail or are short: what was counted at their submission is taken back when the
# program gets their results. 100 writes against a limit of 1 MiB and a half request, then 100 reads.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

need_async
for fs in ext4 xfs btrfs; do
	scratch_fs_new $fs 300 2>"$SCRATCH_TMP/fs" || {
		echo "left out: $fs: $(cat "$SCRATCH_TMP/fs")"
		continue
	}
	for how in "" vec; do
		# shellcheck disable=SC2086 # no word, or one
		stat_run --by process -- "$WORKLOAD" aio-limit "$SCRATCH_DIR/limit$how" 100 1081344 $how
		check "$fs $how: written, says the workload" "$(truth .write_bytes)" eq 1081344
		pid=$(truth .pid)
		# of the reads some are the program loader's
		for unit in bytes ops; do
			check "$fs $how: write $unit" "$(pid_row "$pid" ".application.write.$unit")" eq \
				"$(truth ".write_$unit")"
			check "$fs $how: $unit of requests" "$(pid_row "$pid" ".application.interfaces.libaio.$unit")" \
				eq "$(truth ".write_$unit + .read_$unit")"
		done
		check "$fs $how: complete" "$(complete_here)" is true
		between "$fs $how: factor" "$(milli '.totals.device.write.bytes / .totals.application.write.bytes')" 1000 1400
		invariants "$SUMMARY" "$SCRATCH_DISK"
	done
done

# ---- events: the result is not known when a request is submitted ----
"$SNOOP" -j -o "$SCRATCH_TMP/events" -- "$WORKLOAD" aio-limit "$SCRATCH_DIR/limit" 100 1081344 >/dev/null
check "events: a result that nobody knows" "$(jq -cs '[.[] | select(.event == "SYSCALL_WRITE" and .size == 65536) |
	.ret] | unique' "$SCRATCH_TMP/events")" is '[null]'
finish
