/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_input - finds disks, roles and kinds of row in the input of the ledger. Pure. */
#ifndef IOAMP_LEDGER_INPUT_H
#define IOAMP_LEDGER_INPUT_H

#include "ledger/ledger.h"

/* The kind of row that an actor's bytes belong to; *who: the actor of ROW_OWNER, else NULL. */
enum row_kind ledger_input_kind(const struct ledger_input *in, __u32 actor,
				const struct ledger_actor **who);

/* NULL: no disk of this device number. */
const struct ledger_disk *ledger_input_disk(const struct ledger_input *in, __u32 dev);

/* The role that the file has in the actor's system, else the role of the actor. NULL none. */
const char *ledger_input_role(const struct ledger_input *in, const struct ledger_actor *who,
			      __u32 file);

/* Names of a row; "other" for an actor without a system, and for NULL. */
const char *ledger_input_system(const struct ledger_actor *who);
const char *ledger_input_role_name(const char *role);

#endif
