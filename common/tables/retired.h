/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * retired - counters that left the kernel side's tables, so that these never fill up, and still count
 * in this window: counters of transactions, split over the processes that filled them, and the
 * counters that idle.h retires.
 */
#ifndef IOAMP_RETIRED_H
#define IOAMP_RETIRED_H

#include "tables/sample.h"

#define RETIRED_MANY 1024	/* finished transactions that are worth the work */

struct retired {
	struct counts counters;	/* of owners, in this window; a key may be there several times */
	size_t merged;		/* how many there were after the last merge */
};

/* The parts of a window that retiring changes. */
struct retired_window {
	struct counts *base;	/* counters at its start, sorted by key */
	struct retired *retired;
};

/*
 * Retires finished transactions when there are `many` or more, and splits their counters over the
 * owners that filled them. `base`: counters at the start of the window. 0 or -errno.
 */
int retired_transactions(struct retired *r, const struct engine *e, const struct counts *base, size_t many);
/*
 * Notes that a counter left the table with the value `left`. The part of it that the window has added
 * still counts; the base of the counter becomes 0, as it starts at 0 if it returns. 0 or -ENOMEM.
 */
int retired_take(const struct retired_window *w, const struct agg_key *key, const struct agg_val *left);

/* Adds what was retired to the counters of the window. 0 or -ENOMEM. */
int retired_add(const struct retired *r, struct counts *c);
void retired_free(struct retired *r);

#endif
