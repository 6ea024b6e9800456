/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * bio - the class of a bio and its owner, where the pages alone do not say it: direct
 * I/O, metadata, btrfs. block.bpf.c asks when a bio is queued. Hook: iomap_dio_rw_begin (an
 * O_DIRECT call begins, in the caller).
 */
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
 * The owner of an O_DIRECT call whose bios a kernel thread queues, because io.max delayed
 * them: the task that waits for the call, else the task that submitted it.
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

/* libaio submits a request: the request itself does not tell the task. */
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
 * A kernel thread that submits O_DIRECT I/O works for the disk above the file, if the file backs
 * a loop device, else for the task that waits.
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
	kctx.update(&tid, &actor);	/* also for its changes of the file's metadata */
	return actor;
}

/* Device that a bio was sent to; the partition itself since 5.12. */
static __always_inline u32 device_of_bio(struct bio *bio, u32 disk)
{
#if HAVE_BIO_BI_BDEV
	struct block_device *bdev = KR(bio, bi_bdev);

	return bdev ? KP(bdev, bd_dev) : disk;
#else
	return disk;
#endif
}

/* Does the bio go to a device without a file system? */
static __always_inline bool bio_raw(struct bio *bio, u32 disk)
{
#if HAVE_BIO_BI_BDEV
	return !bdev_has_fs((u64)KR(bio, bi_bdev));
#else
	return !mounts.lookup(&disk);
#endif
}

/* Owner of what a file system writes for all its users: a pool where shares are known. */
static __always_inline u32 meta_owner(struct bio *bio, u32 disk, u32 actor)
{
	u32 dev = device_of_bio(bio, disk), *pool = meta_pools.lookup(&dev);

	return pool ? *pool : actor;
}

/* Inode of a btrfs bio whose pages are not in the page cache (compressed data); 0: not known. */
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

/* The file system whose tree a task wrote last: the superblock is written after it. */
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
 * An O_DIRECT read of at most one block of a file: since 7.3 the caller waits for its bio, which
 * knows of no call. The pages are the program's own memory.
 */
static __always_inline bool direct_wait(struct bio *bio)
{
	return !on_kthread() && folio_is_foreign(head_folio(bio));
}

/*
 * The file whose data a bio carries: the file of its pages, or of the O_DIRECT call, or the
 * raw device. An O_DIRECT call is not always iomap's: what is found must look like an inode.
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
	/* one call for all cases: the code that finds a name is long */
	if (inode)
		return file_of_inode(inode);
	if ((kind == ENDIO_DIRECT || kind == ENDIO_SYNC) && bio_raw(bio, c->dev))
		return file_of_device(device_of_bio(bio, c->dev));
#endif
	return 0;
}

/* Sets class and owners of a bio with data. True: the owners are those of its pages, by a walk. */
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
		/* one O_DIRECT call on a raw device, or of one block (7.3); else a file system's own block */
		c->cls = opf & BIO_META ? CLASS_METADATA :
			 bio_raw(bio, c->dev) || direct_wait(bio) ? CLASS_DATA : CLASS_OTHER;
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
