/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kept_shares - which actor put how much into which pool, retired shares included. */
#include "tables/kept_shares.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
	return counts_share_compare(&((const struct share *)a)->key, &((const struct share *)b)->key);
}

static void merge(struct share_list *l)
{
	size_t w = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_key);
	for (size_t i = 0; i < l->n; i++) {
		if (w && !by_key(&l->v[w - 1], &l->v[i]))
			l->v[w - 1].weight += l->v[i].weight;
		else
			l->v[w++] = l->v[i];
	}
	l->n = w;
}

int kept_shares_read(const struct kept_shares *k, const struct engine *e, struct share_list *out)
{
	int err = sample_shares(e, &out->v, &out->n);
	struct share *v;

	if (err || !k->kept.n)
		return err;
	v = realloc(out->v, (out->n + k->kept.n) * sizeof(*v));
	if (!v) {
		free(out->v);
		memset(out, 0, sizeof(*out));
		return -ENOMEM;
	}
	memcpy(v + out->n, k->kept.v, k->kept.n * sizeof(*v));
	out->v = v;
	out->n += k->kept.n;
	merge(out);
	return 0;
}

void kept_shares_since(struct share_list *now, const struct share_list *base)
{
	size_t end;

	for (size_t i = 0; i < now->n; i = end) {
		__u32 pool = now->v[i].key.pool;
		__u64 grown = 0;

		for (end = i; end < now->n && now->v[end].key.pool == pool; end++)
			grown += now->v[end].weight - counts_share_weight(base->v, base->n, &now->v[end].key);
		/* a transaction is split as a whole */
		if (!grown || POOL_KIND(pool) == POOL_TXN)
			continue;
		for (size_t j = i; j < end; j++)
			now->v[j].weight -= counts_share_weight(base->v, base->n, &now->v[j].key);
	}
}

int kept_shares_of_window(const struct kept_shares *k, const struct engine *e, struct share_list *out)
{
	int err = kept_shares_read(k, e, out);

	if (!err)
		kept_shares_since(out, &k->base);
	return err;
}

int kept_shares_next(struct kept_shares *k, const struct engine *e)
{
	struct share_list now;
	int err = kept_shares_read(k, e, &now);

	if (err)
		return err;
	free(k->before.v);
	k->before = k->base;
	k->base = now;
	return 0;
}

int kept_shares_retire_midway(struct kept_shares *k, const struct engine *e, const struct departed *d)
{
	struct share_list all;
	struct share *v;
	int err = sample_shares(e, &all.v, &all.n);

	if (err || all.n < e->text.actor_entries / TABLE_PART) {
		free(all.v);
		return err;
	}
	v = realloc(k->kept.v, (k->kept.n + all.n) * sizeof(*v));
	if (!v) {
		free(all.v);
		return -ENOMEM;
	}
	k->kept.v = v;
	for (size_t i = 0; i < all.n; i++)
		if (POOL_KIND(all.v[i].key.pool) != POOL_TXN && departed_has(d, all.v[i].key.actor) &&
		    !bpf_map_delete_elem(e->maps[MAP_SHARES], &all.v[i].key))
			v[k->kept.n++] = all.v[i];
	merge(&k->kept);
	free(all.v);
	return 0;
}

/* False: the share is not among the kept ones. */
static bool remove_kept(struct share_list *kept, const struct share_key *key)
{
	struct share want = { .key = *key }, *v = kept->v, *at;

	at = kept->n ? bsearch(&want, v, kept->n, sizeof(*v), by_key) : NULL;
	if (!at)
		return false;
	memmove(at, at + 1, (size_t)(v + --kept->n - at) * sizeof(*v));
	return true;
}

/* Has its process departed, and did it not grow in the window before? */
static bool may_retire(const struct kept_shares *k, const struct departed *d, const struct share *sh)
{
	return POOL_KIND(sh->key.pool) != POOL_TXN && departed_has(d, sh->key.actor) &&
	       counts_share_weight(k->before.v, k->before.n, &sh->key) == sh->weight;
}

void kept_shares_retire(struct kept_shares *k, const struct engine *e, const struct departed *d)
{
	bool pressed = k->base.n >= e->text.actor_entries / 2;
	size_t w = 0;

	for (size_t i = 0; pressed && i < k->base.n; i++) {
		const struct share *sh = &k->base.v[i];

		if (may_retire(k, d, sh)) {
			bool deleted = !bpf_map_delete_elem(e->maps[MAP_SHARES], &sh->key);

			if (remove_kept(&k->kept, &sh->key) || deleted)
				continue;
		}
		k->base.v[w++] = *sh;
	}
	if (pressed)
		k->base.n = w;
	free(k->before.v);
	memset(&k->before, 0, sizeof(k->before));
}

void kept_shares_free(struct kept_shares *k)
{
	free(k->kept.v);
	free(k->base.v);
	free(k->before.v);
	memset(k, 0, sizeof(*k));
}
