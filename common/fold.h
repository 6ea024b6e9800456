/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fold - transactions that several tasks filled are split over them and leave
 * the kernel side's tables while a long measurement runs, so that these never
 * fill up.
 */
#ifndef IOAMP_FOLD_H
#define IOAMP_FOLD_H

#include "sample.h"

#define FOLD_MANY 1024	/* finished transactions that are worth a round */

struct fold {
	struct counts done;	/* of their owners, over the window */
};

/* Splits and forgets finished transactions when there are `many` or more. 0 or -errno. */
int fold_finished(struct fold *f, const struct engine *e, const struct counts *base, size_t many);

/* Adds what was folded to the counters of the window. */
int fold_add(struct fold *f, struct counts *c);
void fold_free(struct fold *f);

#endif
