/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_counters - counters of processes that ended, and those that stand still, leave
 * the kernel side's table. What they had in this window stays in `fold`; one that comes
 * back (what a dead process wrote reaches the disk later) begins with 0.
 */
#include "session/session_internal.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_S 1.0	/* a counter that did not move for so long stands still; less, in need */

/*
 * Takes a counter out of the table. *left: what it has now; that of `seen` where the kernel
 * cannot read and delete in one (before 5.14). False: it stays.
 */
static bool take_counter(const struct session *s, const struct count *seen, struct agg_val *cpu,
			 struct agg_val *left)
{
	int fd = s->engine.maps[MAP_AGG];

	*left = seen->val;
	if (bpf_map_lookup_and_delete_elem(fd, &seen->key, cpu))
		return !bpf_map_delete_elem(fd, &seen->key);
	memset(left, 0, sizeof(*left));
	for (unsigned int i = 0; i < s->engine.nr_cpus; i++)
		count_sum(left, &cpu[i]);
	return true;
}

/* Pools belong to fold.c; what stands without a file is few, and may be of the spill table. */
static bool may_go(const struct agg_key *k)
{
	return !(k->actor & ACTOR_POOL) && (k->actor >= ACTOR_FIRST || k->file);
}

static struct count *find(const struct counts *c, const struct count *key)
{
	return c->n ? bsearch(key, c->v, c->n, sizeof(*c->v), count_compare) : NULL;
}

static bool stood_still(const struct session *s, const struct count *c)
{
	const struct count *o = find(&s->trim.old, c);

	return o && !memcmp(&o->val, &c->val, sizeof(c->val));
}

/* What it has beyond the window's start is of this window; it starts from 0 from now on. */
static int credit(struct session *s, const struct count *seen, const struct agg_val *left)
{
	static const struct agg_val nothing;
	struct count *base = find(&s->base.counts, seen);
	struct agg_val own = *left;

	if (base) {
		count_take(&own, &base->val);
		base->val = nothing;
	}
	return memcmp(&own, &nothing, sizeof(own)) ? fold_put(&s->fold, &seen->key, &own) : 0;
}

static void drop_empty(struct counts *c)
{
	static const struct agg_val nothing;
	size_t w = 0;

	for (size_t i = 0; i < c->n; i++)
		if (memcmp(&c->v[i].val, &nothing, sizeof(nothing)))
			c->v[w++] = c->v[i];
	c->n = w;
}

/* `now` may be the window's start itself. */
static int take_idle(struct session *s, const struct counts *now)
{
	struct agg_val *cpu = calloc(s->engine.nr_cpus, sizeof(*cpu)), left;
	uint32_t asked = ACTOR_NONE;	/* last: they stand together */
	bool gone = false;
	int err = cpu ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < now->n; i++) {
		const struct count *c = &now->v[i];

		if (!may_go(&c->key))
			continue;
		if (c->key.actor != asked)
			gone = session_gone(s, c->key.actor);
		asked = c->key.actor;
		if ((!gone && !stood_still(s, c)) || !take_counter(s, c, cpu, &left))
			continue;
		session_flight_add(s, &s->trim.flight, &c->key, &left);
		err = credit(s, c, &left);
	}
	drop_empty(&s->base.counts);
	free(cpu);
	return err;
}

static int keep_counts(struct session *s, const struct counts *now)
{
	counts_free(&s->trim.old);
	s->trim.old.v = malloc((now->n ? now->n : 1) * sizeof(*now->v));
	if (!s->trim.old.v)
		return -ENOMEM;
	if (now->n)
		memcpy(s->trim.old.v, now->v, now->n * sizeof(*now->v));
	s->trim.old.n = now->n;
	clock_gettime(CLOCK_MONOTONIC, &s->trim.taken);
	return 0;
}

int session_trim_counters(struct session *s, const struct counts *now, bool hurry)
{
	int err = 0;

	if (!hurry && now->n < s->engine.text.agg_entries / TABLE_PART) {
		counts_free(&s->trim.old);
		return 0;
	}
	if (s->trim.old.v && seconds_since(&s->trim.taken) < IDLE_S &&
	    now->n < s->engine.text.agg_entries / 2)
		return 0;
	err = take_idle(s, now);
	return err ? err : keep_counts(s, now);
}
