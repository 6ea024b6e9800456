#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's 6.1 with BTF: typed tracepoints and fentry.
. tests/vm/lib.sh
guest --disks 2:1G --timeout 1200 -- fentry btf doctor append direct deferred shared cancel absorbed read noise \
	spawn loop snoop reader errors child kill
