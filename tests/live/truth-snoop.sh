#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# iosnoop-amp -j: the lines of each layer add up to the workload's own figures, to the summary
# in the last line, and to the disk's counter.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
SUMMARY=$SCRATCH_TMP/summary.json
TRUTH=$SCRATCH_TMP/truth.json
lines=$SCRATCH_TMP/lines
before=$(dev_stat "$SCRATCH_DISK")
"$SNOOP" -j -o "$lines" -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 199 100 \
	>"$TRUTH" 2>"$SCRATCH_TMP/stderr" ||
	fail "iosnoop-amp ended with $?: $(cat "$SCRATCH_TMP/stderr")"
after=$(dev_stat "$SCRATCH_DISK")
tail -1 "$lines" >"$SUMMARY"
python3 "$LIB_LIVE/../unit/check_schema.py" "$lines" || fail "the lines are not valid"
pid=$(truth .pid)

events() { # FILTER of events of the program, then what is summed
	jq -s "[.[] | select(.type == \"event\" and .pid == $pid) | select($1) | $2] | add // 0" "$lines"
}
check "lost lines" "$(jq -s '[.[] | select(.type == "lost")] | length' "$lines")" eq 0
check "write lines" "$(events ".event == \"SYSCALL_WRITE\"" 1)" eq "$(truth .write_ops)"
check "write bytes" "$(events ".event == \"SYSCALL_WRITE\"" .size)" eq "$(truth .write_bytes)"
check "write returns" "$(events ".event == \"SYSCALL_WRITE\"" .ret)" eq "$(truth .write_bytes)"
check "offsets of writes" "$(jq -s -c "[.[] | select(.event == \"SYSCALL_WRITE\" and .pid == $pid) | .offset] ==
	[range(0; 199) * 100]" "$lines")" is true
check "sync lines" "$(events ".event == \"SYSCALL_SYNC\"" 1)" eq "$(truth .syncs)"
check "latency of each call" \
	"$(events "(.event | startswith(\"SYSCALL_\")) and .lat_ns == null" 1)" eq 0
written=$(events ".event == \"DEVICE_WRITE\" and .disk == \"$SCRATCH_DISK\"" .size)
check "device write bytes" "$written" eq "$(disk_sum .write_by_kind.owner)"
near "device write bytes" "$written" "$((${after#* } - ${before#* }))" 10
for event in FS_DATA:data FS_METADATA:metadata FS_JOURNAL:journal; do # these names are for reads, too
	class=${event#*:}
	check "${event%:*} bytes" "$(events ".event == \"${event%:*}\"" .size)" eq \
		"$(pid_row "$pid" ".filesystem | .write.$class.bytes + (.read.$class.bytes // 0)")"
done
for op in READ:read WRITE:write; do
	check "BLOCK_${op%:*} bytes" "$(events ".event == \"BLOCK_${op%:*}\"" .size)" eq \
		"$(pid_row "$pid" ".block.${op#*:}.bytes")"
done
check "summary: application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "names" "$(jq -s -r "[.[] | select(.pid == $pid) | .comm] | unique | join(\" \")" "$lines")" is workload
invariants "$SUMMARY" "$SCRATCH_DISK"

"$SNOOP" -o "$SCRATCH_TMP/text" -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/g" 23 100 >/dev/null 2>&1
check "text: lines of writes" "$(grep -c ' SYSCALL_WRITE .* workload ' "$SCRATCH_TMP/text")" eq 23
check "text: the table at its end" "$(grep -c \
	'^SYSTEM.*SYS_R.*SYS_W.*VFS_R.*VFS_W.*BLK_R.*BLK_W.*R_AMP.*W_AMP' "$SCRATCH_TMP/text")" eq 1
finish
