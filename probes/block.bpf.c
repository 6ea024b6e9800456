/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * block - bios as file systems hand them over: class and owners are fixed here.
 * Hooks: block_bio_queue (once per bio that enters a queue, in the submitter),
 * block_split (front part cut off, not queued again), block_bio_complete
 * (only bios that did not end through a request).
 */
BPF_TABLE("hash", u64, u32, endios, 256);		/* completion function -> enum endio */
BPF_TABLE("hash", u64, struct bio_ctx, bios, BIO_ENTRIES);
BPF_TABLE("hash", u32, u32, last_flush, 1024);		/* disk -> who asked for a flush last */

#define REQ_OP_BITS	0xff
#define BIO_META	(1u << __REQ_META)
#define BIO_PREFLUSH	(1u << __REQ_PREFLUSH)

/* Operation of a bio or request; OP_MAX: passthrough or zone management, not ours. */
static __always_inline u8 block_op(u32 opf)
{
	u32 op = opf & REQ_OP_BITS;

	if (op == 1 || op == REQ_OP_ZONE_APPEND)	/* 13 or 21 until 5.19, now 7 */
		return OP_WRITE;
	switch (op) {
	case 0:
		return OP_READ;
	case 2:
		return OP_FLUSH;
	case 3:
	case 5:
		return OP_DISCARD;
	case 7:		/* WRITE_SAME until 5.17 */
	case 9:
		return OP_ZEROES;
	}
	return OP_MAX;
}

static __always_inline u32 endio_of(u64 addr)
{
	u32 *kind = endios.lookup(&addr);

	return kind ? *kind : ENDIO_UNKNOWN;
}

/* What a bio is for, as far as its completion function tells. */
static __always_inline u32 bio_kind(struct bio *bio)
{
	u32 kind = endio_of((u64)KR(bio, bi_end_io));

	if (kind == ENDIO_BH) {
		u32 inner = endio_of(bh_end_io(bio));

		return inner ? inner : ENDIO_BH_WRITE;
	}
	return kind;
}

static __always_inline u64 head_folio(struct bio *bio)
{
	u64 vec = (u64)KR(bio, bi_io_vec);
	u32 idx = KR(bio, bi_iter.bi_idx);

	if (!vec)
		return 0;
	return page_head((u64)KP((struct bio_vec *)vec + idx, bv_page));
}

/* Inode a page-cache folio belongs to; 0 for anonymous and foreign memory. */
static __always_inline u64 folio_host(u64 folio)
{
	u64 mapping = (u64)KP((struct page *)folio, mapping);

	if (!mapping || (mapping & 3))
		return 0;
	return (u64)KP((struct address_space *)mapping, host);
}

/* Class of page-cache pages of this inode. */
static __always_inline u8 host_class(u64 host)
{
	struct inode *inode = (struct inode *)host;
	u32 mode, rdev;

	if (!host)
		return CLASS_OTHER;
	mode = KP(inode, i_mode) & MODE_FMT;
	if (mode == MODE_REG)
		return CLASS_DATA;
	if (mode != MODE_BLK)
		return CLASS_METADATA;	/* directories, links, btrfs' tree inode */
	rdev = KP(inode, i_rdev);
	return mounts.lookup(&rdev) ? CLASS_METADATA : CLASS_DATA;
}

/* Adds bytes to an owner of the bio. */
static __always_inline void part_add(struct bio_ctx *c, u32 actor, u32 bytes)
{
	u32 n = c->parts;

	/* unrolled: 6.1's verifier loses the bounds of a running pointer */
#pragma unroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j < n && c->part[j].actor == actor) {
			c->part[j].bytes += bytes;
			return;
		}
	}
	if (n < BIO_OWNERS) {
		struct bio_part *part = &c->part[INDEX(n, BIO_OWNERS)];

		part->actor = actor;
		part->bytes = bytes;
		c->parts = n + 1;
		return;
	}
	lose(LOSS_OWNER_EVICTED);
	c->part[BIO_OWNERS - 1].bytes += bytes;
}

/* A stretch of one owner; false when all slots are used. */
static __always_inline bool run_add(struct walk_cursor *w, u32 actor, u8 cls, u32 bytes)
{
	u32 n = w->runs;
	struct walk_run *last = &w->run[INDEX(n - 1, WALK_RUNS)];

	if (n && last->actor == actor && last->cls == cls) {
		last->bytes += bytes;
		return true;
	}
	w->runs = n + 1;
	last = &w->run[INDEX(n, WALK_RUNS)];
	last->actor = actor;
	last->cls = cls;
	last->bytes = bytes;
	return n + 1 < WALK_RUNS;
}

