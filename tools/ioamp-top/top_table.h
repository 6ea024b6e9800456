/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * top_table - rows of one kind over many intervals: what each did in the last
 * one, since the start, and since a mark. Pure. Rows that end keep what they did.
 */
#ifndef IOAMP_TOP_TABLE_H
#define IOAMP_TOP_TABLE_H

#include "ledger/summary.h"

#define TOP_TREND	16	/* intervals of history in a row */
#define TOP_GONE	3	/* frames in which a row that ended still stands, grey */
#define TOP_ENTRIES	20000	/* from there on rows that ended are joined into one of their name */

/* One row. Its names are its own. */
struct top_entry {
	struct row last;	/* of the newest interval it was in; 0 when that is long ago */
	struct row sum;		/* since the start; the names are those of `last` */
	struct row *mark;	/* `sum` at the mark; NULL: it came later */
	unsigned int frame;	/* in which it was seen last */
	double trend[TOP_TREND];	/* device bytes per second, the newest last */
	bool joined;		/* several that ended */
	bool drop;
};

struct top_table {
	struct top_entry **v;
	size_t n, cap;
	size_t *slots, nr_slots;	/* hash of identities: place + 1 */
	unsigned int frame;	/* intervals so far */
	double seconds, last_s, mark_s;	/* of all; of the last; of all at the mark */
	bool marked;
	struct row last, sum, mark;	/* totals */
};

void top_table_free(struct top_table *t);
/* One more interval. 0 or -ENOMEM. */
int top_table_add(struct top_table *t, const struct summary *s);
void top_table_mark(struct top_table *t);

/* Has it ended, as far as is known: nothing of it was seen in the last interval. */
bool top_entry_gone(const struct top_table *t, const struct top_entry *e);

/* Are two rows about the same? */
bool top_same(const struct row *a, const struct row *b);
/* Any order, but the same in each frame; for ties, of which there may be thousands. */
int top_row_order(const struct row *a, const struct row *b);
/* Copies a row with its names; they are freed by top_row_free(). 0 or -ENOMEM. */
int top_row_copy(struct row *to, const struct row *from);
void top_row_free(struct row *row);

#endif
