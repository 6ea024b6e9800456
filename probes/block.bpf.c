/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * block - bios as file systems hand them over: class and owners are fixed here.
 * Hook: block_bio_queue (once per bio that enters a queue, in the submitter).
 */
static __always_inline void bio_event(struct bio_ctx *c, u32 actor, u32 bytes, u8 layer, u64 lat)
{
#if EVENTS
	struct event_args ev = {};

	ev.layer = layer;
	ev.op = c->op;
	ev.cls = c->cls;
	ev.actor = actor;
	ev.dev = c->dev;
	ev.fd = -1;
	ev.size = bytes;
	ev.offset = c->sector << 9;
	ev.lat_ns = lat;
	ev.req = c->req;
	ev.inode = c->inode;
	ev.bio = c;
	emit(&ev);
#endif
}

/* Buffered reads fill the page cache; direct I/O bypasses it. False: neither. */
static __always_inline bool cache_key(struct agg_key *k, struct bio_ctx *c, u32 actor, u32 kind)
{
	if (c->cls != CLASS_DATA || !(c->flags & BIO_F_ORIGIN))
		return false;
	if (kind == ENDIO_DIRECT || kind == ENDIO_SYNC)
		k->op = c->op == OP_READ ? CACHE_DIRECT_READ : CACHE_DIRECT_WRITE;
	else if (c->op == OP_READ)
		k->op = CACHE_FILL;
	else if (kind == ENDIO_BTRFS || kind == ENDIO_BTRFS_COPY)
		k->op = CACHE_REPLACED;
	else
		return false;
	k->layer = LAYER_CACHE;
	key_owner(k, actor);
	k->dev = c->dev;
	FILE_SET(k, FILE_OF(c));
	k->cls = 0;
	return true;
}

/*
 * Key of one owner's bytes at the block layer (the file system's figures follow
 * from the class). False: the bytes were counted at the disk above.
 */
static __always_inline bool part_key(struct agg_key *k, struct bio_ctx *c, struct bio_part *part)
{
	if ((part->actor & ACTOR_POOL) && POOL_KIND(part->actor) == POOL_STACK)
		c->flags &= ~BIO_F_ORIGIN;
	if (!(c->flags & BIO_F_ORIGIN))
		return false;
	k->layer = LAYER_BLOCK;
	key_owner(k, part->actor);
	k->dev = c->dev;
	k->op = c->op;
	k->cls = c->cls;
	FILE_SET(k, FILE_OF(c));
	return true;
}

static __always_inline void part_account(struct bio_ctx *c, u32 j)
{
	struct bio_part *part = &c->part[INDEX(j, BIO_OWNERS)];
	struct agg_key k = {};

	if (!part_key(&k, c, part))
		return;
	account(&k, j == 0, part->bytes, 0, 0);
	bio_event(c, part->actor, part->bytes, LAYER_FILESYSTEM, ~0ULL);
}

static __always_inline void bio_account(struct bio_ctx *c)
{
#pragma nounroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j >= c->parts)
			break;
		part_account(c, j);
	}
}

static __always_inline void flush_event(u8 layer, u32 dev, u32 actor, u64 lat)
{
#if EVENTS
	struct event_args ev = {};

	ev.layer = layer;
	ev.op = OP_FLUSH;
	ev.cls = CLASS_OTHER;
	ev.actor = actor;
	ev.dev = dev;
	ev.fd = -1;
	ev.lat_ns = lat;
	emit(&ev);
#endif
}

/* A flush: an operation without bytes. */
static __always_inline void flush_key(struct agg_key *k, u32 dev, u32 actor)
{
	k->actor = actor;
	k->dev = dev;
	k->layer = LAYER_BLOCK;
	k->op = OP_FLUSH;
	k->cls = CLASS_OTHER;
	flush_event(LAYER_BLOCK, dev, actor, ~0ULL);
}

/* All zero: new cursors are copied from it, because a cursor does not fit on the stack. */
BPF_TABLE("percpu_array", u32, struct walk_cursor, cursor_zero, 1);
BPF_TABLE("hash", u64, struct walk_cursor, bio_cursors, 1024);
BPF_PROG_ARRAY(bio_more, 1);
BPF_PROG_ARRAY(bio_lower, 1);
BPF_PROG_ARRAY(bio_freed, 1);

