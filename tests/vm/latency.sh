#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where the time goes, on Debian's 6.1: io.max, dm-delay, null_blk, a busy journal, libaio, io_uring.
. tests/vm/lib.sh
cp tests/vm/latency-guest.sh "$PAYLOAD"/run
guest --disks 4 --timeout 240 ${RESULTS:+--results "$RESULTS"} -- "$@"
