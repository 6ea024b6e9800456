/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_input - questions that the parts of the ledger ask of its input. Pure. */
#ifndef IOAMP_LEDGER_INPUT_H
#define IOAMP_LEDGER_INPUT_H

#include "ledger/ledger.h"

/* The kind of row that an actor's bytes belong to; *who: the actor of ROW_OWNER, else NULL. */
enum row_kind ledger_input_kind(const struct ledger_input *in, __u32 actor,
				const struct ledger_actor **who);

/* NULL: no disk of this device number. */
const struct ledger_disk *ledger_input_disk(const struct ledger_input *in, __u32 dev);

/* The role of the file, if its system gives it one; else that of the process or thread. NULL none. */
const char *ledger_input_role(const struct ledger_input *in, const struct ledger_actor *who,
			      __u32 file);

/* The names of a row: "other" is the system, or the role, of what has none. */
const char *ledger_input_system(const struct ledger_actor *who);
const char *ledger_input_role_name(const char *role);

#endif