static __always_inline struct walk_cursor *bio_cursor(struct bio *bio, u64 host, u32 size,
						      u32 fallback, u32 kind)
{
	u64 key = (u64)bio;
	u32 slot = 0;
	struct walk_cursor *w = cursor_zero.lookup(&slot);
	struct inode_owner *last;

	if (!w || bio_cursors.update(&key, w))
		return 0;
	w = bio_cursors.lookup(&key);
	if (!w)
		return 0;
	w->inode = host;
	w->idx = KR(bio, bi_iter.bi_idx);
	w->skip = bio_skip(bio);
	w->size = size;
	w->fallback = fallback;
	w->copy = kind == ENDIO_BTRFS_COPY;
	last = inodes.lookup(&host);
	w->orders = last ? last->orders : 0;
	w->at = 1;
	w->missed = ~0u;
	w->bounced = kind == ENDIO_DATA_WRITE && bounced_from(head_folio(bio));
	return w;
}

static __always_inline void bio_issuer(struct bio *bio, struct bio_ctx *c)
{
	c->sector = KR(bio, bi_iter.bi_sector);
#if EVENTS
	c->req = req_here();
	if (!c->req)
		c->req = req_new();
	c->via_tid = tid_here();
	bpf_get_current_comm(c->via_comm, sizeof(c->via_comm));
#endif
}

/* Pages that are read outside a reading call: page faults of a mapping, an exec. */
static __always_inline bool fault_key(struct agg_key *k)
{
	if (k->layer != LAYER_CACHE || k->op != CACHE_FILL || k->actor < ACTOR_OUTSIDE || on_kthread() ||
	    (call_bits_here() & SYS_FILLS))
		return false;
	k->layer = LAYER_APPLICATION;
	k->op = OP_READ;
	k->cls = IFACE_MMAP;
	return true;
}

/*
 * A bio is queued while an entry of this address exists: the end of the earlier bio was not
 * seen (the kernel skips a program that it interrupted), but its disk counted it. The
 * earlier bio is counted now, for its first owner only.
 */
static __always_inline bool missed_key(struct agg_key *k, struct bio_ctx *old, u32 *bytes)
{
	if (!old || !old->left)
		return false;
	*bytes = old->left;
	k->layer = LAYER_DEVICE;
	k->flags = bio_below(old);
	key_owner(k, old->part[0].actor);
	k->dev = old->dev;
	k->op = old->op;
	k->cls = old->cls;
	FILE_SET(k, FILE_OF(old));
	return true;
}

/*
 * Counts an earlier bio of the same address that was missed, then this bio: its flush, its
 * bytes (of one owner), its effect on the cache, and reads by a page fault. A loop over
 * these, so that the program contains the counting once.
 */
static __always_inline void bio_count(struct bio_ctx *c, u32 actor, u32 size, bool flush, u32 kind,
				      struct bio_ctx *old)
{
	struct agg_key k = {};
	bool due = false;
	u32 bytes = 0;

#pragma nounroll
	for (int i = -1; i < 4; i++) {
		if (i < 0) {
			due = missed_key(&k, old, &bytes);
		} else if (i == 0) {
			bytes = 0;
			k.flags = 0;
			FILE_SET(&k, 0);
			due = flush && !((actor & ACTOR_POOL) && POOL_KIND(actor) == POOL_STACK);
			if (due)
				flush_key(&k, c->dev, actor);
		} else if (i == 1) {
			bytes = size;
			due = size && part_key(&k, c, &c->part[0]);
		} else if (i == 2) {
			due = size && cache_key(&k, c, actor, kind);
		} else {
			due = due && fault_key(&k);
		}
		if (due)
			account(&k, 1, bytes, 0, 0);
	}
	if (size && (c->flags & BIO_F_ORIGIN))
		bio_event(c, actor, size, LAYER_FILESYSTEM, ~0ULL);
}

