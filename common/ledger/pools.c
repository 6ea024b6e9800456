/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pools - splits the bytes of pools over their owners, so that each line has one owner. */
#include "ledger/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "ledger/apportion.h"

#define PASSES 8	/* bytes of deeper stacks are `unattributed` */

/* One claim on a pool. `cls`: the class that the bytes get; CLASS_MAX: they keep their class. */
struct claim {
	__u32 actor;
	__u32 cls;
	__u32 file;	/* of a stacked disk's bytes; else 0 */
	__u32 tgid;
	__u64 weight;
};
struct claims {
	struct claim *v;
	size_t n;
};

static bool is_pool(__u32 actor)
{
	return actor & ACTOR_POOL;
}

static bool pool_is(__u32 actor, __u32 kind)
{
	return is_pool(actor) && POOL_KIND(actor) == kind;
}

static int line_add(struct ledger_lines *l, const struct ledger_line *line)
{
	struct ledger_line *v = grow_by_one(l->v, l->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = *line;
	return 0;
}

/* The same claim may be added in parts: claims_merge() adds them up. */
static int claim_add(const struct ledger_input *in, struct claims *c, __u32 actor, __u32 cls,
		     __u32 file, __u64 weight)
{
	const struct ledger_actor *a = ledger_actor_find(in, actor);
	struct claim *v = grow_by_one(c->v, c->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	c->v = v;
	v[c->n++] = (struct claim){ actor, cls, file, a ? a->tgid : 0, weight };
	return 0;
}

/* apportion() gives ties to the first claim: to the lowest pid. */
static int claim_order(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	if (x->actor != y->actor)
		return x->actor < y->actor ? -1 : 1;
	if (x->cls != y->cls)
		return x->cls < y->cls ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

static void claims_merge(struct claims *c)
{
	size_t w = 0;

	qsort(c->v, c->n, sizeof(*c->v), claim_order);
	for (size_t i = 0; i < c->n; i++) {
		if (w && !claim_order(&c->v[w - 1], &c->v[i]))
			c->v[w - 1].weight += c->v[i].weight;
		else
			c->v[w++] = c->v[i];
	}
	c->n = w;
}

/* Index of the first share of the pool, or of the next pool. */
static size_t shares_of(const struct ledger_input *in, __u32 pool)
{
	size_t lo = 0, hi = in->nr_shares;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (in->shares[mid].key.pool < pool)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int share_claims(const struct ledger_input *in, __u32 pool, struct claims *c)
{
	int err = 0;

	for (size_t i = shares_of(in, pool);
	     !err && i < in->nr_shares && in->shares[i].key.pool == pool; i++)
		err = claim_add(in, c, in->shares[i].key.actor, CLASS_MAX, 0,
				in->shares[i].weight);
	for (size_t i = 0; !err && pool_is(pool, POOL_TXN) && i < in->nr_txns; i++)
		if (in->txns[i].t.pool == pool && in->txns[i].t.sole_blocks)
			err = claim_add(in, c, in->txns[i].t.sole, CLASS_MAX, 0,
					in->txns[i].t.sole_blocks);
	return err;
}

/* Claims by what the upper disk did: by bytes of this operation, else of any, else by operations. */
static int stack_claims(const struct ledger_input *in, const struct ledger_lines *l, __u32 pool,
			__u8 op, struct claims *c)
{
	int err = 0;

	for (int try = 0; !err && !c->n && try < 3; try++) {
		for (size_t i = 0; !err && i < l->n; i++) {
			const struct ledger_line *u = &l->v[i];
			__u64 weight = try < 2 ? u->val.bytes : u->val.ops;

			if (u->key.layer != LAYER_DEVICE || POOL_DEV(u->key.dev) != POOL_INDEX(pool))
				continue;
			if (is_pool(u->key.actor) || !weight || (!try && u->key.op != op))
				continue;
			err = claim_add(in, c, u->key.flags & KEY_BEFORE ? ACTOR_BEFORE : u->key.actor,
					try < 2 ? u->key.cls : CLASS_MAX, u->key.file, weight);
		}
	}
	return err;
}

/* Bytes that a stacked disk sends down count at `device` only. */
static bool hidden_below(const struct ledger_line *line)
{
	return pool_is(line->key.actor, POOL_STACK) && line->key.layer != LAYER_DEVICE;
}

/* As the kernel side does it: what was caused before the window has no row, but a mark. */
static void owner_set(struct agg_key *k, __u32 actor)
{
	k->actor = actor == ACTOR_BEFORE ? ACTOR_BACKGROUND : actor;
	if (actor == ACTOR_BEFORE && k->layer >= LAYER_BLOCK)
		k->flags |= KEY_BEFORE;
}

static void split_values(const struct ledger_line *line, const struct claims *c,
			uint64_t *scratch, struct ledger_line *parts)
{
	uint64_t *weight = scratch, *part = scratch + c->n;

	for (size_t i = 0; i < c->n; i++) {
		weight[i] = c->v[i].weight;
		parts[i] = *line;
		owner_set(&parts[i].key, c->v[i].actor);
		parts[i].key.file = c->v[i].file;
		if (c->v[i].cls != CLASS_MAX && line->key.cls == CLASS_DATA)
			parts[i].key.cls = (__u8)c->v[i].cls;
	}
	apportion(line->val.bytes, weight, part, c->n);
	for (size_t i = 0; i < c->n; i++)
		parts[i].val.bytes = part[i];
	apportion(line->val.ops, weight, part, c->n);
	for (size_t i = 0; i < c->n; i++)
		parts[i].val.ops = part[i];
	apportion(line->val.ns, weight, part, c->n);
	for (size_t i = 0; i < c->n; i++)
		parts[i].val.ns = part[i];
	apportion(line->val.queue_ns, weight, part, c->n);
	for (size_t i = 0; i < c->n; i++)
		parts[i].val.queue_ns = part[i];
}

static int split_line(struct ledger_lines *out, const struct ledger_line *line,
		      const struct claims *c)
{
	uint64_t *scratch = calloc(c->n * 2, sizeof(*scratch));
	struct ledger_line *parts = calloc(c->n, sizeof(*parts));
	int err = scratch && parts ? 0 : -ENOMEM;

	if (!err) {
		split_values(line, c, scratch, parts);
	}
	for (size_t i = 0; !err && i < c->n; i++)
		if (parts[i].val.bytes || parts[i].val.ops || parts[i].val.ns || parts[i].val.queue_ns)
			err = line_add(out, &parts[i]);
	free(scratch);
	free(parts);
	return err;
}

/* Splits the line of a pool; `l` has the lines of the disks above. */
static int resolve_line(const struct ledger_input *in, const struct ledger_lines *l,
			const struct ledger_line *line, struct ledger_lines *out)
{
	struct ledger_line copy = *line;
	struct claims c = { 0 };
	int err;

	if (hidden_below(line))
		return 0;
	if (pool_is(line->key.actor, POOL_STACK)) {
		copy.shared = copy.below = true;
		err = stack_claims(in, l, line->key.actor, line->key.op, &c);
	} else {
		/* a log is split like a transaction, by what each owner put into it */
		copy.shared |= pool_is(line->key.actor, POOL_META) && line->key.cls != CLASS_JOURNAL;
		err = share_claims(in, line->key.actor, &c);
	}
	if (!err && !c.n)
		err = claim_add(in, &c, ACTOR_BACKGROUND, CLASS_MAX, line->key.file, 1);
	if (!err) {
		claims_merge(&c);
		err = split_line(out, &copy, &c);
	}
	free(c.v);
	return err;
}

/* Can this pool be split? A stack must wait until its upper disk has no pools left. */
static bool ready(const struct ledger_lines *l, const struct ledger_line *line)
{
	if (!pool_is(line->key.actor, POOL_STACK))
		return true;
	for (size_t i = 0; i < l->n; i++) {
		const struct ledger_line *u = &l->v[i];

		if (is_pool(u->key.actor) && u->key.layer == LAYER_DEVICE &&
		    POOL_DEV(u->key.dev) == POOL_INDEX(line->key.actor) && u != line)
			return false;
	}
	return true;
}

static int resolve_pass(const struct ledger_input *in, const struct ledger_lines *l,
			struct ledger_lines *out, bool *again)
{
	int err = 0;

	*again = false;
	for (size_t i = 0; !err && i < l->n; i++) {
		const struct ledger_line *line = &l->v[i];

		if (!is_pool(line->key.actor)) {
			err = line_add(out, line);
		} else if (ready(l, line)) {
			*again = true;
			err = resolve_line(in, l, line, out);
		} else {
			*again = true;
			err = line_add(out, line);
		}
	}
	return err;
}

int ledger_resolve_txns(const struct ledger_input *in, struct ledger_lines *out)
{
	int err = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; !err && i < in->nr_counts; i++) {
		struct ledger_line line = { in->counts[i].key, in->counts[i].val, false,
					    in->counts[i].key.flags & KEY_BELOW };

		err = pool_is(line.key.actor, POOL_TXN) ? resolve_line(in, NULL, &line, out) :
			line_add(out, &line);
	}
	if (err)
		free(out->v);
	return err;
}

int ledger_resolve(const struct ledger_input *in, struct ledger_lines *out)
{
	struct ledger_lines now = { 0 }, next;
	bool again = true;
	int err = 0;

	for (size_t i = 0; !err && i < in->nr_counts; i++) {
		struct ledger_line line = { in->counts[i].key, in->counts[i].val, false,
					    in->counts[i].key.flags & KEY_BELOW };

		err = line_add(&now, &line);
	}
	for (int pass = 0; !err && again && pass < PASSES; pass++) {
		memset(&next, 0, sizeof(next));
		err = resolve_pass(in, &now, &next, &again);
		free(now.v);
		now = next;
	}
	if (err) {
		free(now.v);
		return err;
	}
	for (size_t i = 0; i < now.n; i++)
		if (is_pool(now.v[i].key.actor))
			now.v[i].key.actor = ACTOR_UNATTRIBUTED;
	*out = now;
	return 0;
}
