/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * cause - whose work a kernel thread does when it changes an inode. Hooks:
 * writeback_single_inode_start / writeback_single_inode (around a flusher's work on one
 * inode), ext4_mark_inode_dirty, ext4_ext_map_blocks_enter, ext4_journal_start_inode,
 * workqueue_execute_end.
 */
BPF_TABLE("lru_hash", u64, struct inode_owner, inodes, INODE_ENTRIES);	/* by address */
BPF_TABLE("hash", struct inode_key, u32, stack_inodes, 256);	/* loop backing file -> pool */
BPF_TABLE("hash", u32, u32, mounts, 1024);	/* block devices of file systems, where the kernel does not tell */

/* Inode a page-cache folio belongs to; 0 for anonymous and foreign memory. */
static __always_inline u64 folio_host(u64 folio)
{
	u64 mapping = (u64)KP((struct page *)folio, mapping);

	if (!mapping || (mapping & 3))
		return 0;
	return (u64)KP((struct address_space *)mapping, host);
}

#define MAGIC_BTRFS	0x9123683e
#define MAGIC_EXT4	0xef53
#define MAGIC_XFS	0x58465342
#define MAGIC_F2FS	0xf2f52010

/* Four letters of a string in the kernel. */
static __always_inline u32 letters_of(const char *s)
{
	u32 four = 0;

	bpf_probe_read_kernel(&four, sizeof(four), s);
	return four;
}

/*
 * Whether a file system has this block device: by its holder, which the file system is before it
 * reads or replays anything, in whatever namespace it is mounted. The holder may be anything that
 * opened the device for itself; what is read of it is compared with what only a file system has.
 */
static __always_inline bool bdev_has_fs(u64 bdev)
{
#if HAVE_BLOCK_DEVICE_BD_HOLDER
	void *holder = KP((struct block_device *)bdev, bd_holder);
	struct super_block *sb = (struct super_block *)holder;
	u64 magic;
	u32 name;

	if (!bdev || !holder)
		return false;
#if HAVE_BLOCK_DEVICE_BD_SUPER
	/* until 6.4, set when it is mounted; the type of file system comes first */
	if (KP((struct block_device *)bdev, bd_super))
		return true;
#else
	if ((u64)KP(sb, s_bdev) == bdev)
		return true;
	/* a log, a journal, another device of several */
	magic = KP(sb, s_magic);
	if (magic == MAGIC_EXT4 || magic == MAGIC_XFS || magic == MAGIC_BTRFS || magic == MAGIC_F2FS)
		return true;
#endif
	name = letters_of(KP((struct file_system_type *)holder, name));
	return name == 0x34747865 /* ext4 */ || name == 0x736678 /* xfs */ ||
	       name == 0x66727462 /* btrf */ || name == 0x73663266 /* f2fs */;
#else
	return false;
#endif
}

/* The same for the inode whose pages are the device's. */
static __always_inline bool bdev_inode_has_fs(struct inode *host)
{
#if HAVE_BDEV_INODE_BDEV_BD_DEV && HAVE_BDEV_INODE_VFS_INODE_I_INO
	return bdev_has_fs(address_of((u64)host) -
			   (offsetof(struct bdev_inode, vfs_inode.i_ino) - offsetof(struct inode, i_ino)) +
			   offsetof(struct bdev_inode, bdev.bd_dev) - offsetof(struct block_device, bd_dev));
#elif HAVE_INODE_I_BDEV
	return bdev_has_fs((u64)KP(host, i_bdev));
#else
	u32 rdev = KP(host, i_rdev);

	return mounts.lookup(&rdev);
#endif
}

static __always_inline bool is_kthread_actor(u32 actor)
{
	return actor == ACTOR_BACKGROUND || (actor & ACTOR_POOL);
}

/* Pool of the loop disk that this file backs; NULL: none. */
static __always_inline u32 *stack_pool(struct inode *inode)
{
	struct super_block *sb = KP(inode, i_sb);
	struct inode_key k = {};

	k.ino = KP(inode, i_ino);
	k.dev = KP(sb, s_dev);
	return stack_inodes.lookup(&k);
}

/* Whose work a kernel thread does on this inode: the loop disk's above it, or its last dirtier's. */
static __always_inline u32 inode_cause(struct inode *inode)
{
	struct inode_owner *o;
	u64 key = (u64)inode;
	u32 *pool = stack_pool(inode);

	if (pool)
		return *pool;
	o = inodes.lookup(&key);
	return o ? o->actor : ACTOR_BACKGROUND;
}

/*
 * Remembers for whom a kernel thread works. Ordinary tasks work for themselves, and so do
 * the threads of a journal while they commit (journal.bpf.c).
 */
static __always_inline void kthread_on_inode(struct inode *inode)
{
	u32 tid, actor;

	if (!on_kthread())
		return;
	tid = bpf_get_current_pid_tgid();
	actor = inode_cause(inode);
	if (actor != ACTOR_BACKGROUND)
		kctx.update(&tid, &actor);
	else
		kctx.delete(&tid);
}

#define BTRFS_TREE_INO 1

/* The tree of a btrfs: all its metadata is pages of this inode. */
static __always_inline bool is_btrfs_tree(struct inode *host)
{
	struct super_block *sb = KP(host, i_sb);

	return KP(host, i_ino) == BTRFS_TREE_INO && KP(sb, s_magic) == MAGIC_BTRFS;
}

static __always_inline u32 meta_pool_of(struct inode *host)
{
	struct super_block *sb = KP(host, i_sb);

	return POOL_ID(POOL_META, POOL_DEV(KP(sb, s_dev)));
}

/*
 * The owner of a page dirtied by a kernel thread. The thread of a journal dirties metadata
 * after its commit: for the task of the transaction when there was only one, else for the
 * writers of the file system in proportion.
 */
static __always_inline u32 kthread_dirties(struct inode *host)
{
	u32 tid = bpf_get_current_pid_tgid(), actor;
	u32 *pool = stack_pool(host);

	if (pool) {
		actor = *pool;
		kctx.update(&tid, &actor);
		return actor;
	}
	pool = kctx.lookup(&tid);
	actor = pool ? *pool : ACTOR_BACKGROUND;
	/* this thread finishes the writes and commits the changes of all tasks */
	if (actor == ACTOR_BACKGROUND && is_btrfs_tree(host))
		return meta_pool_of(host);
	if ((actor & ACTOR_POOL) && POOL_KIND(actor) == POOL_TXN)
		return POOL_ID(POOL_META, POOL_DEV(KR(host, i_rdev)));
	return actor;
}

int tp__writeback_single_inode_start(void *ctx)
{
	kthread_on_inode((struct inode *)TP_ARG(ctx, 0));
	return 0;
}

int tp__writeback_single_inode(void *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();

	if (on_kthread())
		kctx.delete(&tid);
	return 0;
}

/* A kernel worker works for an owner until its work item ends. */
int tp__workqueue_execute_end(void *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();

	if (kctx.lookup(&tid))
		kctx.delete(&tid);
	return 0;
}

/* These three hooks have the inode, before the kernel thread's handle on it ends. */
int tp__ext4_mark_inode_dirty(void *ctx)
{
	kthread_on_inode((struct inode *)TP_ARG(ctx, 0));
	return 0;
}

int tp__ext4_ext_map_blocks_enter(void *ctx)
{
	kthread_on_inode((struct inode *)TP_ARG(ctx, 0));
	return 0;
}

/* since 6.12 */
int tp__ext4_journal_start_inode(void *ctx)
{
	kthread_on_inode((struct inode *)TP_ARG(ctx, 0));
	return 0;
}
