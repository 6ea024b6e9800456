/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_only - which counters belong to the part that was asked for. Pure. */
#ifndef IOAMP_LEDGER_ONLY_H
#define IOAMP_LEDGER_ONLY_H

#include "ledger/ledger.h"

/* Does the part of in->only have this actor and file? Its disk is not asked. True without a part. */
bool ledger_only_has(const struct ledger_input *in, __u32 actor, __u32 file);
/* Does it have this disk? NULL: a disk that the input does not have, or none. */
bool ledger_only_has_disk(const struct ledger_input *in, const struct ledger_disk *d);

#endif
