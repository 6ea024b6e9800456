/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * cause - whose work a kernel thread does when it changes an inode. Hooks:
 * writeback_single_inode_start / writeback_single_inode (around a flusher's work on one
 * inode), ext4_mark_inode_dirty, ext4_ext_map_blocks_enter, ext4_journal_start_inode,
 * workqueue_execute_end.
 */
BPF_TABLE("lru_hash", u64, struct inode_owner, inodes, INODE_ENTRIES);	/* by address */
BPF_TABLE("hash", struct inode_key, u32, stack_inodes, 256);	/* loop backing file -> pool */
BPF_TABLE("hash", u32, u32, mounts, 1024);	/* block devices that carry a file system */

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

#define MAGIC_BTRFS 0x9123683e
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