/*
 * The smaller of two, without a branch: each branch in a loop doubles what the
 * verifier follows, and with that the time of the start.
 */
static __always_inline u32 min_flat(u32 a, u32 b)
{
	s64 d = (s64)(u64)a - (s64)(u64)b;

	return b + (u32)(d & (d >> 63));
}

/* Walks pages in order, each folio once, until WALK_STEPS or the runs are used up. */
static __always_inline void bio_walk(u64 vec, struct walk_cursor *w)
{
	u64 head, addr;
	u32 n, in, off;
	struct bio_vec v;

#pragma nounroll
	for (int i = 0; i < WALK_STEPS; i++) {
		if (!w->size)
			break;
		if (!w->left) {
			bpf_probe_read_kernel(&v, sizeof(v), (void *)(vec + (u64)w->idx * sizeof(v)));
			off = v.bv_offset + w->skip;
			w->idx++;
			w->left = v.bv_len - w->skip;
			w->skip = 0;
			w->addr = (u64)v.bv_page + (u64)(off / PAGE_BYTES) * sizeof(struct page);
			w->off = off & (PAGE_BYTES - 1);
		}
		addr = w->addr;
		off = w->off;
		head = page_head(addr);
		in = (u32)((addr - head) / sizeof(struct page)) * PAGE_BYTES + off;
		n = min_flat(min_flat(folio_bytes(head) - in, w->left), w->size);
		if (!n)
			break;
		w->addr = addr + (u64)((off + n) / PAGE_BYTES) * sizeof(struct page);
		w->off = (off + n) & (PAGE_BYTES - 1);
		w->left -= n;
		w->size -= n;
		if (!run_add(w, owner_take(head, w->inode, n, w->fallback), 0, n))
			break;
	}
}

/* Moves the runs found so far to the owners of the bio. */
static __always_inline void bio_runs(struct bio_ctx *c, struct walk_cursor *w)
{
#pragma nounroll
	for (int i = 0; i < WALK_RUNS; i++) {
		if (i >= w->runs)
			break;
		part_add(c, w->run[i].actor, w->run[i].bytes);
	}
	w->runs = 0;
}

/* A kernel thread that sends O_DIRECT I/O down works for the file: a loop device's. */
static __always_inline u32 direct_cause(struct bio *bio, u32 actor)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct kiocb *iocb;
	struct file *file;
	struct inode *inode;
	struct super_block *sb;
	struct inode_key k = {};
	u32 *pool;

	if (!on_kthread())
		return actor;
	/* struct iomap_dio begins with its kiocb, 4.20 to 7.x */
	iocb = (struct kiocb *)KPTR((u64 *)KR(bio, bi_private));
	file = KP(iocb, ki_filp);
	inode = KP(file, f_inode);
	sb = KP(inode, i_sb);
	k.ino = KP(inode, i_ino);
	k.dev = KP(sb, s_dev);
	pool = stack_inodes.lookup(&k);
	if (!pool)
		return actor;
	actor = *pool;
	kctx.update(&tid, &actor);	/* its changes of the file's metadata, too */
	return actor;
}

/* Device a bio was sent to, partitions as they are; for "is a file system on it". */
static __always_inline bool bio_raw(struct bio *bio, u32 disk)
{
#if HAVE_BIO_BI_BDEV
	struct block_device *bdev = KR(bio, bi_bdev);
	u32 dev = bdev ? KR(bdev, bd_dev) : disk;
#else
	u32 dev = disk;
#endif
	return !mounts.lookup(&dev);
}

