#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's 6.1 with BTF: typed tracepoints and fentry. The doctor's self-test stands for direct,
# deferred, cancelled and read bytes, stacks.sh for loop devices.
. tests/vm/lib.sh
guest --disks 2:1G --timeout 1200 -- fentry btf doctor append syncs shared spawn roles top snoop errors child kill
