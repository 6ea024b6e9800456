/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * device - what disks complete. Hooks: block_rq_issue (handed to the driver),
 * block_rq_complete (each completed part, while the bios of the request are
 * still intact): the same bytes the kernel's own disk statistics add.
 */
#if TIMES || DEVICE_TIMES
/* By address of the request: addresses are reused with the tags, so the map stays small. */
BPF_TABLE("lru_hash", u64, u64, issued, 16384);

int tp__block_rq_issue(void *ctx)
{
	u64 key, *t, now = bpf_ktime_get_ns();

#if LATENCY
	/* first: up to 6.1 the verifier forgets that a value used as a key is a pointer */
	wait_issue((struct request *)TP_ARG(ctx, ARG_RQ_ISSUE), now);
	key = address_of(TP_ARG(ctx, ARG_RQ_ISSUE));
#else
	key = TP_ARG(ctx, ARG_RQ_ISSUE);
#endif
	t = issued.lookup(&key);
	if (t)
		*t = now;	/* in place: a third of the cost of an update */
	else
		issued.update(&key, &now);
	return 0;
}
#endif

static __always_inline u64 issue_time(u64 rq)
{
#if TIMES || DEVICE_TIMES
	u64 *t = issued.lookup(&rq);

	return t ? *t : 0;
#else
	return 0;
#endif
}

struct done {
	u64 now, issue_ns;
	u32 dev, ops;
	u8 op, flags;
	u32 file;
};

static __always_inline void done_account(struct done *d, u32 actor, u8 cls, u32 bytes,
					 u64 queued_ns)
{
	struct agg_key k = {};
	u64 ns = 0, wait = 0;

	if (d->ops && d->issue_ns) {
		ns = d->now - d->issue_ns;
		if (queued_ns && d->issue_ns > queued_ns)
			wait = d->issue_ns - queued_ns;
	}
	k.layer = LAYER_DEVICE;
	k.flags = d->flags;
	key_owner(&k, actor);
	k.dev = d->dev;
	k.op = d->op;
	k.cls = cls;
	FILE_SET(&k, FILE_OF(d));
	account(&k, d->ops, bytes, ns, wait);
	d->ops = 0;
}

static __always_inline void done_events(struct done *d, struct bio_ctx *c, u32 actor, u32 bytes)
{
#if EVENTS
	if (c->flags & BIO_F_ORIGIN)
		bio_event(c, actor, bytes, LAYER_BLOCK, d->now - c->queued_ns);
	bio_event(c, actor, bytes, LAYER_DEVICE, d->issue_ns ? d->now - d->issue_ns : ~0ULL);
#endif
}

static __always_inline void done_flush(struct done *d)
{
	u32 *who = last_flush.lookup(&d->dev);
	u32 actor = who ? *who : ACTOR_UNATTRIBUTED;

	d->ops = 1;
	done_account(d, actor, CLASS_OTHER, 0, 0);
	flush_event(LAYER_DEVICE, d->dev, actor, d->issue_ns ? d->now - d->issue_ns : ~0ULL);
}

/* Owner of bios that were never queued: the pool of the disk above, which makes its own requests. */
static __always_inline u32 unseen_owner(u32 dev)
{
	u32 *holder = rq_holders.lookup(&dev);

	return holder ? *holder : ACTOR_UNATTRIBUTED;
}

/* Gives the bytes of the request's bios, first to last, to their owners. */
static __always_inline void done_walk(struct done *d, struct walk_cursor *w)
{
	struct bio_ctx *c;
	struct bio_part *part;
	u64 key;
	u32 take, have, actor, n, file;
	u8 cls;

#pragma nounroll
	for (int i = 0; i < CHAIN_STEPS; i++) {
		key = w->addr;
		if (!w->size || !key)
			break;
		if (!w->left)
			w->left = KP((struct bio *)key, bi_iter.bi_size);
		take = w->left < w->size ? w->left : w->size;
		c = bios.lookup(&key);
		actor = w->fallback;
		cls = w->cls;
		file = 0;
		if (c) {
			n = w->skip;
			part = &c->part[INDEX(n, BIO_OWNERS)];
			have = part->bytes;
			w->skip = n + 1;
			if (have < take && n + 1 < c->parts)
				take = have;
			part->bytes = have - take;
			actor = part->actor;
			cls = c->cls;
			file = FILE_OF(c);
			c->left -= take;
			d->flags |= bio_below(c);
			w->inode = c->queued_ns;
			done_events(d, c, actor, take);
		}
		w->size -= take;
		w->left -= take;
		if (!w->left) {
			bios.delete(&key);
			w->addr = (u64)KP((struct bio *)key, bi_next);
			w->skip = 0;
		}
		/* a part that completed before adds no run: the operation is not counted for it */
		if (take && !run_add(w, actor, cls, take, file))
			break;
	}
}

static __always_inline void done_runs(struct done *d, struct walk_cursor *w)
{
#pragma nounroll
	for (int i = 0; i < WALK_RUNS; i++) {
		if (i >= w->runs)
			break;
		FILE_SET(d, FILE_OF(&w->run[i]));
		done_account(d, w->run[i].actor, w->run[i].cls, w->run[i].bytes, w->inode);
	}
	FILE_SET(d, 0);
	w->runs = 0;
}

