/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_disks - what each disk completed, against the kernel's own counters. Pure. */
#ifndef IOAMP_LEDGER_DISKS_H
#define IOAMP_LEDGER_DISKS_H

#include "ledger/ledger.h"

/* Fills out->disks with the disks that moved, and those directly above or below them. 0 or -ENOMEM. */
int ledger_disks_build(const struct ledger_input *in, const struct ledger_lines *lines,
		       struct ledger *out);

/*
 * What the kernel counted beyond the range that ours may have been in at the same instants; 0 within,
 * negative below. Only where its counters are known.
 */
int64_t ledger_disk_unexplained(const struct disk_row *r, bool write);
/*
 * Says in `buf` which disk of the target has figures that may be too low: the kernel counted more
 * than 4 KiB and 0.01 % that we did not, or its counters began anew. False: none.
 */
bool ledger_disks_doubt(const struct disk_row *rows, size_t n, char *buf, size_t size);

#endif
