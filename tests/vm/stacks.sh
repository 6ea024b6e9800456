#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Device stacks on Debian's 6.1: partition, LVM, dm, MD, loop, bcache, multipath, zram, io.max.
# stacks.sh [STACK...]: those alone. RESULTS=DIR keeps what was seen.
. tests/vm/lib.sh
cp tests/vm/stacks-guest.sh "$PAYLOAD"/run
cp tests/vm/stacks-check.py "$PAYLOAD"
guest --disks 24 --multipath --timeout 600 ${RESULTS:+--results "$RESULTS"} -- "$@"
