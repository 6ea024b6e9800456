#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A tool that joins a running writer: what was asked for, dirtied or changed before the window is
# nobody's, and no part of the factor. Each page is written once, so a program may not own more
# bytes than it asked for in the window, whenever the file system is synced.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# The walk over the pages of one bio ends after some 4000 folios; bios of btrfs may have more. The
# rest has the owner seen last, and the summary is incomplete.
long_bios() {
	[ "$fs" = btrfs ] && [ "$(sum .losses.owner_evicted)" -gt 0 ]
}

wchar() { # PID
	awk '/^wchar/ { print $2 }' "/proc/$1/io"
}

joined() { # NAME BEFORE_S SYNC_S OPTION...
	name=$1 before=$2 sync=$3
	shift 3
	"$WORKLOAD" stream "$SCRATCH_DIR/stream" 40960 >"$SCRATCH_TMP/writer" &
	writer=$!
	sleep "$before" # the tool comes late: this much is dirty by then
	[ -p "$SCRATCH_TMP/ready" ] || mkfifo "$SCRATCH_TMP/ready"
	most=$(wchar "$writer")
	"$STAT" -j -o "$SUMMARY" -p "$writer" --duration 1.5 --ready-fd 3 "$@" 3>"$SCRATCH_TMP/ready" &
	tool=$!
	head -c 1 "$SCRATCH_TMP/ready" >/dev/null
	least=$(wchar "$writer")
	sleep "$sync"
	sync -f "$SCRATCH_DIR"
	least=$(($(wchar "$writer") - least))
	wait "$tool"
	check "$name: status" $? eq 0
	most=$(($(wchar "$writer") - most))
	kill "$writer"
	wait "$writer"
	asked=$(pid_row "$writer" .application.write.bytes)
	owned=$(pid_row "$writer" .filesystem.write.data.bytes)
	pending=$(pid_row "$writer" .cache.pending_bytes)
	between "$name: asked, by the kernel's own count" "$asked" "$least" "$most"
	check "$name: dirtied" "$(pid_row "$writer" .cache.dirtied_bytes)" eq "$asked"
	! long_bios || return 0
	check "$name: owned data is what was asked for in the window" "$owned" le "$asked"
	# the stream goes on between the reading of the counters and that of the dirty pages
	between "$name: owned and pending" "$((owned + pending))" "$asked" "$((asked + 1048576))"
	check "$name: written back in the window" "$owned" gt 0
	check "$name: from before" "$(sum '[.rows[].device.before_bytes] | add')" gt 0
	check "$name: factor" "$(milli ".totals.amplification.write.bytes")" le 1010
	long_bios || invariants "$SUMMARY" "$SCRATCH_DISK"
}

SUMMARY=
for fs in ext4 xfs btrfs; do
	scratch_fs_new $fs 512
	SUMMARY=$SCRATCH_TMP/summary.json
	joined "$fs" 0.5 0.8
	scratch_fs_free
done
finish
