/* SPDX-License-Identifier: GPL-3.0-or-later */
/* departed - processes that ended and were retired from the kernel side's table of actors. */
#include "tables/departed.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tables/used_ids.h"

#define DEPARTED_MANY	4	/* times the kernel table: from there on, actors that nothing names leave the list */

static int by_id(const void *a, const void *b)
{
	const struct actor_entry *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

bool departed_has(const struct departed *d, __u32 actor)
{
	const struct actor_entry key = { .id = actor };

	return d->n && bsearch(&key, d->v, d->n, sizeof(key), by_id);
}

/*
 * The leader may end before its threads do, so kill() must agree. The kernel side does not read the
 * entry of a thread with a name of its own again: it can leave the table at any time.
 */
static bool may_leave(__u32 id, const struct actor *a)
{
	if (a->process && a->process != id)
		return true;
	return a->flags & ACTOR_F_EXITED && kill((pid_t)a->tgid, 0) && errno == ESRCH;
}

bool departed_ended(const struct departed *d, const struct engine *e, __u32 actor)
{
	struct actor a;

	if (actor < ACTOR_FIRST || (actor & ACTOR_POOL))
		return false;
	return departed_has(d, actor) || sample_actor(e, actor, &a) || may_leave(actor, &a);
}

int departed_all(const struct departed *d, const struct engine *e, struct actor_entry **out, size_t *n)
{
	struct actor_entry *v;
	int err = sample_actors(e, out, n);

	if (err || !d->n)
		return err;
	v = realloc(*out, (*n + d->n) * sizeof(*v));
	if (!v) {
		free(*out);
		*out = NULL;
		*n = 0;
		return -ENOMEM;
	}
	memcpy(v + *n, d->v, d->n * sizeof(*v));
	*out = v;
	*n += d->n;
	qsort(v, *n, sizeof(*v), by_id);
	return 0;
}

int departed_retire(struct departed *d, const struct engine *e, const struct actor_entry *all, size_t n)
{
	size_t known = d->n, fresh = 0;
	struct actor_entry *v;

	if (n - known < e->text.actor_entries / TABLE_PART)
		return 0;
	v = realloc(d->v, (n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	d->v = v;
	for (size_t i = 0; i < n; i++) {
		const struct actor_entry *a = &all[i];

		if (!may_leave(a->id, &a->a) || departed_has(d, a->id) ||
		    bpf_map_delete_elem(e->maps[MAP_ACTORS], &a->id))
			continue;
		v[known + fresh++] = *a;
	}
	d->n = known + fresh;
	qsort(v, d->n, sizeof(*v), by_id);
	return 0;
}

int departed_forget(struct departed *d, unsigned int entries, const struct counts *c,
		    const struct pending_list *p)
{
	struct used_ids used;
	size_t w = 0;
	int err;

	if (d->n < (size_t)DEPARTED_MANY * entries)
		return 0;
	err = used_ids_actors(&used, c, p);
	if (err)
		return err;
	for (size_t i = 0; i < d->n; i++)
		if (used_ids_has(&used, d->v[i].id))
			d->v[w++] = d->v[i];
	d->n = w;
	used_ids_free(&used);
	return 0;
}

void departed_free(struct departed *d)
{
	free(d->v);
	memset(d, 0, sizeof(*d));
}