static __always_inline void on_bio_queue(void *ctx, struct bio *bio)
{
	u32 opf = KR(bio, bi_opf), size = KR(bio, bi_iter.bi_size);
	u64 key = (u64)bio, host = 0;
	bool flush = opf & BIO_PREFLUSH, walk = false;
	struct bio_ctx c = {};
	u32 actor, kind = 0;
	u32 stacked = config_get(CFG_STACKED);
	bool upper = false;
	struct gendisk *disk = bio_disk(bio);
	struct remap from = {};

	c.op = block_op(opf);
	if (c.op == OP_MAX)
		return;
	c.dev = disk_dev(disk);
	actor = actor_cause();
	c.queued_ns = bpf_ktime_get_ns();
	c.left = size;
	c.flags = BIO_F_ORIGIN;
	c.cls = CLASS_OTHER;
	if (size || stacked)
		kind = bio_kind(bio);
	kind = forget(kind);
	if (flush) {
		if (stacked == STACKED_DISKS && flush_is_passed_on(key, kind, &actor))
			flush = false;
		last_flush.update(&c.dev, &actor);
	}
	if (size) {
		bio_issuer(bio, &c);
		if (stacked) {
			if (stacked == STACKED_DISKS && from_above(bio, c.dev, kind, &from)) {
				bio_lower.call(ctx, 0);
				lose(LOSS_OWNER_EVICTED);
				return;
			}
			upper = disk_is_upper(disk);
			if (upper)
				c.flags |= BIO_F_UPPER;
		}
		if (c.op == OP_READ || c.op == OP_WRITE)
			walk = bio_classify(bio, &c, &kind, opf, &host, &actor);
		else if (c.op == OP_DISCARD)
			walk = discard_is_of_freed(bio, c.dev);
		if (!active()) {
			actor = ACTOR_BEFORE;
			walk = false;
		}
	}
	kind = forget(kind);
	c.cls = forget(c.cls);
	c.op = forget(c.op);
	walk = forget(walk);
	c.part[0].actor = actor;
	c.part[0].bytes = size;
	c.parts = !walk;
	/* the walk finds the owners of pages; they are counted after it */
	bio_count(&c, actor, walk ? 0 : size, flush, kind, size ? bios.lookup(&key) : 0);
#if LATENCY
	if (!size) {
		c.parts = 0;
		upper = disk_is_upper(disk);
	}
	if (size || flush)
		wait_queue(bio, &c, kind, upper);
	else if (opf & BIO_PREFLUSH)
		flush_inherit(key, &c, upper);
	if (!size && c.wait)
		bios.update(&key, &c);
#endif
	if (!size)
		return;
	if (walk)
		c.part[0].bytes = 0;
	if (bios.update(&key, &c)) {
		lose(LOSS_OWNER_EVICTED);
		return;
	}
	if (upper)
		upper_note(bio, &c);
	if (!walk)
		return;
	if (c.op == OP_DISCARD)
		bio_freed.call(ctx, 0);
	/* A buffer written alone leaves its page dirty: no event tells when it is dirtied again. */
	if (bio_cursor(bio, host, size, kind == ENDIO_BH_SYNC_WRITE ? actor :
		       c.cls == CLASS_DATA ? ACTOR_BEFORE : ACTOR_BACKGROUND, kind))
		bio_more.call(ctx, 0);
	lose(LOSS_OWNER_EVICTED);	/* no room for the cursor: the bytes have no owner */
}

int tp__block_bio_queue(void *ctx)
{
	on_bio_queue(ctx, (struct bio *)TP_ARG(ctx, ARG_BIO_QUEUE));
	return 0;
}

/* block_bio_queue for a bio that comes from the disk above. */
int more__block_bio_lower(void *ctx)
{
	struct bio *bio = (struct bio *)TP_ARG(ctx, ARG_BIO_QUEUE);
	struct gendisk *disk = bio_disk(bio);
	struct bio_ctx c = {};

	c.op = block_op(KR(bio, bi_opf));
	c.dev = disk_dev(disk);
	c.queued_ns = bpf_ktime_get_ns();
	c.left = KR(bio, bi_iter.bi_size);
	bio_issuer(bio, &c);
	on_lower(bio, &c, c.left, bio_kind(bio), disk_is_upper(disk));
	return 0;
}

/* The walk of block_bio_queue; calls itself until all pages are seen. */
int more__block_bio_queue(void *ctx)
{
	struct bio *bio = (struct bio *)TP_ARG(ctx, ARG_BIO_QUEUE);
	u64 key = (u64)bio;
	struct walk_cursor *w = bio_cursors.lookup(&key);
	struct bio_ctx *c = bios.lookup(&key);

	if (!w || !c)
		return 0;
	bio_walk((u64)KR(bio, bi_io_vec), w);
	bio_runs(c, w);
	if (w->size) {
		bio_more.call(ctx, 0);
		/* over 33 tail calls: the rest is counted for the owner seen last */
		lose(LOSS_OWNER_EVICTED);
		part_add(c, w->run[0].actor, w->size);
	}
	bio_account(c);
	bio_cursors.delete(&key);
	return 0;
}

/* block_bio_queue for a discard of blocks that were freed. */
int more__block_bio_freed(void *ctx)
{
	struct bio *bio = (struct bio *)TP_ARG(ctx, ARG_BIO_QUEUE);
	u64 key = (u64)bio;
	struct bio_ctx *c = bios.lookup(&key);

	if (!c)
		return 0;
	discard_owners(bio, c);
	bio_account(c);
	return 0;
}
