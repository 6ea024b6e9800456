/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snapshot - our counters and the kernel's own at one instant, disk by disk. */
#include "tables/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_device(const struct count *c, uint32_t dev)
{
	return c->key.layer == LAYER_DEVICE && c->key.dev == dev;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* An operation counts like a byte: a flush changes a counter without moving bytes. */
static uint64_t differs(const struct agg_val *a, const struct agg_val *b)
{
	return distance(a->bytes, b->bytes) + distance(a->ops, b->ops);
}

uint64_t snapshot_moved(const struct counts *before, const struct counts *after, uint32_t dev)
{
	static const struct agg_val none;
	uint64_t moved = 0;

	for (size_t i = 0; i < after->n; i++) {
		const struct count *a = &after->v[i], *b;

		if (!is_device(a, dev))
			continue;
		b = before->n ? bsearch(a, before->v, before->n, sizeof(*a), counts_compare) : NULL;
		moved += differs(&a->val, b ? &b->val : &none);
	}
	return moved;
}

static void add_device(struct disk_stat *s, const struct counts *c, uint32_t dev)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!is_device(&c->v[i], dev))
			continue;
		if (c->v[i].key.op == OP_READ)
			s->read_bytes += c->v[i].val.bytes;
		else if (c->v[i].key.op == OP_WRITE || c->v[i].key.op == OP_ZEROES)
			s->write_bytes += c->v[i].val.bytes;
	}
}

static uint64_t above(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

struct disk_stat snapshot_grown(const struct counts *before, const struct counts *after, uint32_t dev)
{
	struct disk_stat a = { 0 }, b = { 0 };

	add_device(&a, before, dev);
	add_device(&b, after, dev);
	return (struct disk_stat){ .read_bytes = above(b.read_bytes, a.read_bytes),
				   .write_bytes = above(b.write_bytes, a.write_bytes) };
}

int snapshot_put(struct counts *to, const struct counts *from, uint32_t dev)
{
	struct count *v;
	size_t w = 0, add = 0;

	for (size_t i = 0; i < to->n; i++)
		if (!is_device(&to->v[i], dev))
			to->v[w++] = to->v[i];
	to->n = w;
	for (size_t i = 0; i < from->n; i++)
		add += is_device(&from->v[i], dev);
	v = add ? realloc(to->v, (w + add) * sizeof(*v)) : to->v;
	if (add && !v)
		return -ENOMEM;
	to->v = v;
	for (size_t i = 0; i < from->n; i++)
		if (is_device(&from->v[i], dev))
			to->v[to->n++] = from->v[i];
	return 0;
}

void snapshot_free(struct snapshot *snap)
{
	counts_free(&snap->counts);
	free(snap->stats);
	memset(snap, 0, sizeof(*snap));
}

static int alloc_stats(const struct disks *disks, struct snapshot *snap)
{
	free(snap->stats);
	snap->nr_stats = disks->n;
	snap->stats = calloc(disks->n ? disks->n : 1, sizeof(*snap->stats));
	return snap->stats ? 0 : -ENOMEM;
}

/* What is kept of each disk so far. */
struct best {
	uint64_t *moved;	/* bytes that moved during the reading that is kept */
	struct counts counts;	/* device counters of those readings */
	bool settled;		/* nothing moved during any of them */
};

/* One reading. */
static int take_once(const struct engine *e, const struct disks *disks, struct snapshot *snap, struct best *b)
{
	struct counts before, after;
	struct stat_at *now = calloc(disks->n ? disks->n : 1, sizeof(*now));
	int err = now ? sample_counts(e, &before) : -ENOMEM;

	if (err) {
		free(now);
		return err;
	}
	for (size_t i = 0; i < disks->n; i++) {
		now[i].dev = disks->v[i].dev;
		if (b->moved[i])
			now[i].known = disks->v[i].iostats && !disk_stat_read(&disks->v[i], &now[i].stat);
	}
	err = sample_counts(e, &after);
	b->settled = !err;
	for (size_t i = 0; !err && i < disks->n; i++) {
		uint64_t moved = b->moved[i] ? snapshot_moved(&before, &after, now[i].dev) : 0;

		if (moved < b->moved[i]) {
			b->moved[i] = moved;
			now[i].moved = snapshot_grown(&before, &after, now[i].dev);
			snap->stats[i] = now[i];
			err = snapshot_put(&b->counts, &after, now[i].dev);
		}
		b->settled &= !b->moved[i];
	}
	counts_free(&before);
	counts_free(&snap->counts);
	free(now);
	if (!err)
		snap->counts = after;
	return err;
}

int snapshot_take(const struct engine *e, const struct disks *disks, int tries,
		  struct snapshot *snap)
{
	struct best b = { .moved = calloc(disks->n ? disks->n : 1, sizeof(*b.moved)) };
	int err = b.moved ? alloc_stats(disks, snap) : -ENOMEM;

	for (size_t i = 0; !err && i < disks->n; i++)
		b.moved[i] = UINT64_MAX;
	for (int i = 0; !err && !b.settled && i < tries; i++)
		err = take_once(e, disks, snap, &b);
	/* the counters of the other layers are those of the last reading */
	for (size_t i = 0; !err && i < disks->n; i++)
		err = snapshot_put(&snap->counts, &b.counts, disks->v[i].dev);
	if (!err)
		counts_merge(&snap->counts);
	counts_free(&b.counts);
	free(b.moved);
	return err;
}