/* Class and owners of a bio that carries bytes. True: its pages are to be walked. */
static __always_inline bool bio_classify(struct bio *bio, struct bio_ctx *c, u32 kind, u32 opf,
					 u64 *host_out, u32 *who)
{
	u32 actor = *who;
	u64 host = 0;
	bool walk = false;

	c->cls = CLASS_DATA;
	switch (kind) {
	case ENDIO_DATA_READ:
	case ENDIO_BH_READ:
		host = folio_host(head_folio(bio));
		c->cls = host_class(host);
		break;
	case ENDIO_DATA_WRITE:
	case ENDIO_BH_WRITE:
	case ENDIO_BH_SYNC_WRITE:
	case ENDIO_BTRFS:
		host = folio_host(head_folio(bio));
		c->cls = host_class(host);
		walk = c->op == OP_WRITE && host;
		break;
	case ENDIO_DIRECT:
		actor = direct_cause(bio, actor);
		break;
	case ENDIO_BH_JOURNAL:
	case ENDIO_LOG:
		c->cls = CLASS_JOURNAL;
		break;
	case ENDIO_METADATA:
	case ENDIO_SUPER:
		c->cls = CLASS_METADATA;
		break;
	case ENDIO_SWAP:
		c->cls = CLASS_SWAP;
		break;
	case ENDIO_SYNC:
		/* one O_DIRECT call on a raw device; else a file system's own block */
		c->cls = opf & BIO_META ? CLASS_METADATA :
			 bio_raw(bio, c->dev) ? CLASS_DATA : CLASS_OTHER;
		break;
	case ENDIO_CLONE:
		c->flags = 0;
		break;
	default:
		host = folio_host(head_folio(bio));
		c->cls = host ? host_class(host) : opf & BIO_META ? CLASS_METADATA : CLASS_OTHER;
		walk = c->op == OP_WRITE && host;
	}
#if EVENTS
	if (host && c->cls == CLASS_DATA)
		c->inode = KP((struct inode *)host, i_ino);
#endif
	*host_out = host;
	*who = actor;
	return walk;
}

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

/* Buffered reads fill the page cache; direct I/O passes it by. False: neither. */
static __always_inline bool cache_key(struct agg_key *k, struct bio_ctx *c, u32 actor, u32 kind)
{
	if (c->cls != CLASS_DATA || !(c->flags & BIO_F_ORIGIN))
		return false;
	if (kind == ENDIO_DIRECT || kind == ENDIO_SYNC)
		k->op = c->op == OP_READ ? CACHE_DIRECT_READ : CACHE_DIRECT_WRITE;
	else if (c->op == OP_READ)
		k->op = CACHE_FILL;
	else
		return false;
	k->actor = actor;
	k->dev = c->dev;
	k->cls = 0;
	k->layer = LAYER_CACHE;
	return true;
}

/*
 * Key of one owner's bytes at the block layer (the file system's figures follow
 * from the class). False: counted at the disk above already.
 */
