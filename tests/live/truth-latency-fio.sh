#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Percentiles of O_DIRECT reads beside fio's own, by system call and by io_uring: the same slot of a
# histogram with 16 slots per octave, or the next one. For a system call this is fio's completion
# latency (clat). With a ring, fio's clat begins after the submitting call returned and fio's lat
# before the call. Our wait begins between the two, at the submission, so it lies between both.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

command -v fio >/dev/null || skip "fio is not installed"
scratch_fs_new ext4 256
need_async
dd if=/dev/zero "of=$SCRATCH_DIR/f" bs=1M count=64 status=none
sync -f "$SCRATCH_DIR"

# Prints the distance of each percentile from fio's range in slots; exits with the number of
# percentiles that are more than one slot away.
cat >"$SCRATCH_TMP/compare.py" <<'E2'
import json, sys
waits, fio, interface = json.load(open(sys.argv[1])), json.load(open(sys.argv[2])), sys.argv[3]


def slot(ns):
    shift = max(0, int(ns).bit_length() - 5)
    return shift * 16 + (int(ns) >> shift)


row = [r for r in waits["latency"] if r["interface"] == interface and r["op"] == "read" and
       r["disk"] == sys.argv[4] and not r["background"]]
assert len(row) == 1, f"{len(row)} rows"
low = fio["jobs"][0]["read"]["clat_ns"]
high = fio["jobs"][0]["read"]["lat_ns"] if interface == "io_uring" else low
assert row[0]["count"] == low["N"], f"{row[0]['count']} reads, {low['N']} by fio"
far = 0
for mine, name in (("p50_ns", "50.000000"), ("p90_ns", "90.000000"), ("p99_ns", "99.000000")):
    ns, ends = row[0][mine], [x["percentile"][name] for x in (low, high)]
    out = max(slot(ends[0]) - slot(ns), slot(ns) - slot(ends[1]), 0)
    print(f"{interface} {mine}: {ns}, fio {ends[0]} to {ends[1]}: {out} slots out")
    far += out > 1
sys.exit(far)
E2

# A read of 1 MiB takes so long that entering and leaving the kernel is less than a slot.
measure() { # INTERFACE ENGINE [OPTION]
	interface=$1
	shift
	"$LAYERS" -j -o "$SCRATCH_TMP/waits.json" -d "$SCRATCH_DISK" -- fio --name=j \
		--filename="$SCRATCH_DIR/f" --size=64M --bs=1M --rw=randread --direct=1 --ioengine="$@" \
		--iodepth=1 --number_ios=499 --time_based=0 --loops=8 --thread --lat_percentiles=1 \
		--clat_percentiles=1 --percentile_list=50:90:99 --output-format=json+ \
		--output="$SCRATCH_TMP/fio.json" >/dev/null 2>"$SCRATCH_TMP/stderr" ||
		fail "$1: $(cat "$SCRATCH_TMP/stderr")"
	python3 "$SCRATCH_TMP/compare.py" "$SCRATCH_TMP/waits.json" "$SCRATCH_TMP/fio.json" "$interface" \
		"$SCRATCH_DISK" >"$SCRATCH_TMP/verdict" 2>&1
}

compare() { # INTERFACE ENGINE [OPTION]
	# The scheduler may stop fio between its two readings of the clock, which we do not see.
	tries 3 "$1 beside fio" measure "$@"
	check "$1: percentiles more than a slot out" $? eq 0
	cat "$SCRATCH_TMP/verdict"
}

compare pread64 psync
compare io_uring io_uring --fixedbufs=1
finish
