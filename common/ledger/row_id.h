/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row_id - the key of a row. What rows are by decides which members are set. Pure. */
#ifndef IOAMP_ROW_ID_H
#define IOAMP_ROW_ID_H

#include "ledger/row.h"

struct row_id {
	enum row_kind kind;
	uint64_t number;	/* actor, first id of a file, or disk; else 0 */
	const char *name[3];	/* NULL differs from every name */
};

uint64_t row_id_hash(const struct row_id *id);
bool row_id_same(const struct row_id *a, const struct row_id *b);

/* The same text, or both NULL. */
bool row_id_same_name(const char *a, const char *b);

#endif
