/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kept_shares - who filled which pool: the kernel side's table of shares, the shares that were
 * retired from it and still count, and what was there at the start of the window.
 */
#ifndef IOAMP_KEPT_SHARES_H
#define IOAMP_KEPT_SHARES_H

#include "tables/departed.h"

struct share_list {
	struct share *v;	/* sorted by pool and actor */
	size_t n;
};

struct kept_shares {
	struct share_list kept;		/* retired in the middle of a window; they count as if they were there */
	struct share_list base;		/* at the start of the window; empty in the first one */
	struct share_list before;	/* base of the window before, from _next() to _retire() */
};

/* All shares since the probes were attached. 0 or -errno; free() out->v. */
int kept_shares_read(const struct kept_shares *k, const struct engine *e, struct share_list *out);
/* Those of the window, by kept_shares_since(). 0 or -errno; free() out->v. */
int kept_shares_of_window(const struct kept_shares *k, const struct engine *e, struct share_list *out);
/* A window begins. 0; -errno, and all is as it was. */
int kept_shares_next(struct kept_shares *k, const struct engine *e);
/*
 * After kept_shares_next(): when the table is half full, retires shares in metadata of departed
 * processes that did not grow in the window before. They no longer count.
 */
void kept_shares_retire(struct kept_shares *k, const struct engine *e, const struct departed *d);
/*
 * In the middle of a window: when the table fills up, retires shares in metadata of departed
 * processes. They still count. 0 or -errno.
 */
int kept_shares_retire_midway(struct kept_shares *k, const struct engine *e, const struct departed *d);
void kept_shares_free(struct kept_shares *k);

/*
 * `now` becomes the shares of a window that began with `base`. Shares of a file system's metadata
 * only grow. Of a pool that grew in the window, the growth counts; of another pool all of it: what
 * is written home now was changed before. Exported for the unit test.
 */
void kept_shares_since(struct share_list *now, const struct share_list *base);

#endif
