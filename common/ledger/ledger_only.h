/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_only - which counters belong to the part that was asked for. Pure. */
#ifndef IOAMP_LEDGER_ONLY_H
#define IOAMP_LEDGER_ONLY_H

#include "ledger/ledger.h"

/* Does the part in->only have this actor and file? Ignores its disk. True without a part. */
bool ledger_only_has(const struct ledger_input *in, __u32 actor, __u32 file);
/* Does the part have this disk? `d` is NULL where the disk is unknown. True without a part. */
bool ledger_only_has_disk(const struct ledger_input *in, const struct ledger_disk *d);

#endif
