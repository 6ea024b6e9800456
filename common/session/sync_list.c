/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync_list - the devices to be synced: file systems and raw disks that the target wrote to. */
#include "session/sync_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct sync_list *w, uint32_t dev)
{
	uint32_t *p;

	for (size_t i = 0; i < w->n; i++)
		if (w->devs[i] == dev)
			return 0;
	p = realloc(w->devs, (w->n + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	w->devs = p;
	p[w->n++] = dev;
	return 0;
}

int sync_list_add_data(struct sync_list *w, const struct target *t, const struct counts *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < c->n; i++) {
		const struct agg_key *k = &c->v[i].key;
		bool wrote = (k->layer == LAYER_CACHE && k->op == CACHE_DIRTIED) ||
			     (k->layer == LAYER_APPLICATION && k->op != OP_READ);

		if (wrote && k->dev && target_has_actor(t, k->actor))
			err = add(w, k->dev);
	}
	return err;
}

int sync_list_add_metadata(struct sync_list *w, const struct target *t, const struct share_list *shares,
			 const struct mounts *m)
{
	int err = 0;

	for (size_t i = 0; !err && i < shares->n; i++) {
		uint32_t pool = shares->v[i].key.pool;

		if (POOL_KIND(pool) != POOL_META || !target_has_actor(t, shares->v[i].key.actor))
			continue;
		for (size_t j = 0; !err && j < m->n; j++)
			if (POOL_DEV(m->v[j].dev) == POOL_INDEX(pool))
				err = add(w, m->v[j].dev);
	}
	return err;
}

void sync_list_free(struct sync_list *w)
{
	free(w->devs);
	memset(w, 0, sizeof(*w));
}
