/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * block_parts - bios that are cut, end or change their disk after they were queued.
 * Hooks: block_split (front part cut off, not queued again), block_bio_complete
 * (only bios that did not end through a request), block_bio_remap (a bio goes
 * from one disk to another, or from a partition to its disk).
 */
/* Copies to a part what it has in common with its bio; the caller sets owners and flags. */
static __always_inline void bio_front(struct bio_ctx *fresh, struct bio_ctx *p, u64 sector,
				      u32 size)
{
	fresh->queued_ns = p->queued_ns;
	fresh->dev = p->dev;
	fresh->op = p->op;
	fresh->cls = p->cls;
	fresh->left = size;
	fresh->sector = sector;
	FILE_SET(fresh, FILE_OF(p));
#if EVENTS
	fresh->req = p->req;
	fresh->inode = p->inode;
	fresh->via_tid = p->via_tid;
	__builtin_memcpy(fresh->via_comm, p->via_comm, sizeof(fresh->via_comm));
#endif
}

/*
 * The front of a bio becomes a bio of its own, whose bi_private is the parent. It takes as
 * many bytes from the parent's owners, in order.
 */
int tp__block_split(void *ctx)
{
	struct bio *child = (struct bio *)TP_ARG(ctx, ARG_BLOCK_SPLIT);
	u64 key = (u64)child, parent = (u64)KR(child, bi_private);
	u32 size = KR(child, bi_iter.bi_size), take;
	struct bio_ctx *p = bios.lookup(&parent), *c = bios.lookup(&key);
	struct bio_ctx fresh = {};

	if (c && (c->flags & BIO_F_UPPER)) {
		upper_goes_on(child, c);
		return 0;
	}
	/* the bio of an upper disk keeps its owners: it ends as a whole */
	if (!p || (p->flags & BIO_F_UPPER))
		return 0;
	bio_front(&fresh, p, p->sector, size);
	fresh.flags = p->flags;
	p->sector += size >> 9;
#if LATENCY
	wait_inherit(&fresh, p, p->wait_flags & (WAIT_F_OPEN | WAIT_F_LEAF));
#endif
	if (bios.update(&key, &fresh)) {
		lose(LOSS_OWNER_EVICTED);
		return 0;
	}
	c = bios.lookup(&key);
	if (!c)
		return 0;
	p->left -= size;
#pragma nounroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j >= p->parts || !size)
			break;
		take = p->part[j].bytes < size ? p->part[j].bytes : size;
		if (!take)
			continue;
		p->part[j].bytes -= take;
		size -= take;
		part_add(c, p->part[j].actor, take);
	}
	return 0;
}

/* A disk without requests has completed this bio: counts what the disk's own counter adds. */
static __always_inline void upper_account(struct bio_ctx *c, u8 error)
{
	u64 ns = bpf_ktime_get_ns() - c->queued_ns;
	struct agg_key k = {};

	k.dev = c->dev;
	k.layer = LAYER_DEVICE;
	k.op = c->op;
	k.cls = c->cls;
	FILE_SET(&k, FILE_OF(c));
#pragma nounroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j >= c->parts)
			break;
		k.flags = (error ? KEY_ERROR : 0) | bio_below(c);
		key_owner(&k, c->part[INDEX(j, BIO_OWNERS)].actor);
		account(&k, j == 0, c->part[INDEX(j, BIO_OWNERS)].bytes, j ? 0 : ns, 0);
	}
}

static __always_inline int on_bio_complete(struct bio *bio)
{
	u64 key = (u64)bio;
	struct bio_ctx *c = bios.lookup(&key);

	if (!c)
		return 0;
	if (c->flags & BIO_F_UPPER) {
		upper_account(c, KR(bio, bi_status));
		upper_forget(bio, c);
#if LATENCY
		bio_waited(c, bpf_ktime_get_ns(), 0);
		log_ended(key, c);
#endif
	}
	/* nvme reports the bio of its head before the request of the path completes */
	if ((c->flags & BIO_F_WENT_ON) && !disk_is_upper(bio_disk(bio)))
		return 0;
	c->left = 0;	/* the entry may stay, see done_simple() */
	bios.delete(&key);
	return 0;
}

