/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_post - adds lines to the figures of rows and totals. */
#include "ledger/ledger_post.h"

#include "ledger/ledger_input.h"
#include "ledger/ledger_only.h"

static void io_add(struct io *io, __u64 ops, __u64 bytes)
{
	io->ops += ops;
	io->bytes += bytes;
}

static void add_application(struct row *r, const struct agg_key *k, const struct agg_val *v)
{
	struct io *io = k->op == OP_READ ? &r->app.read : k->op == OP_WRITE ? &r->app.write :
			k->op == OP_SYNC ? &r->app.sync : NULL;
	/* a synchronous write counts as write and as sync, but is one call of its interface */
	bool again = k->op == OP_SYNC && k->flags & KEY_AGAIN;

	if (io) {
		io_add(io, v->ops, v->bytes);
		io->ns += v->ns;
	}
	if (k->cls < IFACE_MAX && !again)
		io_add(&r->app.iface[k->cls], v->ops, v->bytes);
	if (k->op == OP_READ && (k->flags & KEY_DIRECT))
		r->cache.bypassed += v->bytes;
}

static void add_vfs(struct row *r, const struct agg_key *k, const struct agg_val *v)
{
	io_add(k->op == OP_READ ? &r->vfs.read : k->op == OP_WRITE ? &r->vfs.write : &r->vfs.sync,
	       v->ops, v->bytes);
}

/* A bio at the top of the stack counts at filesystem, by class, and at block. */
static void add_block(struct row *r, const struct agg_key *k, const struct agg_val *v)
{
	__u8 cls = k->cls < CLASS_MAX ? k->cls : CLASS_OTHER;

	if (k->flags & KEY_BEFORE && k->op <= OP_WRITE)
		*(k->op == OP_READ ? &r->block.before_read : &r->block.before_write) += v->bytes;
	switch (k->op) {
	case OP_READ:
		io_add(&r->fs_read[cls], v->ops, v->bytes);
		io_add(&r->block.read, v->ops, v->bytes);
		break;
	case OP_WRITE:
		io_add(&r->fs_write[cls], v->ops, v->bytes);
		io_add(&r->block.write, v->ops, v->bytes);
		break;
	case OP_FLUSH:
		io_add(&r->block.flush, v->ops, 0);
		break;
	case OP_DISCARD:
	case OP_ZEROES:
		io_add(&r->block.discard, v->ops, v->bytes);
		break;
	}
}

static struct io *device_io(struct row *r, __u8 op)
{
	return op == OP_READ ? &r->device.read : op == OP_WRITE ? &r->device.write :
	       op == OP_FLUSH ? &r->device.flush : &r->device.discard;
}

static void add_device(struct row *r, const struct ledger_line *l, const struct ledger_disk *d)
{
	struct io *io = device_io(r, l->key.op);
	struct io *above = l->key.op == OP_READ ? &r->block.read :
			   l->key.op == OP_WRITE ? &r->block.write : NULL;

	/* time of the block layer: from queue to completion on the disk that got the bio first */
	if (above && !l->below)
		above->ns += l->val.ns + l->val.queue_ns;
	if (d && (!d->disk->leaf || d->disk->memory))
		return;
	io_add(io, l->val.ops, l->val.bytes);
	io->ns += l->val.ns;
	if (l->key.flags & KEY_BEFORE && l->key.op <= OP_WRITE) {
		r->device.before_bytes += l->val.bytes;
		*(l->key.op == OP_READ ? &r->device.before_read : &r->device.before_write) +=
			l->val.bytes;
	}
	if (l->key.op == OP_WRITE)
		r->device.write_class[l->key.cls < CLASS_MAX ? l->key.cls : CLASS_OTHER] +=
			l->val.bytes;
	if (l->shared && l->key.op == OP_WRITE)
		r->device.shared_bytes += l->val.bytes;
}

static void add_line(struct row *r, const struct ledger_line *l, const struct ledger_disk *d)
{
	switch (l->key.layer) {
	case LAYER_APPLICATION:
		add_application(r, &l->key, &l->val);
		break;
	case LAYER_VFS:
		add_vfs(r, &l->key, &l->val);
		break;
	case LAYER_CACHE:
		figures_post_cache(r, l->key.op, l->val.bytes);
		break;
	case LAYER_BLOCK:
		add_block(r, &l->key, &l->val);
		break;
	case LAYER_DEVICE:
		add_device(r, l, d);
		break;
	case LAYER_IN_FLIGHT:
		if (l->key.op <= OP_WRITE)
			*(l->key.op == OP_READ ? &r->device.in_flight_read :
						&r->device.in_flight_write) += l->val.bytes;
		break;
	}
}

