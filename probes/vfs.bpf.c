/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * vfs - entries into the VFS read, write and fsync functions on storage files,
 * callers inside the kernel and stacked file systems included.
 * Hooks: fexit where it is allowed (bytes are what was returned), else kprobe
 * at the entry (bytes are what was asked for: a return probe runs out of
 * instances on functions that block).
 */
static __always_inline void vfs_count(u64 file, u8 op, u64 bytes, s64 ret)
{
	struct fdinfo fi = {};
	struct agg_key k = {};

	if (!file)
		return;
	inode_info((u64)KP((struct file *)file, f_inode), &fi);
	if (!fi.storage)
		return;
	k.actor = actor_cause();
	k.dev = fi.dev;
	k.layer = LAYER_VFS;
	k.op = op;
	FILE_SET(&k, file_of_open(file, fi.inode, fi.ino, fi.dev, fi.block, FILE_UNNAMED));
	account(&k, 1, bytes, 0, 0);
#if EVENTS
	struct event_args ev = {};

	ev.layer = LAYER_VFS;
	ev.op = op;
	ev.actor = k.actor;
	ev.dev = fi.dev;
	ev.fd = -1;
	ev.size = bytes;
	if (op != OP_SYNC && ret > 0)
		ev.offset = KP((struct file *)file, f_pos);
	ev.lat_ns = ~0ULL;
	ev.req = req_here();
	ev.inode = fi.ino;
	ev.ret = ret;
	emit(&ev);
#endif
}

#define FSYNC_WHOLE 0x7fffffffffffffffULL	/* LLONG_MAX; a shorter range is an O_SYNC write's or msync's */

#if VFS_FENTRY
static __always_inline u64 done_bytes(u64 ret)
{
	return (s64)ret > 0 ? ret : 0;
}
#define VFS_EXIT(func, op, argc)                                              \
	int fexit__##func(void *ctx)                                          \
	{                                                                     \
		vfs_count(TP_ARG(ctx, 0), op, done_bytes(TP_ARG(ctx, argc)),  \
			  TP_ARG(ctx, argc));                                 \
		return 0;                                                     \
	}
VFS_EXIT(vfs_read, OP_READ, 4)
VFS_EXIT(vfs_write, OP_WRITE, 4)
VFS_EXIT(vfs_readv, OP_READ, 5)
VFS_EXIT(vfs_writev, OP_WRITE, 5)
VFS_EXIT(vfs_iter_read, OP_READ, 4)
VFS_EXIT(vfs_iter_write, OP_WRITE, 4)
VFS_EXIT(vfs_iocb_iter_read, OP_READ, 3)
VFS_EXIT(vfs_iocb_iter_write, OP_WRITE, 3)

int fexit__vfs_fsync_range(void *ctx)
{
	if (TP_ARG(ctx, 2) == FSYNC_WHOLE)
		vfs_count(TP_ARG(ctx, 0), OP_SYNC, 0, TP_ARG(ctx, 4));
	return 0;
}
#endif

#if VFS_KPROBE
/* x86-64 calling convention: di si dx cx. */
#define KARG(ctx, reg) KP((struct pt_regs *)(ctx), reg)

#define ITER_BYTES(iter) KP((struct iov_iter *)(iter), count)
#define VFS_ENTRY(func, op, bytes)                                            \
	int kprobe__##func(void *ctx)                                         \
	{                                                                     \
		u64 n = bytes;                                                \
		vfs_count(KARG(ctx, di), op, n, n);                           \
		return 0;                                                     \
	}
VFS_ENTRY(vfs_read, OP_READ, KARG(ctx, dx))
VFS_ENTRY(vfs_write, OP_WRITE, KARG(ctx, dx))
VFS_ENTRY(vfs_readv, OP_READ, vec_bytes(KARG(ctx, si), KARG(ctx, dx)))
VFS_ENTRY(vfs_writev, OP_WRITE, vec_bytes(KARG(ctx, si), KARG(ctx, dx)))
VFS_ENTRY(vfs_iter_read, OP_READ, ITER_BYTES(KARG(ctx, si)))
VFS_ENTRY(vfs_iter_write, OP_WRITE, ITER_BYTES(KARG(ctx, si)))
VFS_ENTRY(vfs_iocb_iter_read, OP_READ, ITER_BYTES(KARG(ctx, dx)))
VFS_ENTRY(vfs_iocb_iter_write, OP_WRITE, ITER_BYTES(KARG(ctx, dx)))

int kprobe__vfs_fsync_range(void *ctx)
{
	if (KARG(ctx, dx) == FSYNC_WHOLE)
		vfs_count(KARG(ctx, di), OP_SYNC, 0, 0);
	return 0;
}
#endif
