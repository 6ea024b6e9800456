/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fold - what left the kernel side's tables. */
#include "tables/retired.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

static bool finished(const struct txn_entry *txns, size_t n, __u32 actor)
{
	for (size_t i = 0; i < n; i++)
		if (txns[i].t.pool == actor)
			return txns[i].t.state == 1;
	return false;
}

static int append(struct counts *to, const struct agg_key *key, const struct agg_val *val)
{
	struct count *v = realloc(to->v, (to->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	to->v = v;
	v[to->n].key = *key;
	v[to->n++].val = *val;
	return 0;
}

/* Their journal is written when a transaction is finished: these counters stand still. */
static int pick(const struct engine *e, const struct counts *base, const struct txn_entry *txns,
		size_t nr_txns, struct counts *picked)
{
	struct counts all;
	int err = sample_counts(e, &all);

	memset(picked, 0, sizeof(*picked));
	if (err)
		return err;
	for (size_t i = 0; !err && i < all.n; i++) {
		__u32 actor = all.v[i].key.actor;

		if (!(actor & ACTOR_POOL) || POOL_KIND(actor) != POOL_TXN ||
		    !finished(txns, nr_txns, actor))
			continue;
		sample_forget(e, &all.v[i].key);
		err = append(picked, &all.v[i].key, &all.v[i].val);
	}
	counts_free(&all);
	counts_subtract(picked, base);
	return err;
}

static void forget(const struct engine *e, const struct txn_entry *txns, size_t nr_txns,
		   const struct share *shares, size_t nr_shares)
{
	for (size_t i = 0; i < nr_shares; i++)
		if (POOL_KIND(shares[i].key.pool) == POOL_TXN &&
		    finished(txns, nr_txns, shares[i].key.pool))
			bpf_map_delete_elem(e->maps[MAP_SHARES], &shares[i].key);
	for (size_t i = 0; i < nr_txns; i++)
		if (txns[i].t.state == 1)
			bpf_map_delete_elem(e->maps[MAP_TXNS], &txns[i].key);
}

static int split(struct fold *f, const struct counts *picked, const struct txn_entry *txns,
		 size_t nr_txns, const struct share *shares, size_t nr_shares)
{
	struct ledger_input in = {
		.counts = picked->v, .nr_counts = picked->n,
		.txns = txns, .nr_txns = nr_txns,
		.shares = shares, .nr_shares = nr_shares,
	};
	struct ledger_lines lines;
	int err = ledger_resolve_txns(&in, &lines);

	if (err)
		return err;
	for (size_t i = 0; !err && i < lines.n; i++)
		err = append(&f->done, &lines.v[i].key, &lines.v[i].val);
	free(lines.v);
	counts_merge(&f->done);
	return err;
}

int fold_finished(struct fold *f, const struct engine *e, const struct counts *base, size_t many)
{
	struct txn_entry *txns = NULL;
	struct share *shares = NULL;
	struct counts picked = { 0 };
	size_t nr_txns = 0, nr_shares = 0, n = 0;
	int err = sample_txns(e, &txns, &nr_txns);

	for (size_t i = 0; !err && i < nr_txns; i++)
		n += txns[i].t.state == 1;
	if (err || n < many)
		goto out;
	err = sample_shares(e, &shares, &nr_shares);
	if (!err)
		err = pick(e, base, txns, nr_txns, &picked);
	if (!err)
		err = split(f, &picked, txns, nr_txns, shares, nr_shares);
	if (!err)
		forget(e, txns, nr_txns, shares, nr_shares);
out:
	counts_free(&picked);
	free(txns);
	free(shares);
	return err;
}

#define MERGE_MANY 65536	/* counters of the same key come back again and again */

int fold_put(struct fold *f, const struct agg_key *key, const struct agg_val *val)
{
	if (f->done.n > 2 * f->merged + MERGE_MANY) {
		counts_merge(&f->done);
		f->merged = f->done.n;
	}
	return append(&f->done, key, val);
}

int fold_add(struct fold *f, struct counts *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < f->done.n; i++)
		err = append(c, &f->done.v[i].key, &f->done.v[i].val);
	counts_merge(c);
	return err;
}

void fold_free(struct fold *f)
{
	counts_free(&f->done);
}
