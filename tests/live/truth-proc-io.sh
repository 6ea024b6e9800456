#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Dirtied, cancelled and pending bytes, compared with the kernel's own account of the process
# (/proc/self/io, which the workload reads at its end).
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

scratch_fs_new ext4 512
"$WORKLOAD" prepare "$SCRATCH_DIR/old" 16 >/dev/null
"$WORKLOAD" prepare "$SCRATCH_DIR/direct" 16 >/dev/null
mkdir "$SCRATCH_DIR/create"
cat >"$SCRATCH_TMP/plan" <<END
buffered buffered-write $SCRATCH_DIR/buffered 16
once rewrite-page $SCRATCH_DIR/once 100
vain write-unlink $SCRATCH_DIR/vain 8
append append-fsync $SCRATCH_DIR/append 200 100
create create-fsync $SCRATCH_DIR/create 50
overwrite overwrite $SCRATCH_DIR/old 4
direct direct-write $SCRATCH_DIR/direct 16
mapping matrix mmap $SCRATCH_DIR/mapping
mapping-nosync matrix mmap-nosync $SCRATCH_DIR/mapping-nosync
END
while read -r name command; do
	echo "$WORKLOAD --proc-io $command >$SCRATCH_TMP/$name || exit"
done <"$SCRATCH_TMP/plan" >"$SCRATCH_TMP/script"
sync -f "$SCRATCH_DIR"
stat_run -- sh "$SCRATCH_TMP/script"
while read -r name command; do
	TRUTH=$SCRATCH_TMP/$name
	pid=$(truth .pid)
	wrote=$(truth .proc_io.write_bytes)
	cancelled=$(truth .proc_io.cancelled_write_bytes)
	direct=0
	[ "$name" != direct ] || direct=$(truth .write_bytes)
	check "$name: dirtied or direct" "$(($(pid_row "$pid" .cache.dirtied_bytes) + direct))" eq "$wrote"
	check "$name: cancelled" "$(pid_row "$pid" .cache.cancelled_bytes)" eq "$cancelled"
	check "$name: pending" "$(pid_row "$pid" .cache.pending_bytes)" eq 0
	check "$name: data on the device" "$(pid_row "$pid" .device.write_classes.data)" le \
		"$((wrote - cancelled))"
done <"$SCRATCH_TMP/plan"
check "cancelled in all" "$(sum .totals.cache.cancelled_bytes)" eq 8388608
invariants "$SUMMARY" "$SCRATCH_DISK"

# 24 MiB dirtied, 8 of them synced: 16 are pending, and the kernel writes these 16 later.
cat >"$SCRATCH_TMP/script" <<END
$WORKLOAD --proc-io buffered-write $SCRATCH_DIR/stays 16 >$SCRATCH_TMP/stays || exit
$WORKLOAD --proc-io buffered-write $SCRATCH_DIR/goes 8 >$SCRATCH_TMP/goes || exit
sync $SCRATCH_DIR/goes
END
stat_run --settle none -- sh "$SCRATCH_TMP/script"
before=$(dev_stat "$SCRATCH_DISK")
sync -f "$SCRATCH_DIR"
after=$(dev_stat "$SCRATCH_DISK")
for name in stays goes; do
	TRUTH=$SCRATCH_TMP/$name
	check "none, $name: dirtied" "$(pid_row "$(truth .pid)" .cache.dirtied_bytes)" eq \
		"$(truth .proc_io.write_bytes)"
done
check "none: pending" "$(pid_row "$(json .pid "$SCRATCH_TMP/stays")" .cache.pending_bytes)" eq 16777216
check "none: pending of what was synced" "$(pid_row "$(json .pid "$SCRATCH_TMP/goes")" .cache.pending_bytes)" eq 0
check "none: data on the device" "$(row owner .device.write_classes.data)" eq 8388608
near "none: the kernel writes it later" "$((${after#* } - ${before#* }))" \
	"$(sum .totals.cache.pending_bytes)" 20
invariants "$SUMMARY"
finish
