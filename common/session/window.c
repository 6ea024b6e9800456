/* SPDX-License-Identifier: GPL-3.0-or-later */
/* window - the time that is measured: counters, losses and clocks at both ends. */
#include "session/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tables/seed.h"

#define INTERVAL_TRIES 3	/* readings at the end of an interval; see snapshot.h */

static void read_losses(const struct engine *e, struct losses_counters *c)
{
	for (int i = 0; i < LOSS_MAX; i++)
		c->n[i] = sample_loss(e, i);
	c->n[LOSS_RECURSION] = sample_recursion(e);
}

int window_begin(struct window *w, const struct engine *e, const struct disks *disks)
{
	return snapshot_take(e, disks, SNAPSHOT_TRIES, &w->base);
}

int window_mark_begin(struct window *w, const struct engine *e)
{
	read_losses(e, &w->lost_base);
	clock_gettime(CLOCK_MONOTONIC, &w->began);
	clock_gettime(CLOCK_REALTIME, &w->wall);
	/* last: what disks complete since the base is counted, as caused before */
	return seed_config(e, CFG_ACTIVE, (uint64_t)w->began.tv_sec * 1000000000 + (uint64_t)w->began.tv_nsec);
}

void window_run_over(struct window *w)
{
	clock_gettime(CLOCK_MONOTONIC, &w->ran);
}

int window_end(struct window *w, const struct engine *e, const struct disks *disks, bool last)
{
	return snapshot_take(e, disks, last ? SNAPSHOT_TRIES : INTERVAL_TRIES, &w->end);
}

void window_mark_end(struct window *w, const struct engine *e)
{
	clock_gettime(CLOCK_MONOTONIC, &w->ended);
	clock_gettime(CLOCK_REALTIME, &w->wall_ended);
	read_losses(e, &w->lost_end);
	if (!w->ran.tv_sec && !w->ran.tv_nsec)
		w->ran = w->ended;
}

void window_next(struct window *w)
{
	snapshot_free(&w->base);
	w->base = w->end;
	memset(&w->end, 0, sizeof(w->end));
	retired_free(&w->retired);
	w->lost_base = w->lost_end;
	w->began = w->ended;
	w->wall = w->wall_ended;
	memset(&w->ran, 0, sizeof(w->ran));
}

void window_free(struct window *w)
{
	snapshot_free(&w->base);
	snapshot_free(&w->end);
	retired_free(&w->retired);
	counts_free(&w->counts);
}

void window_retire_transactions(struct window *w, const struct engine *e)
{
	size_t many = e->text.actor_entries / 16;

	retired_transactions(&w->retired, e, &w->base.counts, many < RETIRED_MANY ? many : RETIRED_MANY);
}

int window_so_far(const struct window *w, const struct engine *e, struct counts *out)
{
	int err = sample_counts(e, out);

	if (err)
		return err;
	counts_subtract(out, &w->base.counts);
	err = retired_add(&w->retired, out);
	if (err)
		counts_free(out);
	return err;
}

int window_count(struct window *w)
{
	size_t n = w->end.counts.n;

	counts_free(&w->counts);
	w->counts.v = malloc((n ? n : 1) * sizeof(*w->counts.v));
	if (!w->counts.v)
		return -ENOMEM;
	if (n)
		memcpy(w->counts.v, w->end.counts.v, n * sizeof(*w->counts.v));
	w->counts.n = n;
	counts_subtract(&w->counts, &w->base.counts);
	if (retired_add(&w->retired, &w->counts))
		return -ENOMEM;
	counts_undo(&w->counts);
	return 0;
}
