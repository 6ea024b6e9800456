/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_rows - finds or adds the row of an actor, file or disk while a ledger is built. Pure. */
#ifndef IOAMP_LEDGER_ROWS_H
#define IOAMP_LEDGER_ROWS_H

#include "ledger/ledger.h"
#include "ledger/row_id.h"

/* The caller sets `in` and `out`, which gets the rows; ledger_rows_free() frees the rest. */
struct ledger_rows {
	const struct ledger_input *in;
	struct ledger *out;
	size_t cap;
	struct row_id *ids;	/* of each row */
	size_t *slots;		/* hash of ids: row + 1, 0 free; a power of two of them */
	size_t nr_slots;
};

/* Bits of row.absent: layers above the block layer do not know the disk. */
#define LEDGER_ROWS_ABOVE_DISKS (1u << LAYER_APPLICATION | 1u << LAYER_VFS | 1u << LAYER_CACHE)

/*
 * The row of an actor and file, or of a disk. Each kind that is no owner has one row. A new row has
 * its names, and figures of 0. *out is valid until the next call. 0 or -ENOMEM.
 */
int ledger_rows_of(struct ledger_rows *b, __u32 actor, __u32 file, struct row **out);
int ledger_rows_of_disk(struct ledger_rows *b, const struct ledger_disk *d, struct row **out);
void ledger_rows_free(struct ledger_rows *b);

#endif
