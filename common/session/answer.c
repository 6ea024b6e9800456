/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer - what is known of the window that ended last, and the rows made of it. */
#include "session/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/elapsed.h"
#include "ledger/ledger_disks.h"
#include "tables/bios.h"
#include "tables/unheard.h"

void answer_open(struct answer *a)
{
	uname(&a->uts);
}

void answer_close(struct answer *a)
{
	free(a->shares.v);
	free(a->txns);
	pending_free(&a->pending);
	free(a->disks);
	free(a->lines.v);
	ledger_free(&a->ledger);
	latency_free(&a->latency);
}

/* ---- disks ---- */

static const struct stat_at *stat_of(const struct snapshot *snap, uint32_t dev)
{
	for (size_t i = 0; i < snap->nr_stats; i++)
		if (snap->stats[i].dev == dev)
			return &snap->stats[i];
	return NULL;
}

/* The disk was removed and another one added under its number: the kernel counts from 0. */
static bool stat_restarted(const struct stat_at *a, const struct stat_at *b)
{
	return (a->stat.id && a->stat.id != b->stat.id) || b->stat.read_bytes < a->stat.read_bytes ||
	       b->stat.write_bytes < a->stat.write_bytes;
}

static void compare_disk(const struct window *w, const struct disk *disk, struct ledger_disk *out)
{
	static const struct stat_at nothing = { .known = true };
	const struct stat_at *a = stat_of(&w->base, disk->dev), *b = stat_of(&w->end, disk->dev);
	bool both;

	out->disk = disk;
	if (!a)
		a = &nothing;	/* a disk that appeared during the window started at 0 */
	both = b && a->known && b->known;
	out->removed = both && stat_restarted(a, b);
	out->has_kernel = both && !out->removed;
	out->kernel_reason = out->removed ? "removed in the window" :
			     !disk->iostats ? "queue/iostats is 0: the kernel does not count for this disk" :
			     "the disk's stat file could not be read";
	if (!out->has_kernel)
		return;
	out->moved_base = a->moved;
	out->moved_end = b->moved;
	out->kernel.read_bytes = b->stat.read_bytes - a->stat.read_bytes;
	out->kernel.write_bytes = b->stat.write_bytes - a->stat.write_bytes;
}

int answer_compare_disks(struct answer *a, const struct storage *st, const struct target_wish *wish,
			 const struct window *w)
{
	const struct disks *d = &st->disks;

	free(a->disks);
	a->nr_disks = 0;
	a->disks = calloc(d->n ? d->n : 1, sizeof(*a->disks));
	if (!a->disks)
		return -ENOMEM;
	a->nr_disks = d->n;
	for (size_t i = 0; i < d->n; i++) {
		compare_disk(w, &d->v[i], &a->disks[i]);
		a->disks[i].selected = target_has_disk(wish, d->v[i].name);
	}
	return 0;
}

/* What the kernel counted beyond all that ours may have been at the same instants. */
static uint64_t beyond(uint64_t kernel, uint64_t ours, uint64_t moved)
{
	return kernel > ours + moved ? kernel - ours - moved : 0;
}

int answer_add_unheard(const struct answer *a, const struct engine *e, struct window *w)
{
	static const struct counts none;
	size_t n = w->retired.counters.n;
	int err = 0;

	for (size_t i = 0; !err && i < a->nr_disks; i++) {
		const struct ledger_disk *d = &a->disks[i];
		struct disk_stat ours = snapshot_grown(&none, &w->counts, d->disk->dev);
		struct disk_stat missing = {
			.read_bytes = beyond(d->kernel.read_bytes, ours.read_bytes, d->moved_base.read_bytes),
			.write_bytes = beyond(d->kernel.write_bytes, ours.write_bytes, d->moved_base.write_bytes),
		};

		if (d->has_kernel && (missing.read_bytes || missing.write_bytes))
			err = unheard_take(e, d->disk, missing, &w->retired.counters);
	}
	return err || w->retired.counters.n == n ? err : window_count(w);
}

