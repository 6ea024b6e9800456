/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * retired - counters that were taken out of the kernel side's tables, so that these never fill up
 * in a long measurement, and still count in this window: those of transactions that several
 * processes filled, split over them, and those of idle.h.
 */
#ifndef IOAMP_RETIRED_H
#define IOAMP_RETIRED_H

#include "tables/sample.h"

#define RETIRED_MANY 1024	/* finished transactions that are worth the work */

struct retired {
	struct counts counters;	/* of their owners, over the window; a key may be there several times */
	size_t merged;		/* how many there were after the last merge */
};

/* A window, as retiring changes it. */
struct retired_window {
	struct counts *base;	/* counters at its start, sorted by key */
	struct retired *retired;
};

/*
 * Retires finished transactions when there are `many` or more: their counters go to the owners
 * that filled them. `base`: counters at the start of the window. 0 or -errno.
 */
int retired_transactions(struct retired *r, const struct engine *e, const struct counts *base, size_t many);
/*
 * A counter was taken out of the table when it had `left`. What it had beyond the start of the
 * window counts in the window; its base becomes 0, as the counter does. 0 or -ENOMEM.
 */
int retired_take(const struct retired_window *w, const struct agg_key *key, const struct agg_val *left);

/* Adds what was retired to the counters of the window. 0 or -ENOMEM. */
int retired_add(const struct retired *r, struct counts *c);
void retired_free(struct retired *r);

#endif
