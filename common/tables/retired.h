/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fold - what left the kernel side's tables while a long measurement runs, so that
 * these never fill up: transactions that several tasks filled, split over them, and
 * counters that stood still.
 */
#ifndef IOAMP_FOLD_H
#define IOAMP_FOLD_H

#include "tables/sample.h"

#define FOLD_MANY 1024	/* finished transactions that are worth a round */

struct fold {
	struct counts done;	/* of their owners, over the window */
	size_t merged;		/* of those, when the last were merged */
};

/* Splits and forgets finished transactions when there are `many` or more. 0 or -errno. */
int fold_finished(struct fold *f, const struct engine *e, const struct counts *base, size_t many);

/* The same for one counter that left the tables: what it has of this window. 0 or -ENOMEM. */
int fold_put(struct fold *f, const struct agg_key *key, const struct agg_val *val);

/* Adds what was folded to the counters of the window. */
int fold_add(struct fold *f, struct counts *c);
void fold_free(struct fold *f);

#endif
