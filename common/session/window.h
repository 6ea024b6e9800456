/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * window - the time that is measured: counters, losses and clocks at both ends, and what was
 * retired in between. One window, or intervals in a row without a gap.
 */
#ifndef IOAMP_WINDOW_H
#define IOAMP_WINDOW_H

#include <time.h>

#include "ledger/losses.h"
#include "tables/retired.h"
#include "tables/snapshot.h"

struct window {
	struct snapshot base, end;
	struct retired retired;		/* what left the tables since the base and still counts */
	struct counts counts;		/* window_count(): what the ledger is made of */
	struct losses_counters lost_base, lost_end;
	struct timespec began, ran, ended;	/* CLOCK_MONOTONIC; ran: the target's own run was over */
	struct timespec wall, wall_ended;	/* CLOCK_REALTIME, of began and ended */
};

/*
 * The start, in two steps: first the counters; then, when the caller has read its own tables, losses
 * and clocks. What moves in between counts in the window. 0 or -errno.
 */
int window_begin(struct window *w, const struct engine *e, const struct disks *disks);
int window_mark_begin(struct window *w, const struct engine *e);
/* The target's own run is over; until the end it settles. */
void window_run_over(struct window *w);
/*
 * The end, in the same two steps. Of an interval, which is not the `last`, there are fewer readings:
 * the next one counts what moved meanwhile.
 */
int window_end(struct window *w, const struct engine *e, const struct disks *disks, bool last);
void window_mark_end(struct window *w, const struct engine *e);
/* The end of the window becomes the start of the next. */
void window_next(struct window *w);
void window_free(struct window *w);

/* Retires finished transactions, so that their shares do not fill a small table. */
void window_retire_transactions(struct window *w, const struct engine *e);
/* Counters from the start until now. 0 or -errno; free with counts_free(). */
int window_so_far(const struct window *w, const struct engine *e, struct counts *out);
/* w->counts: what was there at the end less what was there at the start, and what was retired. 0 or -ENOMEM. */
int window_count(struct window *w);

#endif
