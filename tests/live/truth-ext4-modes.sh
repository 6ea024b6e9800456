#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ext4 without a journal, with data=journal, data=writeback and fast commits: the program owns all
# bytes, each in the right class.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4-nojournal 256
"$WORKLOAD" append-fsync "$SCRATCH_DIR/warm" 1 100 >/dev/null
sync -f "$SCRATCH_DIR"
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 1000 100
after=$(dev_stat "$SCRATCH_DISK")
total=$((${after#* } - ${before#* }))
check "nojournal: application bytes" "$(sum .totals.application.write.bytes)" eq 100000
check "nojournal: the kernel's writes" "$total" gt 4194304
check "nojournal: device" "$(disk_sum .write_bytes)" eq "$total"
check "nojournal: data" "$(sum .totals.device.write_classes.data)" eq 4194304
check "nojournal: journal" "$(sum '[.rows[].filesystem.write.journal.bytes] | add')" eq 0
check "nojournal: owned" "$(($(row owner .device.write.bytes) * 100))" ge "$((total * 99))"
check "nojournal: metadata" \
	"$(row owner .device.write_classes.metadata)" ge "$(((total - 4194304) * 99 / 100))"
check "nojournal: unattributed" "$(row unattributed .device.write.bytes)" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"

SCRATCH_MOUNT_OPTS=noatime,data=journal
scratch_fs_new ext4 256
mm=$(disk_major_minor "$SCRATCH_DISK")
trace_start jbd2/jbd2_run_stats "dev == $((${mm%,*} << 20 | ${mm#*,}))"
before=$(dev_stat "$SCRATCH_DISK")
stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 1000 100
after=$(dev_stat "$SCRATCH_DISK")
trace_stop "$SCRATCH_TMP/trace"
total=$((${after#* } - ${before#* }))
logged=$(sed -n 's/.*blocks_logged //p' "$SCRATCH_TMP/trace" | awk '{ n += $1 } END { print n + 0 }')
check "data=journal: application bytes" "$(sum .totals.application.write.bytes)" eq 100000
check "data=journal: blocks logged" "$logged" gt 3000 # data pages, too
near "data=journal: journal" "$(sum '[.rows[].device.write_classes.journal] | add')" "$((logged * 4096))" 10
check "data=journal: device" "$(disk_sum .write_bytes)" eq "$total"
check "data=journal: owned" "$(($(row owner .device.write.bytes) * 100))" ge "$((total * 99))"
check "data=journal: unattributed" "$(row unattributed .device.write.bytes)" eq 0
invariants "$SUMMARY" "$SCRATCH_DISK"

# 307: the 300 appends, and the pages that seven of them begin
others() { # MODE TYPE OPTIONS JOURNAL-PAGES-LOW JOURNAL-PAGES-HIGH
	SCRATCH_MOUNT_OPTS=$3
	scratch_fs_new "$2" 256
	before=$(dev_stat "$SCRATCH_DISK")
	stat_run -- "$WORKLOAD" append-fsync "$SCRATCH_DIR/f" 300 100
	after=$(dev_stat "$SCRATCH_DISK")
	total=$((${after#* } - ${before#* }))
	journal=$(sum '[.rows[].device.write_classes.journal] | add')
	check "$1: data" "$(sum .totals.device.write_classes.data)" eq $((307 * 4096))
	between "$1: journal" "$journal" $(($4 * 4096)) $(($5 * 4096))
	check "$1: device" "$(disk_sum .write_bytes)" eq "$total"
	check "$1: owned" "$(($(row owner .device.write.bytes) * 1000))" ge "$((total * 990))"
	check "$1: unattributed" "$(row unattributed .device.write.bytes)" eq 0
	invariants "$SUMMARY" "$SCRATCH_DISK"
}
others data=writeback ext4 noatime,data=writeback 600 1000 # 3 blocks per fsync
others "fast commit" ext4-fastcommit noatime 300 400 # 1
finish
