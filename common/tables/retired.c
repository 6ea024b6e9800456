/* SPDX-License-Identifier: GPL-3.0-or-later */
/* retired - counters that left the kernel side's tables and still count in this window. */
#include "tables/retired.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

/* The transactions of the kernel side, and the shares in their pools. */
struct journal {
	struct txn_entry *txns;
	size_t nr_txns;
	struct share *shares;
	size_t nr_shares;
};

static bool is_finished(const struct journal *j, __u32 actor)
{
	for (size_t i = 0; i < j->nr_txns; i++)
		if (j->txns[i].t.pool == actor)
			return j->txns[i].t.state == 1;
	return false;
}

/* The journal of a finished transaction is written, so its counters do not move any more. */
static int pick(const struct engine *e, const struct counts *base, const struct journal *j,
		struct counts *picked)
{
	struct counts all;
	int err = sample_counts(e, &all);

	memset(picked, 0, sizeof(*picked));
	if (err)
		return err;
	for (size_t i = 0; !err && i < all.n; i++) {
		__u32 actor = all.v[i].key.actor;

		if (!(actor & ACTOR_POOL) || POOL_KIND(actor) != POOL_TXN || !is_finished(j, actor))
			continue;
		sample_retire(e, &all.v[i].key);
		err = counts_append(picked, &all.v[i].key, &all.v[i].val);
	}
	counts_free(&all);
	counts_subtract(picked, base);
	return err;
}

static void retire(const struct engine *e, const struct journal *j)
{
	for (size_t i = 0; i < j->nr_shares; i++)
		if (POOL_KIND(j->shares[i].key.pool) == POOL_TXN && is_finished(j, j->shares[i].key.pool))
			bpf_map_delete_elem(e->maps[MAP_SHARES], &j->shares[i].key);
	for (size_t i = 0; i < j->nr_txns; i++)
		if (j->txns[i].t.state == 1)
			bpf_map_delete_elem(e->maps[MAP_TXNS], &j->txns[i].key);
}

static int split(struct retired *r, const struct counts *picked, const struct journal *j)
{
	struct ledger_input in = {
		.counts = picked->v, .nr_counts = picked->n,
		.txns = j->txns, .nr_txns = j->nr_txns,
		.shares = j->shares, .nr_shares = j->nr_shares,
	};
	struct ledger_lines lines;
	int err = ledger_resolve_txns(&in, &lines);

	if (err)
		return err;
	for (size_t i = 0; !err && i < lines.n; i++)
		err = counts_append(&r->counters, &lines.v[i].key, &lines.v[i].val);
	free(lines.v);
	counts_merge(&r->counters);
	return err;
}

int retired_transactions(struct retired *r, const struct engine *e, const struct counts *base, size_t many)
{
	struct counts picked = { 0 };
	struct journal j = { 0 };
	size_t n = 0;
	int err = sample_txns(e, &j.txns, &j.nr_txns);

	for (size_t i = 0; !err && i < j.nr_txns; i++)
		n += j.txns[i].t.state == 1;
	if (err || n < many)
		goto out;
	err = sample_shares(e, &j.shares, &j.nr_shares);
	if (!err)
		err = pick(e, base, &j, &picked);
	if (!err)
		err = split(r, &picked, &j);
	if (!err)
		retire(e, &j);
out:
	counts_free(&picked);
	free(j.txns);
	free(j.shares);
	return err;
}

#define MERGE_MANY 65536	/* keys return again and again: merged when so many were added */

static int put(struct retired *r, const struct agg_key *key, const struct agg_val *val)
{
	if (r->counters.n > 2 * r->merged + MERGE_MANY) {
		counts_merge(&r->counters);
		r->merged = r->counters.n;
	}
	return counts_append(&r->counters, key, val);
}

int retired_take(const struct retired_window *w, const struct agg_key *key, const struct agg_val *left)
{
	static const struct agg_val nothing;
	const struct count want = { .key = *key };
	struct counts *b = w->base;
	struct count *base = b->n ? bsearch(&want, b->v, b->n, sizeof(want), counts_compare) : NULL;
	struct agg_val own = *left;

	if (base) {
		counts_take(&own, &base->val);
		base->val = nothing;
	}
	return memcmp(&own, &nothing, sizeof(own)) ? put(w->retired, key, &own) : 0;
}

int retired_add(const struct retired *r, struct counts *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < r->counters.n; i++)
		err = counts_append(c, &r->counters.v[i].key, &r->counters.v[i].val);
	counts_merge(c);
	return err;
}

void retired_free(struct retired *r)
{
	counts_free(&r->counters);
	r->merged = 0;
}
