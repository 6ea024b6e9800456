/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * latency_sync - the journal that a sync waits for. Mostly a thread of the file system writes
 * it; of this, only the end of the commit is seen. Hooks: xfs_file_fsync (a sync begins);
 * the hooks of ext4 and of the end of a commit are in journal.bpf.c.
 */
#if LATENCY
/* File system and transaction (0: the last one) -> when its commit ended. */
BPF_TABLE("lru_hash", struct txn_key, u64, journal_ends, 8192);

static __always_inline void journal_ended(u32 dev, u32 tid)
{
	struct txn_key k = {.dev = dev, .tid = tid};
	u64 now = bpf_ktime_get_ns();

	journal_ends.update(&k, &now);
	if (!tid)
		return;
	k.tid = 0;
	journal_ends.update(&k, &now);
}

/* The transaction a sync of this ext4 inode has to wait for; 0: not known. */
static __always_inline u32 journal_tid(struct wait *w)
{
#if HAVE_EXT4_INODE_INFO_VFS_INODE_I_INO && HAVE_EXT4_INODE_INFO_I_SYNC_TID &&                        \
	HAVE_EXT4_INODE_INFO_I_DATASYNC_TID
	u64 ei = w->inode - (offsetof(struct ext4_inode_info, vfs_inode.i_ino) -
			     offsetof(struct inode, i_ino));

	if (w->inode)
		return w->datasync ? KP((struct ext4_inode_info *)ei, i_datasync_tid) :
				     KP((struct ext4_inode_info *)ei, i_sync_tid);
#endif
	return 0;
}

/* When the commit that a sync waits for ended; 0: it has not, or was not seen. */
static __always_inline u64 journal_end(struct wait *w)
{
	struct txn_key k = {.dev = w->journal, .tid = journal_tid(w)};
	u64 *end = journal_ends.lookup(&k);

	return end ? *end : 0;
}

/* The running task syncs an inode; ext4's has a transaction. */
static __always_inline void wait_sync(u32 dev, u64 ext4_inode, u32 datasync)
{
	u64 key = (u32)bpf_get_current_pid_tgid();
	struct wait *w = waits.lookup(&key);

	if (!w || !w->enter_ns || on_kthread())
		return;
	wait_begin(w);
	wait_step(w, bpf_ktime_get_ns(), 0);
	w->inode = ext4_inode;
	w->datasync = datasync;
	w->journal = dev;
}

#if HAVE_XFS_INODE_I_VNODE_I_INO
int tp__xfs_file_fsync(void *ctx)
{
	u64 ip = address_of(TP_ARG(ctx, 0));
	struct inode *inode = (struct inode *)(ip + offsetof(struct xfs_inode, i_vnode.i_ino) -
					       offsetof(struct inode, i_ino));
	struct super_block *sb = KP(inode, i_sb);

	wait_sync(KP(sb, s_dev), 0, 0);
	return 0;
}
#endif
#else
static __always_inline void journal_ended(u32 dev, u32 tid)
{
}

static __always_inline void wait_sync(u32 dev, u64 ext4_inode, u32 datasync)
{
}
#endif
