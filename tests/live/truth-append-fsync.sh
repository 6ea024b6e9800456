#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 1000 x (append 100 B + fsync): 100 KB become 16.7 MB, all charged to the program, none to
# jbd2 or kblockd. The test compares the journal's share with jbd2's own count of logged blocks.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
mm=$(disk_major_minor "$SCRATCH_DISK")
trace_start jbd2/jbd2_run_stats "dev == $((${mm%,*} << 20 | ${mm#*,}))"
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 1000 100
after=$(dev_stat "$SCRATCH_DISK")
trace_stop "$SCRATCH_TMP/trace"

logged=$(sed -n 's/.*blocks_logged //p' "$SCRATCH_TMP/trace" | awk '{ n += $1 } END { print n + 0 }')
pages=$(($(stat -c %s "$SCRATCH_DIR/f") / 100)) # each append dirties one page, or two
data=0
i=0
while [ "$i" -lt "$pages" ]; do
	data=$((data + (((i + 1) * 100 - 1) / 4096 - i * 100 / 4096 + 1) * 4096))
	i=$((i + 1))
done

pid=$(truth .pid)
check "the workload's own bytes" "$(truth .write_bytes)" eq 100000
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$(truth .write_bytes)"
check "application writes" "$(sum .totals.application.write.ops)" eq "$(truth .write_ops)"
check "application syncs" "$(sum .totals.application.sync.ops)" eq "$(truth .syncs)"
check "interface write" "$(sum .totals.application.interfaces.write.ops)" eq 1000
check "interface fsync" "$(sum .totals.application.interfaces.fsync.ops)" eq 1000
check "data as computed" "$data" eq 4194304
check "dirtied" "$(sum .totals.cache.dirtied_bytes)" eq 4194304
check "data at the file system" "$(sum .totals.filesystem.write.data.bytes)" eq 4194304
check "data on the device" "$(sum .totals.device.write_classes.data)" eq 4194304
check "blocks logged" "$logged" gt 2000
near "journal" "$(sum .totals.filesystem.write.journal.bytes)" "$((logged * 4096))" 10
near "journal on the device" "$(sum .totals.device.write_classes.journal)" "$((logged * 4096))" 10
between "factor x 1000" "$(milli .totals.amplification.write.bytes)" 160000 175000
check "all of it in the program's row" "$(pid_row "$pid" .device.write.bytes)" eq \
	"$(sum .totals.device.write.bytes)"
check "owner rows" "$(json '[.rows[] | select(.kind == "owner")] | length' "$SUMMARY")" eq 1
check "rows of kernel threads" "$(json '[.rows[] | select((.comm // "") |
	test("^(jbd2|kworker|kblockd)"))] | length' "$SUMMARY")" eq 0
check "unattributed" "$(row unattributed .device.write.bytes)" eq 0
check "the kernel's writes" "$(disk_sum .write_bytes)" eq "$((${after#* } - ${before#* }))"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
