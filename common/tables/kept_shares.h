/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kept_shares - which actor put how much into which pool: the kernel side's table, the shares that were
 * retired from it and still count, and the shares at the start of the window.
 */
#ifndef IOAMP_KEPT_SHARES_H
#define IOAMP_KEPT_SHARES_H

#include "tables/departed.h"

struct share_list {
	struct share *v;	/* sorted by pool and actor */
	size_t n;
};

struct kept_shares {
	struct share_list kept;		/* retired in the middle of a window; they still count */
	struct share_list base;		/* at the start of the window; empty in the first one */
	struct share_list before;	/* base of the window before, from _next() to _retire() */
};

/* All shares since the probes were attached. 0 or -errno; free() out->v. */
int kept_shares_read(const struct kept_shares *k, const struct engine *e, struct share_list *out);
/* The shares of the window, as kept_shares_since() defines them. 0 or -errno; free() out->v. */
int kept_shares_of_window(const struct kept_shares *k, const struct engine *e, struct share_list *out);
/* Starts the next window. 0; -errno, and nothing has changed. */
int kept_shares_next(struct kept_shares *k, const struct engine *e);
/*
 * After kept_shares_next(): when the table is half full, retires the metadata shares of departed
 * processes that did not grow in the window before. They no longer count.
 */
void kept_shares_retire(struct kept_shares *k, const struct engine *e, const struct departed *d);
/*
 * In the middle of a window: when the table fills up, removes the metadata shares of departed
 * processes from it. They still count. 0 or -errno.
 */
int kept_shares_retire_midway(struct kept_shares *k, const struct engine *e, const struct departed *d);
void kept_shares_free(struct kept_shares *k);

/*
 * `now` becomes the shares of a window that began with `base`. Shares in the metadata of a file system
 * only grow. If a pool grew in the window, its growth counts. If not, all of it counts: blocks that
 * are written home now were changed before. Exported for the unit test.
 */
void kept_shares_since(struct share_list *now, const struct share_list *base);

#endif
