#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Calls that move blocks, not bytes: FICLONE, fallocate, truncate and ftruncate are operations
# of the application layer with 0 bytes, and no file data is written for them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

for fs in xfs btrfs; do
	scratch_fs_new $fs 320
	"$WORKLOAD" prepare "$SCRATCH_DIR/source" 16 >/dev/null
	cat >"$SCRATCH_TMP/script" <<-END
		$WORKLOAD reflink $SCRATCH_DIR/source $SCRATCH_DIR/clone >$SCRATCH_TMP/reflink || exit
		$WORKLOAD fallocate $SCRATCH_DIR/space 4194304 >$SCRATCH_TMP/fallocate || exit
		$WORKLOAD truncate $SCRATCH_DIR/space 1048576 >$SCRATCH_TMP/truncate || exit
		$WORKLOAD ftruncate $SCRATCH_DIR/space 524288 >$SCRATCH_TMP/ftruncate || exit
	END
	sync -f "$SCRATCH_DIR"
	stat_run -- sh "$SCRATCH_TMP/script"
	cmp "$SCRATCH_DIR/source" "$SCRATCH_DIR/clone" || fail "$fs: the clone is no copy"
	check "$fs: the file's size" "$(stat -c %s "$SCRATCH_DIR/space")" eq 524288
	for name in reflink fallocate truncate ftruncate; do
		TRUTH=$SCRATCH_TMP/$name
		pid=$(truth .pid)
		key=$(truth .interface)
		check "$fs $name: $key" "$(pid_row "$pid" ".application.interfaces.$key |
			if . then \"\(.ops) \(.bytes)\" else \"none\" end")" is "1 0"
		check "$fs $name: application writes" "$(pid_row "$pid" .application.write.bytes)" eq 0
		check "$fs $name: dirtied data" "$(pid_row "$pid" .filesystem.write.data.bytes)" eq 0
	done
	check "$fs: ioctl is nothing else" "$(sum '.totals.application.interfaces.ioctl.ops // 0')" eq 1
	invariants "$SUMMARY" "$SCRATCH_DISK"
	scratch_fs_free
done
finish
