/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * stack - device mapper, md and their like: whose is a bio that a disk sends to
 * the disk below it. Its hook, block_bio_remap (a bio goes from one disk to
 * another, or from a partition to its disk; before it is queued there), is in
 * block_parts.bpf.c.
 *
 * A bio on an upper disk is an origin: counted at filesystem and block, and by
 * its own disk when it ends. What comes of it below has its owners and its class,
 * and counts at device alone. A clone shares the vector of pages with its origin;
 * a target with pages of its own (dm-crypt) says which sector it is for. Where
 * neither helps (RAID-5, metadata of dm) the owners of the upper disk share the
 * bytes.
 */
struct remap {
	u64 sector;	/* on the disk it comes from */
	u32 dev;
	u32 pad;
};
BPF_TABLE("lru_hash", u64, struct remap, remaps, 8192);		/* bio, not queued yet */
BPF_TABLE("lru_hash", struct remap, u64, upper_vecs, 16384);	/* disk, vector -> bio on that disk */
BPF_TABLE("lru_hash", struct remap, u64, upper_starts, 16384);	/* disk, sector -> the same */
BPF_TABLE("hash", u32, u32, holders, 1024);			/* disk -> pool of the one above it */
BPF_TABLE("hash", u32, u32, rq_holders, 256);			/* the same, of one that clones requests */

/* Takes bios as they are, without requests: what is above others, or is memory. */
static __always_inline bool disk_is_upper(struct gendisk *disk)
{
#if HAVE_BLOCK_DEVICE_OPERATIONS_SUBMIT_BIO
	const struct block_device_operations *fops = KP(disk, fops);

	return fops && KP(fops, submit_bio);
#else
	return false;
#endif
}

/* A bio is on an upper disk now: others will ask for it. */
static __always_inline void upper_note(struct bio *bio, struct bio_ctx *c)
{
	u64 key = (u64)bio, vec = (u64)KR(bio, bi_io_vec);
	struct remap at = {.sector = c->sector, .dev = c->dev};

	key = address_of(key);
	upper_starts.update(&at, &key);
	at.sector = address_of(vec);
	if (vec)
		upper_vecs.update(&at, &key);
}

/* dm takes the front off a bio and goes on with the rest, which begins elsewhere. */
static __always_inline void upper_goes_on(struct bio *bio, struct bio_ctx *c)
{
	struct remap at = {.sector = KR(bio, bi_iter.bi_sector), .dev = c->dev};
	u64 key = address_of((u64)bio);

	upper_starts.update(&at, &key);
}

static __always_inline void upper_forget(struct bio *bio, struct bio_ctx *c)
{
	u64 key = address_of((u64)bio), vec = (u64)KR(bio, bi_io_vec), *who;
	struct remap at = {.sector = c->sector, .dev = c->dev};

	who = upper_starts.lookup(&at);
	if (who && *who == key)
		upper_starts.delete(&at);
	at.sector = address_of(vec);
	who = upper_vecs.lookup(&at);
	if (who && *who == key)
		upper_vecs.delete(&at);
}

#define SOMEWHERE (~0ULL)	/* a remap without a sector: its driver does not say it */

/* Levels share a vector, so the disk above is a part of the question. */
static __always_inline u64 *upper_by_vec(struct bio *bio, u32 above)
{
	u64 vec = (u64)KR(bio, bi_io_vec);
	struct remap at = {.sector = address_of(vec), .dev = above};

	return vec ? upper_vecs.lookup(&at) : 0;
}

/* The bio on the upper disk that this one was made for; NULL: not known. */
static __always_inline struct bio_ctx *upper_of(struct bio *bio, u64 key, struct remap *r)
{
	u64 *who = upper_by_vec(bio, r->dev);
	struct remap at = *r;
	struct bio_ctx *u;

	if (!who || *who == key)
		who = upper_starts.lookup(&at);
	u = who && *who != key ? bios.lookup(who) : 0;
	/* a start that was left behind may lead to another bio */
	if (!u || u->dev != r->dev)
		return 0;
	return r->sector == SOMEWHERE || r->sector - u->sector < u->left >> 9 ? u : 0;
}

/* `size` bytes of the owners of `u`, from the sector `from` of its disk on. */
static __always_inline void stack_owners(struct bio_ctx *c, struct bio_ctx *u, u64 from, u32 size)
{
	u64 skip = from > u->sector ? (from - u->sector) << 9 : 0;
	u32 have, cut, take;

#pragma nounroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j >= u->parts || !size)
			break;
		have = u->part[j].bytes;
		cut = skip < have ? skip : have;
		skip -= cut;
		have -= cut;
		take = have < size ? have : size;
		if (!take)
			continue;
		size -= take;
		part_add(c, u->part[j].actor, take);
	}
	if (size)
		part_add(c, u->part[0].actor, size);
}

/* Owner of a bio below whose origin is not known. */
static __always_inline u32 stack_pool_of(struct bio_ctx *c, u32 kind, struct remap *r)
{
	u32 *holder = holders.lookup(&c->dev);

	if (kind == ENDIO_RESYNC)
		return ACTOR_BACKGROUND;
	if (r)
		return POOL_ID(POOL_STACK, POOL_DEV(r->dev));
	return holder ? *holder : ACTOR_BACKGROUND;
}

