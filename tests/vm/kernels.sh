#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels of other suites, which tests/vm/get-kernels has put into $IOAMP_TEST_KERNELS: six layers, the
# self-test, appends and direct writes, syncs of every kind.
[ -d "${IOAMP_TEST_KERNELS:-}" ] || { echo 'SKIP: IOAMP_TEST_KERNELS names no folder of kernels'; exit 77; }
. tests/vm/lib.sh
failed=0
for kernel in "$IOAMP_TEST_KERNELS"/[0-9]*; do
	echo "== $(basename "$kernel")"
	guest --kernel "$kernel" --disks 2:1G --timeout 1200 -- fentry btf doctor append direct syncs || failed=1
done
exit $failed