/* Bytes whose bios were not seen or could not be followed. */
static __always_inline void done_rest(struct done *d, u32 left)
{
	if (left)
		done_account(d, ACTOR_UNATTRIBUTED, CLASS_OTHER, left, 0);
}

BPF_TABLE("hash", u64, struct walk_cursor, done_cursors, 1024);
BPF_PROG_ARRAY(done_more, 1);

static __always_inline void done_init(struct done *d, struct request *rq, u32 error)
{
	d->op = block_op(KR(rq, cmd_flags));
	d->dev = disk_dev(rq_disk_of(rq));
	d->now = bpf_ktime_get_ns();
	d->issue_ns = issue_time((u64)rq);
	d->flags = error ? KEY_ERROR : 0;
}

/* Most requests are one bio of one owner and need no walk. False: this one does. */
static __always_inline bool done_simple(struct done *d, struct request *rq, u32 bytes)
{
	struct bio *bio = KR(rq, bio);
	u64 key = (u64)bio;
	struct bio_ctx *c = bios.lookup(&key);

	if (!c || c->parts != 1 || c->left != bytes)
		return false;
	FILE_SET(d, FILE_OF(c));
	d->flags |= bio_below(c);
	done_account(d, c->part[0].actor, c->cls, bytes, c->queued_ns);
	done_events(d, c, c->part[0].actor, bytes);
	/* the entry may stay: a bucket may be locked here, and nothing of it is to be counted again */
	c->left = 0;
#if LATENCY
	/* a flush comes after it: the bio ends then, see latency_done.bpf.c */
	if (KR(rq, end_io))
		return true;
#endif
	bios.delete(&key);
	return true;
}

/*
 * The kernel skips a program that it interrupted. A second program on the same hook
 * (again__) counts what completes while this is set, because the first does not run.
 */
BPF_TABLE("percpu_array", u32, u32, done_busy, 1);

static __always_inline void done_mark(u32 busy)
{
	u32 slot = 0, *b = done_busy.lookup(&slot);

	if (b)
		*b = busy;
}

static __always_inline struct walk_cursor *done_cursor(struct request *rq, u32 bytes, u32 ops,
						       u32 dev, bool again)
{
	u64 key = (u64)rq;
	u32 slot = 0;
	struct walk_cursor *w = cursor_zero.lookup(&slot);

	if (!w || done_cursors.update(&key, w))
		return 0;
	w = done_cursors.lookup(&key);
	if (!w)
		return 0;
	w->addr = (u64)KR(rq, bio);
	w->size = bytes;
	w->ops = ops;
	w->fallback = unseen_owner(dev);
	w->cls = w->fallback == ACTOR_UNATTRIBUTED ? CLASS_OTHER : CLASS_DATA;
	w->again = again;
	return w;
}

static __always_inline void on_rq_complete(void *ctx, bool again)
{
	struct request *rq = (struct request *)TP_ARG(ctx, ARG_RQ_COMPLETE);
	u32 error = TP_ARG(ctx, 1), bytes = TP_ARG(ctx, 2);
	struct done d = {};

	done_init(&d, rq, error);
	if (d.op == OP_MAX)
		return;
	if (d.op == OP_FLUSH) {
		done_flush(&d);
		return;
	}
	if (!bytes)
		return;	/* the end of a flush sequence; its data was counted before */
	/* the operation is counted with the last byte */
	d.ops = bytes >= KR(rq, __data_len);
	if (done_simple(&d, rq, bytes))
		return;
	if (done_cursor(rq, bytes, d.ops, d.dev, again))
		done_more.call(ctx, 0);
	done_rest(&d, bytes);
}

int tp__block_rq_complete(void *ctx)
{
	done_mark(1);
	on_rq_complete(ctx, false);
	done_mark(0);
	return 0;
}

int again__block_rq_complete(void *ctx)
{
	u32 slot = 0, *busy = done_busy.lookup(&slot);

	if (!busy || !*busy)
		return 0;
	lose(LOSS_CAUGHT);
	on_rq_complete(ctx, true);
	return 0;
}

/* The walk of block_rq_complete; calls itself until all bytes are placed. */
int more__block_rq_complete(void *ctx)
{
	struct request *rq = (struct request *)TP_ARG(ctx, ARG_RQ_COMPLETE);
	u64 key = (u64)rq;
	struct walk_cursor *w = done_cursors.lookup(&key);
	u32 error = TP_ARG(ctx, 1);
	struct done d = {};
	bool again;

	if (!w)
		return 0;
	done_init(&d, rq, error);
	d.ops = w->ops;
	done_walk(&d, w);
	done_runs(&d, w);
	w->ops = 0;
	if (w->size && w->addr)
		done_more.call(ctx, 0);
	done_rest(&d, w->size);
	again = w->again;
	done_cursors.delete(&key);
	if (!again)
		done_mark(0);	/* last: what interrupts after it is not seen to be skipped */
	return 0;
}
