#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 50 programs made from seeds, on ext4, XFS and btrfs in turn. The application layer has, by
# interface and to the byte, the sum of what the calls of each process and thread returned, and
# every invariant of a summary holds. SEEDS="7 23" runs only these.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

SEEDS=${SEEDS:-$(seq 1 50)}
EACH_RUN=5

# One line for each figure that differs: stores to mappings are an estimate, and not among them.
differences() { # SEED
	jq -r -n --slurpfile sum "$SUMMARY" --slurpfile truth "$SCRATCH_TMP/truth-$1" '
		$truth[0] as $t |
		[$sum[0].rows[] | select(.pid as $p | $t.pids | index($p)) | .application] as $rows |
		[$rows[].interfaces | to_entries[]] as $calls |
		def got($key): [$calls[] | select(.key == $key).value] |
			{ops: (map(.ops) | add // 0), bytes: (map(.bytes) | add // 0)};
		((($t.interfaces | keys) + [$calls[].key] | unique - ["mmap"])[] as $key |
			{what: $key, want: ($t.interfaces[$key] // {ops: 0, bytes: 0}), got: got($key)}),
		{what: "reads and writes", want: ($t.read_bytes + $t.write_bytes),
			got: (([$rows[] | .read.bytes + .write.bytes] | add) - got("mmap").bytes)},
		{what: "syncs", want: $t.syncs, got: ([$rows[].sync.ops] | add)},
		{what: "rows", want: ($t.pids | length), got: ($rows | length)} |
		select(.want != .got) | "\(.what): \(.got | tostring) instead of \(.want | tostring)"' |
		paste -sd ";"
}

measure() { # SEED...
	: >"$SCRATCH_TMP/script"
	rm -rf "$SCRATCH_DIR"/seed-*
	for seed in "$@"; do
		mkdir "$SCRATCH_DIR/seed-$seed"
		echo "$WORKLOAD random $seed $SCRATCH_DIR/seed-$seed >$SCRATCH_TMP/truth-$seed || exit" \
			>>"$SCRATCH_TMP/script"
	done
	sync -f "$SCRATCH_DIR"
	stat_run -- sh "$SCRATCH_TMP/script"
	for seed in "$@"; do
		differ=$(differences "$seed")
		check "$FS, seed $seed" "$differ" is ""
	done
	check "$FS, seeds $*: unattributed" "$(row unattributed .device.write.bytes)" eq 0
	failed=$LIB_FAILED
	invariants "$SUMMARY" "$SCRATCH_DISK"
	[ "$failed" = "$LIB_FAILED" ] || echo "$FS, seeds $*"
}

turn() { # the next of the three file systems, made when first needed
	case $FS in ext4) FS=xfs ;; xfs) FS=btrfs ;; *) FS=ext4 ;; esac
	place=$(echo "$places" | grep "^$FS ") || {
		scratch_fs_new $FS 1024
		need_async
		place="$FS $SCRATCH_DIR $SCRATCH_DISK $SCRATCH_TMP"
		places="$places
$place"
	}
	read -r FS SCRATCH_DIR SCRATCH_DISK SCRATCH_TMP <<-END
		$place
	END
}

FS=
places=
# shellcheck disable=SC2086 # words
set -- $SEEDS
while [ $# -gt 0 ]; do
	now=
	while [ $# -gt 0 ] && [ "$(echo "$now" | wc -w)" -lt $EACH_RUN ]; do
		now="$now $1"
		shift
	done
	turn
	# shellcheck disable=SC2086 # words
	measure $now
done
finish
