/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * xfs - who fills the XFS log. Hooks: xfs_log_ticket_ungrant and _regrant (at
 * the end, or a roll, of each transaction, in the task that made it: what of its
 * reservation is used is what it logged), xfs_setfilesize, xfs_unwritten_convert
 * and xfs_inode_inactivating (they name the inode a worker is about to change).
 * xfs_inode_set_need_inactive: the last reference is gone, in the task that dropped it.
 * Log blocks carry the changes of many tasks and are written by any of them:
 * they are split by these shares, and so is the metadata the log's own thread
 * writes home.
 */
#if HAVE_XLOG_TICKET_T_CURR_RES && HAVE_XLOG_L_MP && HAVE_XFS_MOUNT_M_SUPER
/* A log on a device of its own holds the changes of this file system alone. */
static __always_inline void xfs_log_device(struct xfs_mount *mp, u32 dev)
{
#if HAVE_XFS_MOUNT_M_LOGDEV_TARGP && HAVE_XFS_BUFTARG_BT_DEV
	struct xfs_buftarg *target = KR(mp, m_logdev_targp);
	u32 pool = POOL_ID(POOL_META, POOL_DEV(dev)), log = KR(target, bt_dev);

	if (log != dev && !meta_pools.lookup(&log))
		meta_pools.update(&log, &pool);
#endif
}

static __always_inline void xfs_share(void *ctx)
{
	struct xlog *log = (struct xlog *)TP_ARG(ctx, 0);
	struct xlog_ticket *ticket = (struct xlog_ticket *)TP_ARG(ctx, 1);
	struct xfs_mount *mp = KR(log, l_mp);
	struct super_block *sb = KR(mp, m_super);
	s32 used = KR(ticket, t_unit_res) - KR(ticket, t_curr_res);
	u32 actor = actor_cause(), dev;

	/* the checkpoint's own ticket holds everybody's changes once more */
	if (used <= 0 || actor == ACTOR_BACKGROUND)
		return;
	dev = KR(sb, s_dev);
	meta_share(dev, dev, actor, used);
	xfs_log_device(mp, dev);
}

int tp__xfs_log_ticket_ungrant(void *ctx)
{
	xfs_share(ctx);
	return 0;
}

int tp__xfs_log_ticket_regrant(void *ctx)
{
	xfs_share(ctx);
	return 0;
}
#endif

#if HAVE_XFS_INODE_I_VNODE_I_INO
static __always_inline struct inode *xfs_inode_of(u64 ip)
{
	return (struct inode *)(ip + offsetof(struct xfs_inode, i_vnode.i_ino) -
				offsetof(struct inode, i_ino));
}

static __always_inline void xfs_on_inode(void *ctx)
{
	kthread_on_inode(xfs_inode_of(address_of(TP_ARG(ctx, 0))));
}

int tp__xfs_setfilesize(void *ctx)
{
	xfs_on_inode(ctx);
	return 0;
}

int tp__xfs_unwritten_convert(void *ctx)
{
	xfs_on_inode(ctx);
	return 0;
}

BPF_TABLE("lru_hash", u64, u32, xfs_droppers, 8192);	/* removed inode -> who dropped it last */

int tp__xfs_inode_set_need_inactive(void *ctx)
{
	u64 ip = address_of(TP_ARG(ctx, 0));
	struct inode *inode = xfs_inode_of(ip);
	u32 actor = actor_cause();

	/* what memory pressure evicts is still its dirtier's */
	if (active() && actor != ACTOR_BACKGROUND && !KP(inode, i_nlink))
		xfs_droppers.update(&ip, &actor);
	return 0;
}

/* A worker frees a removed file for who dropped it, changes another one for its last dirtier. */
int tp__xfs_inode_inactivating(void *ctx)
{
	u64 ip = address_of(TP_ARG(ctx, 0));
	u32 *dropper = xfs_droppers.lookup(&ip), tid = bpf_get_current_pid_tgid(), actor;

	if (!dropper) {
		xfs_on_inode(ctx);
		return 0;
	}
	actor = *dropper;
	xfs_droppers.delete(&ip);
	if (on_kthread())
		kctx.update(&tid, &actor);
	return 0;
}
#endif
