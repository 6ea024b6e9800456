/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idle - counters of ended processes, and counters that did not move for a second, are retired. */
#include "tables/idle.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/elapsed.h"

#define IDLE_S 1.0	/* a counter that did not move for so long is idle; in a table that is half full, for less */

/*
 * Retires a counter. *left: its value at that moment; before 5.14, where the kernel cannot read and
 * delete in one call, the value of `seen`. False: it stays in the table.
 */
static bool take_counter(const struct engine *e, const struct count *seen, struct agg_val *cpu,
			 struct agg_val *left)
{
	int fd = e->maps[MAP_AGG];

	*left = seen->val;
	if (bpf_map_lookup_and_delete_elem(fd, &seen->key, cpu))
		return !bpf_map_delete_elem(fd, &seen->key);
	memset(left, 0, sizeof(*left));
	for (unsigned int i = 0; i < e->nr_cpus; i++)
		counts_add(left, &cpu[i]);
	return true;
}

/*
 * retired.c handles the counters of pools. Counters without a process and a file are few, and some
 * lie in the spill table, so they are not retired.
 */
static bool may_go(const struct agg_key *k)
{
	return !(k->actor & ACTOR_POOL) && (k->actor >= ACTOR_FIRST || k->file);
}

static bool is_idle(const struct idle *i, const struct count *c)
{
	const struct counts *was = &i->earlier;
	const struct count *old = was->n ? bsearch(c, was->v, was->n, sizeof(*c), counts_compare) : NULL;

	return old && !memcmp(&old->val, &c->val, sizeof(c->val));
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

/* Empties the list, and makes room for all of `now`. */
static int empty_retired(struct idle *i, const struct counts *now)
{
	counts_free(&i->retired);
	i->retired.v = malloc((now->n ? now->n : 1) * sizeof(*now->v));
	return i->retired.v ? 0 : -ENOMEM;
}

/* `now` may be w->base itself. */
static int take_all(struct idle *i, const struct engine *e, const struct departed *d,
		    const struct retired_window *w, const struct counts *now)
{
	struct agg_val *cpu = calloc(e->nr_cpus, sizeof(*cpu)), left;
	uint32_t asked = ACTOR_NONE;	/* the last actor: its counters are neighbours */
	bool ended = false;
	int err = cpu ? empty_retired(i, now) : -ENOMEM;

	for (size_t j = 0; !err && j < now->n; j++) {
		const struct count *c = &now->v[j];

		if (!may_go(&c->key))
			continue;
		if (c->key.actor != asked)
			ended = departed_ended(d, e, c->key.actor);
		asked = c->key.actor;
		if ((!ended && !is_idle(i, c)) || !take_counter(e, c, cpu, &left))
			continue;
		i->retired.v[i->retired.n++] = (struct count){ c->key, left };
		err = retired_take(w, &c->key, &left);
	}
	drop_empty(w->base);
	free(cpu);
	return err;
}

static int keep_look(struct idle *i, const struct counts *now)
{
	counts_free(&i->earlier);
	i->earlier.v = malloc((now->n ? now->n : 1) * sizeof(*now->v));
	if (!i->earlier.v)
		return -ENOMEM;
	if (now->n)
		memcpy(i->earlier.v, now->v, now->n * sizeof(*now->v));
	i->earlier.n = now->n;
	clock_gettime(CLOCK_MONOTONIC, &i->earlier_at);
	return 0;
}

bool idle_due(struct idle *i, unsigned int entries, size_t n, bool hurry)
{
	if (!hurry && n < entries / TABLE_PART) {
		counts_free(&i->earlier);
		return false;
	}
	return !i->earlier.v || seconds_since(&i->earlier_at) >= IDLE_S || n >= entries / 2;
}

int idle_retire(struct idle *i, const struct engine *e, const struct departed *d,
		const struct retired_window *w, const struct counts *now)
{
	int err = take_all(i, e, d, w, now);

	return err ? err : keep_look(i, now);
}

bool idle_second_look_due(const struct idle *i)
{
	return i->earlier.v && seconds_since(&i->earlier_at) >= IDLE_S;
}

void idle_restart(struct idle *i)
{
	counts_free(&i->earlier);
}

void idle_free(struct idle *i)
{
	counts_free(&i->earlier);
	counts_free(&i->retired);
}
