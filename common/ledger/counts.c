/* SPDX-License-Identifier: GPL-3.0-or-later */
/* counts - arithmetic on counters of the kernel side and on shares of pools. */
#include "ledger/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int counts_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct agg_key));
}

void counts_add(struct agg_val *to, const struct agg_val *v)
{
	to->ops += v->ops;
	to->bytes += v->bytes;
	to->ns += v->ns;
	to->queue_ns += v->queue_ns;
}

void counts_take(struct agg_val *from, const struct agg_val *v)
{
	from->ops -= v->ops;
	from->bytes -= v->bytes;
	from->ns -= v->ns;
	from->queue_ns -= v->queue_ns;
}

void counts_merge(struct counts *c)
{
	size_t w = 0;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), counts_compare);

	for (size_t i = 0; i < c->n; i++) {
		if (w && !counts_compare(&c->v[w - 1], &c->v[i])) {
			counts_add(&c->v[w - 1].val, &c->v[i].val);
		} else {
			c->v[w++] = c->v[i];
		}
	}
	c->n = w;
}

static __u64 less(__u64 a, __u64 b)
{
	return a > b ? a - b : 0;
}

void counts_undo(struct counts *c)
{
	size_t w = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct count done = c->v[i], *of;

		if (!(done.key.flags & KEY_UNDONE))
			continue;
		done.key.flags &= (__u8)~KEY_UNDONE;
		of = bsearch(&done, c->v, c->n, sizeof(done), counts_compare);
		if (!of)
			continue;
		of->val.ops = less(of->val.ops, done.val.ops);
		of->val.bytes = less(of->val.bytes, done.val.bytes);
	}
	for (size_t i = 0; i < c->n; i++)
		if (!(c->v[i].key.flags & KEY_UNDONE))
			c->v[w++] = c->v[i];
	c->n = w;
}

int counts_append(struct counts *to, const struct agg_key *key, const struct agg_val *val)
{
	struct count *v = realloc(to->v, (to->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	to->v = v;
	v[to->n].key = *key;
	v[to->n++].val = *val;
	return 0;
}

void counts_free(struct counts *c)
{
	free(c->v);
	memset(c, 0, sizeof(*c));
}

void counts_subtract(struct counts *after, const struct counts *before)
{
	size_t w = 0;

	for (size_t i = 0; i < after->n; i++) {
		struct count *a = &after->v[i];
		const struct count *b = before->n ? bsearch(a, before->v, before->n,
							    sizeof(*a), counts_compare) : NULL;

		if (b)
			counts_take(&a->val, &b->val);
		if (a->val.ops || a->val.bytes)
			after->v[w++] = *a;
	}
	after->n = w;
}

int counts_share_compare(const struct share_key *x, const struct share_key *y)
{
	if (x->pool != y->pool)
		return x->pool < y->pool ? -1 : 1;
	return x->actor < y->actor ? -1 : x->actor > y->actor;
}

static int share_by_key(const void *key, const void *share)
{
	return counts_share_compare(key, &((const struct share *)share)->key);
}

__u64 counts_share_weight(const struct share *v, size_t n, const struct share_key *key)
{
	const struct share *s = n ? bsearch(key, v, n, sizeof(*v), share_by_key) : NULL;

	return s ? s->weight : 0;
}