static bool on_its_way(const struct bio_record *r, uint32_t dev)
{
	return r->dev == dev && r->left && r->flags & BIO_F_ORIGIN && r->part[0].actor != ACTOR_BEFORE;
}

int answer_add_flight(const struct answer *a, const struct engine *e, struct window *w)
{
	struct bio_entry *v;
	size_t n, before = w->counts.n;
	int err = bios_read(e, &v, &n);

	for (size_t i = 0; !err && n && i < a->nr_disks; i++) {
		const struct disk *disk = a->disks[i].disk;

		/* what a disk without I/O left behind is of bios whose end was not heard */
		if (disk_is_idle(disk))
			continue;
		for (size_t k = 0; !err && k < n; k++)
			if (on_its_way(&v[k].r, disk->dev))
				err = bios_count(&v[k].r, LAYER_IN_FLIGHT, &w->counts);
	}
	free(v);
	if (w->counts.n != before)
		counts_merge(&w->counts);
	return err;
}

int answer_renew_disks(struct answer *a, struct storage *st)
{
	uint32_t *devs = calloc(a->nr_disks ? a->nr_disks : 1, sizeof(*devs));
	int err = devs ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < a->nr_disks; i++)
		devs[i] = a->disks[i].disk->dev;
	if (!err)
		err = disks_scan(&st->disks);
	for (size_t i = 0; !err && i < a->nr_disks; i++)
		a->disks[i].disk = disks_by_dev(&st->disks, devs[i]);
	free(devs);
	return err;
}

/* ---- the rest of what rows are made of ---- */

int answer_read(struct answer *a, const struct engine *e, const struct kept_shares *k)
{
	int err;

	free(a->shares.v);
	free(a->txns);
	a->txns = NULL;
	err = kept_shares_of_window(k, e, &a->shares);
	if (!err)
		err = sample_txns(e, &a->txns, &a->nr_txns);
	if (err)
		return err;
	pending_free(&a->pending);
	a->exact_pages = !pending_read(e, &a->pending);
	return 0;
}

int answer_resolve(struct answer *a)
{
	free(a->lines.v);
	memset(&a->lines, 0, sizeof(a->lines));
	return ledger_resolve(&a->input, &a->lines);
}

void answer_mark(struct answer *a, const struct window *w)
{
	a->wall = w->wall;
	a->seconds = seconds_between(&w->began, &w->ran);
	a->window_s = seconds_between(&w->began, &w->ended);
	losses_between(&a->losses, &w->lost_base, &w->lost_end);
}

int answer_rows(struct answer *a, enum row_by by, const struct ledger_only *only, struct summary *out)
{
	int err;

	a->input.by = by;
	a->input.only = only;
	ledger_free(&a->ledger);
	err = ledger_build(&a->input, &a->ledger);
	if (err)
		return err;
	out->kernel = a->uts.release;
	out->start.s = a->wall.tv_sec;
	out->start.ns = a->wall.tv_nsec;
	out->duration_s = a->seconds;
	out->window_s = a->window_s;
	out->losses = a->losses;
	out->incomplete_reason = losses_incomplete(&out->losses);
	if (!out->incomplete_reason &&
	    ledger_disks_doubt(a->ledger.disks, a->ledger.nr_disks, a->disk_doubt, sizeof(a->disk_doubt)))
		out->incomplete_reason = a->disk_doubt;
	out->complete = !out->incomplete_reason;
	out->rows = a->ledger.rows;
	out->nr_rows = a->ledger.nr_rows;
	out->totals = a->ledger.totals;
	out->disks = a->ledger.disks;
	out->nr_disks = a->ledger.nr_disks;
	return 0;
}

void answer_doubt_flight(struct answer *a, struct summary *out)
{
	uint64_t bytes = out->totals.device.in_flight_read + out->totals.device.in_flight_write;

	if (!out->complete || !bytes)
		return;
	snprintf(a->flight_doubt, sizeof(a->flight_doubt), "%llu bytes were queued and no disk has completed them yet",
		 (unsigned long long)bytes);
	out->incomplete_reason = a->flight_doubt;
	out->complete = false;
}