/* Calls of a FUSE server repeat calls of its clients: the totals have only the clients'. */
static bool serving(const struct ledger_input *in, const struct ledger_line *l)
{
	const struct ledger_actor *who;

	if (l->key.layer != LAYER_APPLICATION)
		return false;
	who = ledger_actor_find(in, l->key.actor);
	return who && who->serves;
}

int ledger_post_line(struct ledger_rows *b, const struct ledger_line *l)
{
	const struct ledger_disk *d = NULL;
	struct row *r;
	bool low = l->key.layer >= LAYER_BLOCK;	/* where the disk is known */
	int err;

	if (low) {
		d = ledger_input_disk(b->in, l->key.dev);
		if (d && !d->selected)
			return 0;
	}
	if (!ledger_only_has(b->in, l->key.actor, l->key.file) || !ledger_only_has_disk(b->in, d))
		return 0;
	if (b->in->by == BY_DEVICE) {
		/* above the block layer no disk is known: only the totals have these lines */
		if (!low)
			add_line(&b->out->totals, l, NULL);
		if (!low || !d)
			return 0;
		err = ledger_rows_of_disk(b, d, &r);
	} else {
		err = ledger_rows_of(b, l->key.actor, l->key.file, &r);
	}
	if (err)
		return err;
	add_line(r, l, d);
	if ((b->in->all || b->in->by == BY_DEVICE || r->kind == ROW_OWNER) && !serving(b->in, l))
		add_line(&b->out->totals, l, d);
	return 0;
}

int ledger_post_pending(struct ledger_rows *b)
{
	struct row *r;
	int err = 0;

	/* the disk of a dirty page is not known yet */
	if (b->in->by == BY_DEVICE || (b->in->only && b->in->only->disk))
		return 0;
	for (size_t i = 0; !err && i < b->in->nr_pending; i++) {
		const struct pending *p = &b->in->pending[i];

		if ((p->actor & ACTOR_POOL) || !ledger_only_has(b->in, p->actor, p->file))
			continue;
		err = ledger_rows_of(b, p->actor, p->file, &r);
		if (err)
			break;
		r->cache.pending.v += p->bytes;
		if (b->in->all || r->kind == ROW_OWNER)
			b->out->totals.cache.pending.v += p->bytes;
	}
	return err;
}

/* Hit, miss and readahead are computed as in iolayers(7), "Cache reads". */
static void finish_cache(const struct ledger_input *in, struct row *r)
{
	__u64 past = r->cache.bypassed, buffered, miss;

	buffered = r->app.read.bytes > past ? r->app.read.bytes - past : 0;
	miss = r->cache.filled < buffered ? r->cache.filled : buffered;
	r->cache.miss.v = miss;
	r->cache.hit.v = buffered - miss;
	r->cache.readahead.v = r->cache.filled - miss;
	figures_know_cache(r, in->has_app, in->exact_pages);
}

static void finish_row(const struct ledger_input *in, struct row *r, bool app_times)
{
	struct io *timed[] = { &r->device.read, &r->device.write, &r->device.flush,
			       &r->device.discard, &r->block.read, &r->block.write };
	struct io *calls[] = { &r->app.read, &r->app.write, &r->app.sync };

	finish_cache(in, r);
	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++)
		timed[i]->has_ns = in->has_times;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		calls[i]->has_ns = app_times;
}

/* Sums of rows: computed from the totals, readahead of one process would be a miss of another. */
static void sum_cache(const struct ledger_input *in, struct ledger *l)
{
	struct row *t = &l->totals;

	t->cache.hit.v = t->cache.miss.v = t->cache.readahead.v = 0;
	for (size_t i = 0; i < l->nr_rows; i++) {
		const struct row *r = &l->rows[i];

		if (!in->all && r->kind != ROW_OWNER)
			continue;
		t->cache.hit.v += r->cache.hit.v;
		t->cache.miss.v += r->cache.miss.v;
		t->cache.readahead.v += r->cache.readahead.v;
	}
}

void ledger_post_finish(const struct ledger_rows *b, bool app_times)
{
	struct ledger *l = b->out;

	for (size_t i = 0; i < l->nr_rows; i++)
		finish_row(b->in, &l->rows[i], app_times);
	finish_row(b->in, &l->totals, app_times);
	if (b->in->by != BY_DEVICE)
		sum_cache(b->in, l);
}
