/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * top_table - rows of one kind over many intervals: figures of the last interval, since the
 * start, and since a mark. Rows that end keep their figures. Pure.
 */
#ifndef IOAMP_TOP_TABLE_H
#define IOAMP_TOP_TABLE_H

#include "ledger/summary.h"

#define TOP_TREND	16	/* intervals of history in a row */
#define TOP_GONE	3	/* intervals for which a row that ended is still shown, grey */
#define TOP_ENTRIES	20000	/* above it, rows that ended are joined into one row per name */

/* One row. Owns its names. */
struct top_entry {
	struct row last;	/* of the newest interval with I/O; zeros after TOP_GONE intervals without */
	struct row sum;		/* since the start; the names are those of `last` */
	struct row *mark;	/* `sum` at the mark; NULL: the row is newer */
	unsigned int frame;	/* number of the last interval with this row */
	double trend[TOP_TREND];	/* device bytes per second, the newest last */
	bool joined;		/* the sum of several rows that ended */
	bool drop;
};

struct top_table {
	struct top_entry **v;
	size_t n, cap;
	size_t *slots, nr_slots;	/* hash table of identities: index + 1 */
	unsigned int frame;	/* intervals so far */
	double seconds, last_s, mark_s;	/* of all; of the last; of all at the mark */
	bool marked;
	struct row last, sum, mark;	/* totals */
};

void top_table_free(struct top_table *t);
/* One more interval. 0 or -ENOMEM. */
int top_table_add(struct top_table *t, const struct summary *s);
void top_table_mark(struct top_table *t);

/* The row was not in the last interval: it has ended or is idle. */
bool top_table_gone(const struct top_table *t, const struct top_entry *e);

/* Are two rows about the same? */
bool top_table_same(const struct row *a, const struct row *b);
/* An order that is the same in each interval, for rows that the sort column does not order. */
int top_table_row_order(const struct row *a, const struct row *b);
/* Copies a row with its names. top_table_row_free() frees the names. 0 or -ENOMEM. */
int top_table_row_copy(struct row *to, const struct row *from);
void top_table_row_free(struct row *row);

#endif