/* Read or written to bring copies and parity of an array together. */
static __always_inline bool raid5_syncs(struct bio *bio)
{
#if HAVE_STRIPE_HEAD_STATE
	u64 stripe = (u64)KR(bio, bi_private);

	return KP((struct stripe_head *)stripe, state) & (1 << 3);	/* STRIPE_SYNCING, 3.4 to 7.x */
#else
	return false;
#endif
}

static __always_inline u8 stack_class(u32 kind, struct remap *r)
{
	if (kind == ENDIO_RESYNC || kind == ENDIO_MD || (kind == ENDIO_RAID5 && (!r || !r->sector)))
		return CLASS_RAID;	/* parity has no sector of the array */
	return CLASS_DATA;		/* what it is a part of tells */
}

/* Which of the two a bio is; `r`: where it comes from, if that was said. */
static __always_inline bool is_lower(u32 kind, struct remap *r)
{
	return r || kind == ENDIO_CLONE || kind == ENDIO_RAID5 || kind == ENDIO_RESYNC ||
	       kind == ENDIO_MD;
}

/*
 * Whether a bio is of an upper disk's making, and which one's: `from`, whose
 * device is 0 where that is not known.
 */
static __always_inline bool from_above(struct bio *bio, u32 dev, u32 kind, struct remap *from)
{
	u64 key = (u64)bio;
	struct remap *r = remaps.lookup(&key);
	u32 *holder;

	if (r) {
		*from = *r;
		return true;
	}
	holder = holders.lookup(&dev);
	if (!holder)
		return is_lower(kind, 0);
	/* a driver that does not say what it makes of a bio (bcache) has clones all the same */
	from->dev = DEV_OF_POOL(*holder);
	from->sector = SOMEWHERE;
	if (upper_by_vec(bio, from->dev))
		return true;
	from->dev = 0;
	/* or of dm's own threads: its metadata, its copies */
	return is_lower(kind, 0) || (!kind && on_kthread());
}

/* A bio of an upper disk's making is queued. */
static __always_inline void on_lower(struct bio *bio, struct bio_ctx *fresh, u32 size, u32 kind,
				     bool upper)
{
	u64 key = (u64)bio;
	struct remap from = {}, *r;
	struct bio_ctx *u = 0, *c;

	from_above(bio, fresh->dev, kind, &from);
	r = from.dev ? &from : 0;
	if (kind == ENDIO_RAID5 && raid5_syncs(bio))
		kind = ENDIO_RESYNC;
	fresh->cls = stack_class(kind, r);
	if (fresh->cls != CLASS_RAID && r)
		u = upper_of(bio, address_of(key), r);
	fresh->flags = upper ? BIO_F_UPPER : 0;
	if (u) {
		fresh->cls = u->cls;
		FILE_SET(fresh, FILE_OF(u));
#if LATENCY
		wait_inherit(fresh, u, upper || rq_uppers.lookup(&fresh->dev) ? 0 : WAIT_F_LEAF);
#endif
#if EVENTS
		fresh->req = u->req;
		fresh->inode = u->inode;
#endif
	} else {
		fresh->part[0].actor = stack_pool_of(fresh, kind, r);
		fresh->part[0].bytes = size;
		fresh->parts = 1;
	}
	if (bios.update(&key, fresh)) {
		lose(LOSS_OWNER_EVICTED);
		return;
	}
	c = bios.lookup(&key);
	if (c && u)
		stack_owners(c, u, r && r->sector != SOMEWHERE ? r->sector : 0, size);
	if (upper)
		upper_note(bio, fresh);
	remaps.delete(&key);
}

/* A flush that an upper disk passes on was counted there; it has that one's cause. */
static __always_inline bool flush_is_passed_on(u64 key, u32 kind, u32 *actor)
{
	struct remap *r = remaps.lookup(&key);
	u32 dev, *who;

	if (!is_lower(kind, r))
		return false;
	if (r) {
		dev = r->dev;
		who = last_flush.lookup(&dev);
		if (who)
			*actor = *who;
	}
	return true;
}

#if LATENCY
/* A flush is passed on by the disk above: who waits for that one's waits for it. */
static __always_inline void flush_inherit(u64 bio, struct bio_ctx *c, bool upper)
{
	struct remap *r = remaps.lookup(&bio);
	u32 dev = c->dev, *holder = holders.lookup(&dev);
	struct bio_ctx *from;
	u64 key, *above;

	dev = r ? r->dev : holder ? DEV_OF_POOL(*holder) : 0;
	above = dev ? flush_bios.lookup(&dev) : 0;
	if (!above)
		return;
	key = *above;
	from = bios.lookup(&key);
	dev = c->dev;
	if (from)
		wait_inherit(c, from, upper || rq_uppers.lookup(&dev) ? 0 : WAIT_F_LEAF);
	if (upper && c->wait)
		flush_bios.update(&dev, &bio);
}

/* The same for an empty flush, down an NVMe path. */
static __always_inline void flush_goes_on(struct bio *bio, struct bio_ctx *c)
{
	struct gendisk *disk = bio_disk(bio);

	c->dev = disk_dev(disk);
	if (!disk_is_upper(disk))
		wait_goes_on(c);
}
#endif