int tp__block_bio_complete(void *ctx)
{
	return on_bio_complete((struct bio *)TP_ARG(ctx, ARG_BIO_COMPLETE));
}

/*
 * Attached to the same hook: the kernel skips a program that it interrupted, and then this
 * program runs alone. Where both run, the first leaves nothing to do. Only disks without
 * requests need it.
 */
int again__block_bio_complete(void *ctx)
{
	if (config_get(CFG_STACKED) == STACKED_NONE)
		return 0;
	return on_bio_complete((struct bio *)TP_ARG(ctx, ARG_BIO_COMPLETE));
}

/* The front of a bio that an NVMe head cut is sent to a path, with the owners of that part. */
static __always_inline bool front_goes_on(struct bio *bio, struct remap *r)
{
	u64 key = (u64)bio, parent = (u64)KR(bio, bi_private);
	struct bio_ctx *p = bios.lookup(&parent), *c;
	struct bio_ctx fresh = {};

	if (!p || !(p->flags & BIO_F_UPPER) || p->dev != r->dev ||
	    (u64)KR(bio, bi_io_vec) != (u64)KP((struct bio *)parent, bi_io_vec))
		return false;
	bio_front(&fresh, p, r->sector, KR(bio, bi_iter.bi_size));
	fresh.flags = (p->flags & ~BIO_F_UPPER) | BIO_F_WENT_ON;
#if LATENCY
	wait_inherit(&fresh, p, WAIT_F_OPEN | WAIT_F_LEAF);
#endif
	if (bios.update(&key, &fresh)) {
		lose(LOSS_OWNER_EVICTED);
		return true;
	}
	c = bios.lookup(&key);
	if (c)
		stack_owners(c, p, r->sector, fresh.left);
	return true;
}

/*
 * A bio itself is sent to the disk below (from an NVMe head to a path): it is not queued again
 * and ends there. For the disk above it is complete, and so are the parts that were cut off.
 */
static __always_inline void bio_goes_on(struct bio *bio, struct bio_ctx *c)
{
	u32 size = KR(bio, bi_iter.bi_size), skip, cut;
	u8 origin = c->flags & BIO_F_ORIGIN;

	/* its time is counted at the disk below */
	c->flags = 0;
	upper_account(c, 0);
	upper_forget(bio, c);
	c->flags = origin | BIO_F_WENT_ON;
#if LATENCY
	wait_goes_on(c);
#endif
	skip = c->left > size ? c->left - size : 0;
	c->left -= skip;
	c->sector += skip >> 9;
#pragma nounroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j >= c->parts || !skip)
			break;
		cut = c->part[INDEX(j, BIO_OWNERS)].bytes;
		cut = cut < skip ? cut : skip;
		c->part[INDEX(j, BIO_OWNERS)].bytes -= cut;
		skip -= cut;
	}
}

int tp__block_bio_remap(void *ctx)
{
	struct bio *bio = (struct bio *)TP_ARG(ctx, ARG_BIO_REMAP);
	u64 key = (u64)bio, stacked = STACKED_DISKS;
	struct remap r = {};
	u32 slot = CFG_STACKED;
	struct bio_ctx *c;

	r.dev = TP_ARG(ctx, ARG_BIO_REMAP + 1);
	r.sector = TP_ARG(ctx, ARG_BIO_REMAP + 2);
	/* from the sector of the partition to that of the disk */
	if (device_of_bio(bio, r.dev) == r.dev)
		return 0;
	c = bios.lookup(&key);
	if (c) {
		if ((c->flags & BIO_F_UPPER) && c->dev == r.dev)
			bio_goes_on(bio, c);
#if LATENCY
		else if (!c->left)
			flush_goes_on(bio, c);
#endif
		return 0;
	}
	if (front_goes_on(bio, &r))
		return 0;
	remaps.update(&key, &r);
	if (config_get(CFG_STACKED) != stacked)
		config.update(&slot, &stacked);
	return 0;
}
