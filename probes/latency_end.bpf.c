/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * latency_end - bios are issued and end, and with the last one its wait: block.bpf.c and
 * device.bpf.c call, nothing without LATENCY. Hook: iomap_dio_complete (an O_DIRECT call
 * has done all its work, bios and the file system's own after them).
 */
#if LATENCY
static __always_inline u64 flush_time(u32 dev)
{
	u64 *t = flush_issued.lookup(&dev);

	return t ? *t : 0;
}

/* A request is handed to the driver: marks its bios, the first eight of them. */
static __always_inline void wait_issue(struct request *rq, u64 now)
{
	u32 opf = KR(rq, cmd_flags), dev = disk_dev(rq_disk_of(rq));
	u64 bio = (u64)KR(rq, bio), flush = 0;
	struct bio_ctx *c;
	struct wait *w;

	if (block_op(opf) == OP_FLUSH) {
		flush_issued.update(&dev, &now);
		return;
	}
	if (opf & BIO_PREFLUSH)
		flush = flush_time(dev);
#pragma unroll
	for (int i = 0; i < 8; i++) {
		if (!bio)
			break;
		c = bios.lookup(&bio);
		w = c ? wait_of_bio(c) : 0;
		if (w && (c->wait_flags & (WAIT_F_ISSUED | WAIT_F_LEAF)) == WAIT_F_LEAF) {
			wait_step(w, now, flush);
			c->wait_flags |= WAIT_F_ISSUED;
			__sync_fetch_and_add(&w->issued, 1);
		}
		bio = (u64)KP((struct bio *)bio, bi_next);
	}
}

/* A wait that no system call ends: of a request of libaio, or of the bio itself. */
static __always_inline void lat_end(struct wait *w, struct bio_ctx *c, bool own, u64 now)
{
	struct lat_key k = {.actor = w->actor, .dev = w->dev, .op = w->op, .iface = IFACE_LIBAIO};

	if (w->fault) {
		/* a task that is awake did not wait: the bio was readahead */
		k.background = !wait_sleeps(w);
		k.iface = k.background ? IFACE_NONE : IFACE_MMAP;
	}
	if (own) {
		k.actor = lat_actor(c->part[0].actor);
		k.dev = c->dev;
		k.op = c->op;
		k.iface = IFACE_NONE;
		k.background = 1;
	}
	lat_account(w, &k, now, 1);
	w->enter_ns = 0;
}

int tp__iomap_dio_complete(void *ctx)
{
	u64 iocb = address_of(TP_ARG(ctx, 0));
	struct wait *w = wait_open(iocb);

	if (!w || !w->iomap)
		return 0;
	/* a read without a bio read a hole */
	if (w->op == OP_MAX)
		w->op = OP_READ;
	if ((s64)TP_ARG(ctx, 2) > 0)
		lat_end(w, 0, false, bpf_ktime_get_ns());
	w->enter_ns = 0;
	return 0;
}

/*
 * A bio of a wait has ended; `issue` 0: the time of its issue is not known. True: the wait
 * has ended with it.
 */
static __always_inline bool wait_done(struct wait *w, struct bio_ctx *c, u64 now, u64 issue)
{
	u32 flags = c->wait_flags;
	u64 at = now;

	/* of a long request, only its first bios were marked when it was handed over */
	if (issue && (flags & (WAIT_F_ISSUED | WAIT_F_LEAF)) == WAIT_F_LEAF)
		at = issue;
	/* a loop, so that the program contains the step once */
#pragma nounroll
	for (int i = 0; i < 2; i++) {
		wait_step(w, at, issue ? 0 : flush_time(c->dev));
		if (at == now)
			break;
		at = now;
		flags |= WAIT_F_ISSUED;
		__sync_fetch_and_add(&w->issued, 1);
	}
	if (flags & WAIT_F_ISSUED)
		__sync_fetch_and_add(&w->issued, -1);
	if (flags & WAIT_F_LEAF)
		__sync_fetch_and_add(&w->leaf, -1);
	if (!(flags & WAIT_F_OPEN))
		return false;
	__sync_fetch_and_add(&w->open, -1);
	w->ended = 1;
	return (flags & WAIT_F_OWN) || (w->actor && !w->iomap && !w->open);
}

/* A bio that nobody waits for: its time from queue to completion, for its owner. */
static __always_inline void lat_background(struct bio_ctx *c, u64 now, u64 issue)
{
	struct lat_key k = {.actor = lat_actor(c->part[0].actor), .dev = c->dev, .op = c->op, .background = 1};
	u64 queued = c->queued_ns;
	struct lat_val *v;

	if (!(c->flags & BIO_F_ORIGIN) || lat_hidden(k.actor) || now <= queued)
		return;
	v = lat_count(&k, now - queued, 1);
	if (!v)
		return;
	if (issue < queued || issue > now) {
		__sync_fetch_and_add(&v->part[PART_UNACCOUNTED], now - queued);
		return;
	}
	queued = issue - queued;
	UNKNOWN(queued);
	__sync_fetch_and_add(&v->part[PART_QUEUE], queued);
	__sync_fetch_and_add(&v->part[PART_DEVICE], now - issue);
}

/* A bio has ended: of a wait, of a stack of disks, or of neither. */
static __always_inline void bio_waited(struct bio_ctx *c, u64 now, u64 issue)
{
	struct wait *w = wait_of_bio(c);

	if (w) {
		if (wait_done(w, c, now, issue))
			lat_end(w, c, c->wait_flags & WAIT_F_OWN, now);
	} else if (!c->wait || !wait_carried(c, now, issue)) {
		lat_background(c, now, issue);
	}
}

/* A log write has ended: tasks may wait for it without a bio of their own. */
static __always_inline void log_ended(u64 bio, struct bio_ctx *c)
{
#if HAVE_BIO_BI_BDEV
	struct block_device *bdev = KP((struct bio *)bio, bi_bdev);
	u32 dev = KP(bdev, bd_dev);
#else
	u32 dev = c->dev;
#endif

	if (c->cls == CLASS_JOURNAL && (c->flags & BIO_F_ORIGIN))
		journal_ended(dev, 0);
}
#endif
