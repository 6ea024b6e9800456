#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A 6.1 built without BTF and with embedded headers: kheaders, raw tracepoints and kprobes.
. tests/vm/lib.sh
guest --kernel nobtf-6.1 --timeout 1200 -- kprobe kheaders append deferred