static __always_inline bool part_key(struct agg_key *k, struct bio_ctx *c, struct bio_part *part)
{
	if ((part->actor & ACTOR_POOL) && POOL_KIND(part->actor) == POOL_STACK)
		c->flags &= ~BIO_F_ORIGIN;
	if (!(c->flags & BIO_F_ORIGIN))
		return false;
	k->actor = part->actor;
	k->dev = c->dev;
	k->layer = LAYER_BLOCK;
	k->op = c->op;
	k->cls = c->cls;
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

/* A flush: an operation without bytes. */
static __always_inline void flush_key(struct agg_key *k, u32 dev, u32 actor)
{
	k->actor = actor;
	k->dev = dev;
	k->layer = LAYER_BLOCK;
	k->op = OP_FLUSH;
	k->cls = CLASS_OTHER;
#if EVENTS
	struct event_args ev = {};

	ev.layer = LAYER_BLOCK;
	ev.op = OP_FLUSH;
	ev.cls = CLASS_OTHER;
	ev.actor = actor;
	ev.dev = dev;
	ev.fd = -1;
	ev.lat_ns = ~0ULL;
	emit(&ev);
#endif
}

/* All zero: what a new cursor is copied from (it does not fit on the stack). */
BPF_TABLE("percpu_array", u32, struct walk_cursor, cursor_zero, 1);
BPF_TABLE("hash", u64, struct walk_cursor, bio_cursors, 1024);
BPF_PROG_ARRAY(bio_more, 1);

static __always_inline struct walk_cursor *bio_cursor(struct bio *bio, u64 host, u32 size,
						      u32 fallback)
{
	u64 key = (u64)bio;
	u32 slot = 0;
	struct walk_cursor *w = cursor_zero.lookup(&slot);

	if (!w || bio_cursors.update(&key, w))
		return 0;
	w = bio_cursors.lookup(&key);
	if (!w)
		return 0;
	w->inode = host;
	w->idx = KR(bio, bi_iter.bi_idx);
	w->skip = KR(bio, bi_iter.bi_bvec_done);
	w->size = size;
	w->fallback = fallback;
	return w;
}

static __always_inline void bio_issuer(struct bio *bio, struct bio_ctx *c)
{
#if EVENTS
	c->sector = KR(bio, bi_iter.bi_sector);
	c->req = req_here();
	if (!c->req)
		c->req = req_new();
	c->via_tid = bpf_get_current_pid_tgid();
	bpf_get_current_comm(c->via_comm, sizeof(c->via_comm));
#endif
}

/*
 * Counts a bio: its flush, its bytes (of one owner), what it does to the cache.
 * A loop over the three, so that the counting stands once in the program.
 */
static __always_inline void bio_count(struct bio_ctx *c, u32 actor, u32 size, bool flush, u32 kind)
{
	struct agg_key k = {};
	bool due;

#pragma nounroll
	for (int i = 0; i < 3; i++) {
		if (i == 0) {
			due = flush && !((actor & ACTOR_POOL) && POOL_KIND(actor) == POOL_STACK);
			if (due)
				flush_key(&k, c->dev, actor);
		} else if (i == 1) {
			due = size && part_key(&k, c, &c->part[0]);
		} else {
			due = size && cache_key(&k, c, actor, kind);
		}
		if (due)
			account(&k, 1, i ? size : 0, 0, 0);
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

	c.op = block_op(opf);
	if (c.op == OP_MAX)
		return;
	c.dev = disk_dev(bio_disk(bio));
	actor = actor_cause();
	if (flush)
		last_flush.update(&c.dev, &actor);
	c.queued_ns = bpf_ktime_get_ns();
	c.left = size;
	c.flags = BIO_F_ORIGIN;
	c.cls = CLASS_OTHER;
	if (size) {
		bio_issuer(bio, &c);
		kind = bio_kind(bio);
		if (c.op == OP_READ || c.op == OP_WRITE)
			walk = bio_classify(bio, &c, kind, opf, &host, &actor);
	}
	c.part[0].actor = actor;
	c.part[0].bytes = size;
	c.parts = !walk;
	/* the owners of pages are counted when they are known */
	bio_count(&c, actor, walk ? 0 : size, flush, kind);
	if (!size)
		return;
	if (walk)
		c.part[0].bytes = 0;
	if (bios.update(&key, &c)) {
		lose(LOSS_OWNER_EVICTED);
		return;
	}
	/* A buffer written alone leaves its page dirty: no event tells when it is dirtied again. */
	if (walk && bio_cursor(bio, host, size,
			       kind == ENDIO_BH_SYNC_WRITE ? actor : ACTOR_BACKGROUND))
		bio_more.call(ctx, 0);
}

int tp__block_bio_queue(void *ctx)
{
	on_bio_queue(ctx, (struct bio *)TP_ARG(ctx, ARG_BIO_QUEUE));
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
		/* over 33 tail calls: the rest goes with the owner seen last */
		lose(LOSS_OWNER_EVICTED);
		part_add(c, w->run[0].actor, w->size);
	}
	bio_account(c);
	bio_cursors.delete(&key);
	return 0;
}

/*
 * The front of a bio becomes one of its own (its bi_private is the parent) and
 * takes that many bytes of the parent's owners with it, in order.
 */
int tp__block_split(void *ctx)
{
	struct bio *child = (struct bio *)TP_ARG(ctx, ARG_BLOCK_SPLIT);
	u64 key = (u64)child, parent = (u64)KR(child, bi_private);
	u32 size = KR(child, bi_iter.bi_size), take;
	struct bio_ctx *p = bios.lookup(&parent), *c;
	struct bio_ctx fresh = {};

	if (!p)
		return 0;
	fresh.queued_ns = p->queued_ns;
	fresh.dev = p->dev;
	fresh.op = p->op;
	fresh.cls = p->cls;
	fresh.flags = p->flags;
	fresh.left = size;
#if EVENTS
	fresh.req = p->req;
	fresh.inode = p->inode;
	fresh.sector = p->sector;
	fresh.via_tid = p->via_tid;
	__builtin_memcpy(fresh.via_comm, p->via_comm, sizeof(fresh.via_comm));
	p->sector += size >> 9;
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

int tp__block_bio_complete(void *ctx)
{
	u64 key = TP_ARG(ctx, ARG_BIO_COMPLETE);

	bios.delete(&key);
	return 0;
}
