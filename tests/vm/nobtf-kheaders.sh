#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A 6.1 built without BTF and with embedded headers: kheaders, raw tracepoints and kprobes.
. tests/vm/lib.sh
guest --kernel nobtf-6.1 --disks 2:1G --timeout 1800 -- kprobe kheaders doctor append shared ${IOAMP_LONG:+roles} top loop
