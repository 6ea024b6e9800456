#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 64 MiB buffered. The program ends before kworkers write the data, and still owns all of it. The
# kernel's own record of submitted bios proves that kworkers wrote the data.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 256
mm=$(disk_major_minor "$SCRATCH_DISK")
trace_start block/block_bio_queue "dev == $((${mm%,*} << 20 | ${mm#*,}))"
before=$(dev_stat "$SCRATCH_DISK")
stat_run -d "$SCRATCH_DISK" --settle sync -- dd if=/dev/zero "of=$SCRATCH_DIR/f" bs=1M count=64
after=$(dev_stat "$SCRATCH_DISK")
trace_stop "$SCRATCH_TMP/trace"

# "...: block_bio_queue: 7,0 W 1234 + 2048 [kworker/u8:1]"
bios() { # AWK-PATTERN of the submitter
	sed -n 's/.*block_bio_queue: [0-9,]* \([A-Z]*\) [0-9]* + \([0-9]*\) \[\(.*\)\]$/\1 \2 \3/p' \
		"$SCRATCH_TMP/trace" | awk -v who="$1" '$1 ~ /W/ && $3 ~ who { n += $2 * 512; c++ } END { print n + 0 }'
}
written=$(sed -n 's/ bytes .*copied.*//p' "$SCRATCH_TMP/stderr")
total=$((${after#* } - ${before#* }))
check "dd's own bytes" "$written" eq 67108864
check "bytes that kworkers submitted" "$(bios '^kworker')" ge "$((written * 99 / 100))"
check "bytes that dd submitted" "$(bios '^dd')" eq 0
check "application bytes" "$(sum .totals.application.write.bytes)" eq "$written"
check "dirtied" "$(sum .totals.cache.dirtied_bytes)" eq "$written"
check "pending" "$(sum .totals.cache.pending_bytes)" eq 0
check "cancelled" "$(sum .totals.cache.cancelled_bytes)" eq 0
check "data, exact to the page" "$(row owner .device.write_classes.data)" eq "$written"
check "the row's name" "$(sum '[.rows[] | select(.kind == "owner") | .comm] | unique | join(" ")')" is dd
check "owned bytes" "$(($(row owner .device.write.bytes) * 100))" ge "$((total * 99))"
check "unattributed" "$(($(row unattributed .device.write.bytes) * 100))" lt "$total"
check "device, all rows" "$(sum '[.rows[].device.write.bytes] | add')" eq "$total"
check "block, all rows" "$(sum '[.rows[].block.write.bytes] | add')" eq "$(bios .)"
invariants "$SUMMARY" "$SCRATCH_DISK"
finish
