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

/*
 * Syncs. Which function a sync passes through is up to the compiler: Debian's 7.2 has a copy of
 * vfs_fsync_range inside the calls, and all since 5.10 have one inside vfs_fsync (libaio, loop).
 * So the calls count their own file, vfs_fsync and vfs_fsync_range all others, and of the two the
 * one that is passed first.
 */
/* Is it the sync of the file that the running call named, and counts itself? */
static __always_inline bool sync_of_call(u64 file)
{
	u32 bits, iface;
	u64 regs;

	if (on_kthread())
		return false;
	bits = call_bits_here();
	iface = SYS_IFACE(bits);
	if (iface >= IFACE_SYSCALLS || !(config_get(CFG_SYNCS) >> iface & 1))
		return false;
	regs = user_regs(task_here());
	return file_of_fd(KP((struct pt_regs *)regs, di)) == file;
}

/* The file of fsync or fdatasync; `regs`: with which the task called. */
static __always_inline u64 file_of_sync(u64 regs)
{
	return file_of_fd(KP((struct pt_regs *)regs, di));
}

BPF_TABLE("lru_hash", u32, u64, synced, 1024);	/* tid -> file, until the outer function is seen, too */

/* The second of vfs_fsync and vfs_fsync_range that a sync passes; the first one leaves a mark. */
static __always_inline bool sync_is_marked(u64 file)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 *mark = synced.lookup(&tid);

	if (!mark || *mark != file)
		return false;
	synced.delete(&tid);
	return true;
}

static __always_inline void sync_count(u64 file, bool first, s64 ret)
{
	u32 tid = bpf_get_current_pid_tgid();

	if (sync_of_call(file))
		return;
	if (first)
		synced.update(&tid, &file);
	else if (sync_is_marked(file))
		return;
	vfs_count(file, OP_SYNC, 0, ret);
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
		sync_count(address_of(TP_ARG(ctx, 0)), true, TP_ARG(ctx, 4));
	return 0;
}

/* The outer one ends last. */
int fexit__vfs_fsync(void *ctx)
{
	sync_count(address_of(TP_ARG(ctx, 0)), false, TP_ARG(ctx, 2));
	return 0;
}

int fexit__sys_fsync(void *ctx)
{
	vfs_count(file_of_sync(address_of(TP_ARG(ctx, 0))), OP_SYNC, 0, TP_ARG(ctx, 1));
	return 0;
}

int fexit__sys_fdatasync(void *ctx)
{
	vfs_count(file_of_sync(address_of(TP_ARG(ctx, 0))), OP_SYNC, 0, TP_ARG(ctx, 1));
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
		sync_count(KARG(ctx, di), false, 0);
	return 0;
}

/* The outer one begins first. */
int kprobe__vfs_fsync(void *ctx)
{
	sync_count(KARG(ctx, di), true, 0);
	return 0;
}

int kprobe__sys_fsync(void *ctx)
{
	vfs_count(file_of_sync(KARG(ctx, di)), OP_SYNC, 0, 0);
	return 0;
}

int kprobe__sys_fdatasync(void *ctx)
{
	vfs_count(file_of_sync(KARG(ctx, di)), OP_SYNC, 0, 0);
	return 0;
}
#endif
