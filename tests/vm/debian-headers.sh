#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's 6.1 with its BTF hidden: installed headers, raw tracepoints and kprobes.
. tests/vm/lib.sh
guest --hide-btf --timeout 1200 -- kprobe headers append shared ${IOAMP_LONG:+roles}
