/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_disks - what each disk completed, against the kernel's own counters. Pure. */
#ifndef IOAMP_LEDGER_DISKS_H
#define IOAMP_LEDGER_DISKS_H

#include "ledger/ledger.h"

/* Fills out->disks with the disks that moved, and those directly above or below them. 0 or -ENOMEM. */
int ledger_disks_build(const struct ledger_input *in, const struct ledger_lines *lines,
		       struct ledger *out);

#endif
