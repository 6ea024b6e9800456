/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * bio - what a bio is for and whose it is: its operation, its class by the
 * completion function and the pages, its owners by a walk over the pages;
 * block.bpf.c asks when a bio is queued. Hook: iomap_dio_rw_begin (an O_DIRECT
 * call begins, in the caller).
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

/*
 * Encrypted data (fscrypt) is written from pages of nobody, whose `private` is the page of the
 * cache that they are a copy of (5.10 to 7.3). 0: this is no such page.
 */
static __always_inline u64 bounced_from(u64 page)
{
	if (KP((struct page *)page, mapping))
		return 0;
	return page_head(KP((struct page *)page, private));
}

/* Memory of a program. */
static __always_inline bool folio_is_foreign(u64 folio)
{
	return (u64)KP((struct page *)folio, mapping) & 3;
}

/* Class of page-cache pages of this inode. */
static __always_inline u8 host_class(u64 host)
{
	struct inode *inode = (struct inode *)host;
	u32 mode;

	if (!host)
		return CLASS_OTHER;
	mode = KP(inode, i_mode) & MODE_FMT;
	if (mode == MODE_REG)
		return is_btrfs_tree(inode) ? CLASS_METADATA : CLASS_DATA;
	if (mode != MODE_BLK)
		return CLASS_METADATA;	/* directories, links */
	return bdev_inode_has_fs(inode) ? CLASS_METADATA : CLASS_DATA;
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
static __always_inline bool run_add(struct walk_cursor *w, u32 actor, u8 cls, u32 bytes, u32 file)
{
	u32 n = w->runs;
	struct walk_run *last = &w->run[INDEX(n - 1, WALK_RUNS)];

	if (n && last->actor == actor && last->cls == cls && FILE_SAME(last, file)) {
		last->bytes += bytes;
		return true;
	}
	w->runs = n + 1;
	last = &w->run[INDEX(n, WALK_RUNS)];
	last->actor = actor;
	last->cls = cls;
	FILE_SET(last, file);
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

/*
 * The entry of the folio that the walk has come to; NULL: none. Compaction, reclaim and truncation
 * split folios, and the entry is that of the larger one; so, where there is none, `again` asks for
 * another round that looks for the next larger order. (A loop in here would be followed by the
 * verifier in each round.)
 */
static __always_inline struct page_owner *walk_find(struct walk_cursor *w, u64 folio, u64 *id,
						    bool *again)
{
#if OWNERSHIP == OWN_PAGE
	u32 at = w->at, next;
	struct page_owner *o;

	*id = page_id(w->inode, index_of(folio) & -(u64)at);
	o = page_find(*id);
	if (o && 1u << page_order(o->flags) >= at) {
		w->at = 1;
		return o;
	}
	next = w->orders & -(at << 1);
	next &= -next;
	*again = next;
	w->at = next ? next : 1;
#endif
	return 0;
}

/* Walks pages in order, each folio once, until WALK_STEPS or the runs are used up. */
static __always_inline void bio_walk(u64 vec, struct walk_cursor *w)
{
	struct page_owner *o;
	u64 head, addr, id;
	u32 n, in, off, actor;
	struct bio_vec v;
	bool again;

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
		if (w->bounced)
			head = bounced_from(addr);
		again = false;
		o = walk_find(w, head, &id, &again);
		if (again)
			continue;
		if (o) {
			actor = o->actor;
			page_submit(o, id, n, w->copy);
		} else {
			actor = owner_of_inode(head, w->inode, w->fallback);
		}
		w->addr = addr + (u64)((off + n) / PAGE_BYTES) * sizeof(struct page);
		w->off = (off + n) & (PAGE_BYTES - 1);
		w->left -= n;
		w->size -= n;
		if (!run_add(w, actor, 0, n, 0))
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

/* The request behind an O_DIRECT bio: struct iomap_dio begins with its kiocb, 4.20 to 7.x. */
static __always_inline struct kiocb *bio_iocb(struct bio *bio)
{
	return (struct kiocb *)KPTR((u64 *)KR(bio, bi_private));
}

/* A process by one of its tasks; `actor` where it is not known. */
static __always_inline u32 task_actor(struct task_struct *task, u32 actor)
{
	u32 tgid = KP(task, tgid);
	struct actor_ref *ref = actor_ids.lookup(&tgid);
#if LANES
	u32 tid = KP(task, pid);
	struct actor_ref *lane = lanes.lookup(&tid);

	if (tgid && ref && ref->id >= ACTOR_FIRST && lane)
		return lane->id;
#endif

	return tgid && ref && ref->id != ACTOR_PENDING ? ref->id : actor;
}

BPF_TABLE("lru_hash", u64, u32, aio_owners, 4096);	/* kiocb of libaio -> who submitted it */

/* Who submitted an asynchronous O_DIRECT request. */
static __always_inline u32 async_owner(u64 iocb, u32 actor)
{
	u32 kind = endio_of((u64)KP((struct kiocb *)iocb, ki_complete)), *who;

	if (kind == ENDIO_AIO) {
		who = aio_owners.lookup(&iocb);
		return who ? *who : actor;
	}
	if (kind != ENDIO_URING)
		return actor;
	/* a ring's request begins with the kiocb */
#if HAVE_IO_KIOCB_TCTX && HAVE_IO_URING_TASK_TASK
	return task_actor(KP(KP((struct io_kiocb *)iocb, tctx), task), actor);
#elif HAVE_IO_KIOCB_TASK
	return task_actor(KP((struct io_kiocb *)iocb, task), actor);
#else
	return actor;
#endif
}

/*
 * Whose is an O_DIRECT call whose bios a kernel thread queues (io.max held them
 * back): the task that waits for it, else the one that submitted it.
 */
static __always_inline u32 direct_waiter(struct bio *bio, u32 actor)
{
#if HAVE_IOMAP_DIO_WAIT_FOR_COMPLETION && HAVE_IOMAP_DIO_SUBMIT_WAITER
	struct iomap_dio *dio = (struct iomap_dio *)KR(bio, bi_private);

	if (KP(dio, wait_for_completion))
		return task_actor(KP(dio, submit.waiter), actor);
#endif
	return async_owner((u64)bio_iocb(bio), actor);
}

/* libaio goes down: its request says nothing of who it is from. */
int tp__iomap_dio_rw_begin(void *ctx)
{
	u64 iocb = address_of(TP_ARG(ctx, 0));
	u32 actor;

	if (endio_of((u64)KP((struct kiocb *)iocb, ki_complete)) != ENDIO_AIO)
		return 0;
	actor = actor_current();
	aio_owners.update(&iocb, &actor);
#if LATENCY
	wait_aio_begin(iocb);
#endif
	return 0;
}

/*
 * A kernel thread that sends O_DIRECT I/O down works for the file, if that is a loop device's,
 * or for who waits.
 */
static __always_inline u32 direct_cause(struct bio *bio, u32 actor)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct file *file;
	u32 *pool;

	if (!on_kthread())
		return actor;
	file = KP(bio_iocb(bio), ki_filp);
	pool = stack_pool(KP(file, f_inode));
	if (!pool)
		return direct_waiter(bio, actor);
	actor = *pool;
	kctx.update(&tid, &actor);	/* its changes of the file's metadata, too */
	return actor;
}

/* Device a bio was sent to; a partition as such where the kernel still tells (5.12). */
static __always_inline u32 device_of_bio(struct bio *bio, u32 disk)
{
#if HAVE_BIO_BI_BDEV
	struct block_device *bdev = KR(bio, bi_bdev);

	return bdev ? KP(bdev, bd_dev) : disk;
#else
	return disk;
#endif
}

/* No file system is on it. */
static __always_inline bool bio_raw(struct bio *bio, u32 disk)
{
#if HAVE_BIO_BI_BDEV
	return !bdev_has_fs((u64)KR(bio, bi_bdev));
#else
	return !mounts.lookup(&disk);
#endif
}

/* What a file system writes for nobody in particular: by its shares, where there are any. */
static __always_inline u32 meta_owner(struct bio *bio, u32 disk, u32 actor)
{
	u32 dev = device_of_bio(bio, disk), *pool = meta_pools.lookup(&dev);

	return pool ? *pool : actor;
}

/* Inode of a btrfs bio whose pages are not the page cache's (compressed data); 0: not known. */
static __always_inline u64 btrfs_bio_host(struct bio *bio)
{
#if HAVE_BTRFS_BIO_BIO_BI_OPF && HAVE_BTRFS_BIO_INODE && HAVE_BTRFS_INODE_VFS_INODE_I_INO
	u64 bbio = address_of((u64)bio) - (offsetof(struct btrfs_bio, bio.bi_opf) -
					   offsetof(struct bio, bi_opf));
	u64 inode = (u64)KP((struct btrfs_bio *)bbio, inode), host;
	struct super_block *sb;

	if (!inode)
		return 0;
	host = inode + offsetof(struct btrfs_inode, vfs_inode.i_ino) - offsetof(struct inode, i_ino);
	sb = KP((struct inode *)host, i_sb);
	return KP(sb, s_magic) == MAGIC_BTRFS ? host : 0;
#else
	return 0;
#endif
}

/*
 * btrfs without pages of the page cache: the program's own memory (`kind` becomes
 * direct), or compressed data that a worker made for an inode.
 */
static __always_inline u32 btrfs_owner(struct bio *bio, u32 actor, u32 *kind, u8 op)
{
	u64 host;

	if (folio_is_foreign(head_folio(bio)))
		*kind = ENDIO_DIRECT;
	if (!on_kthread()) {
		/* from pages of nobody, like the zero page */
		if (op == OP_WRITE)
			*kind = ENDIO_DIRECT;
		return actor;
	}
	host = btrfs_bio_host(bio);
	return host ? inode_cause((struct inode *)host) : actor;
}

/* The file system whose tree a task wrote last: the superblock comes after it. */
BPF_TABLE("lru_hash", u32, u32, tree_writers, 1024);	/* tid -> pool */

static __always_inline void btrfs_tree_here(u64 host, u8 cls)
{
	u32 tid = bpf_get_current_pid_tgid(), pool;

	if (cls != CLASS_METADATA)
		return;
	pool = meta_pool_of((struct inode *)host);
	tree_writers.update(&tid, &pool);
}

static __always_inline u32 btrfs_super_owner(u32 actor)
{
	u32 tid = bpf_get_current_pid_tgid(), *pool = tree_writers.lookup(&tid);

	/* the tool's own sync commits what others changed */
	return pool && (on_kthread() || actor == ACTOR_SELF) ? *pool : actor;
}

/*
 * The file whose data a bio carries: that of its pages, or of the O_DIRECT call
 * (not of iomap always, so what is found there must look like an inode), or the
 * raw device itself.
 */
static __always_inline u32 bio_file(struct bio *bio, struct bio_ctx *c, u32 kind, u64 host)
{
#if BY_FILE
	struct file *file;
	u64 inode = host;

	if (c->cls != CLASS_DATA)
		return 0;
	if (!host && kind == ENDIO_DIRECT) {
		file = KP(bio_iocb(bio), ki_filp);
		inode = (u64)KP(file, f_inode);
		if (!file_is_regular(inode))
			inode = 0;
	}
	/* once in the text: finding a name is long */
	if (inode)
		return file_of_inode(inode);
	if ((kind == ENDIO_DIRECT || kind == ENDIO_SYNC) && bio_raw(bio, c->dev))
		return file_of_device(device_of_bio(bio, c->dev));
#endif
	return 0;
}

/* Class and owners of a bio that carries bytes. True: its pages are to be walked. */
static __always_inline bool bio_classify(struct bio *bio, struct bio_ctx *c, u32 *kind, u32 opf,
					 u64 *host_out, u32 *who)
{
	u32 actor = *who;
	u64 host = 0, folio;
	bool walk = false;

	c->cls = CLASS_DATA;
	switch (*kind) {
	case ENDIO_DATA_READ:
	case ENDIO_BH_READ:
		host = folio_host(head_folio(bio));
		c->cls = host_class(host);
		break;
	case ENDIO_DATA_WRITE:
	case ENDIO_BH_WRITE:
	case ENDIO_BH_SYNC_WRITE:
		folio = head_folio(bio);
		host = folio_host(folio);
		if (!host && *kind == ENDIO_DATA_WRITE)
			host = folio_host(bounced_from(folio));
		c->cls = host_class(host);
		walk = c->op == OP_WRITE && host;
		break;
	case ENDIO_BTRFS:
	case ENDIO_BTRFS_COPY:
		host = folio_host(head_folio(bio));
		walk = c->op == OP_WRITE && host;
		if (host) {
			c->cls = host_class(host);
			btrfs_tree_here(host, c->cls);
		} else {
			actor = btrfs_owner(bio, actor, kind, c->op);
		}
		break;
	case ENDIO_DIRECT:
		actor = direct_cause(bio, actor);
		break;
	case ENDIO_BH_JOURNAL:
		c->cls = CLASS_JOURNAL;
		break;
	case ENDIO_LOG:
		c->cls = CLASS_JOURNAL;
		actor = meta_owner(bio, c->dev, actor);
		break;
	case ENDIO_METADATA:
		c->cls = CLASS_METADATA;
		if (c->op == OP_WRITE)
			actor = meta_owner(bio, c->dev, actor);
		break;
	case ENDIO_SUPER:
		c->cls = CLASS_METADATA;
		actor = btrfs_super_owner(actor);
		break;
	case ENDIO_SWAP:
		c->cls = CLASS_SWAP;
		break;
	case ENDIO_SYNC:
		/* one O_DIRECT call on a raw device; else a file system's own block */
		c->cls = opf & BIO_META ? CLASS_METADATA :
			 bio_raw(bio, c->dev) ? CLASS_DATA : CLASS_OTHER;
		break;
	default:
		host = folio_host(head_folio(bio));
		c->cls = host ? host_class(host) : opf & BIO_META ? CLASS_METADATA : CLASS_OTHER;
		walk = c->op == OP_WRITE && host;
	}
	FILE_SET(c, bio_file(bio, c, *kind, host));
#if EVENTS
	if (host && c->cls == CLASS_DATA)
		c->inode = KP((struct inode *)host, i_ino);
#endif
	*host_out = host;
	*who = actor;
	return walk;
}
