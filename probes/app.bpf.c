/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * app - how successful I/O system calls on regular files and block devices are
 * counted. Hook: sys_enter, only where time is wanted (TIMES); sys_exit is in
 * call.bpf.c. Rings are in uring.bpf.c, stores to mappings in owner.bpf.c.
 */
#define RWF_SYNC_ANY	(2 | 4)	/* RWF_DSYNC | RWF_SYNC */

#if TIMES && !LATENCY
struct call {
	u64 enter_ns;
	u64 req;
	u32 nr;
	u32 pad;
};
/* By tid; overwritten in place, never deleted: insert and delete per call cost twice as much. */
BPF_TABLE("lru_hash", u32, struct call, calls, 65536);

int tp__sys_enter(void *ctx)
{
	u32 nr = TP_ARG(ctx, 1), tid;
	u32 *desc = sysdesc.lookup(&nr);
	struct call c = {}, *old;

	if (!desc || !(*desc & SYS_COUNTED))
		return 0;
	tid = bpf_get_current_pid_tgid();
	c.enter_ns = bpf_ktime_get_ns();
	c.req = req_new();
	c.nr = nr;
	old = calls.lookup(&tid);
	if (old)
		*old = c;
	else
		calls.update(&tid, &c);
	return 0;
}
#endif

/* Request the running task's system call is part of; 0 outside one or without TIMES. */
static __always_inline u64 req_here(void)
{
#if TIMES && !LATENCY
	u32 tid = bpf_get_current_pid_tgid();
	struct call *c = calls.lookup(&tid);

	return c ? c->req : 0;
#else
	return 0;
#endif
}

struct call_out {
#if LATENCY
	struct wait *wait;	/* to be counted with the call; NULL: there is none, or it is counted already */
	u64 end_ns;
#endif
	u32 desc, fd;
	u64 offset, ns, req;
	s64 ret;
	u32 rwf;
	u32 ops;
};

#if EVENTS
BPF_TABLE("lru_hash", struct inode_key, struct file_name, names, 16384);

/* The name under which a file was used first; once per inode. */
static __always_inline void name_note(struct fdinfo *fi)
{
	struct inode_key k = {.ino = fi->ino, .dev = fi->dev};
	struct file_name fresh = {};
	struct dentry *dentry;
	const unsigned char *name;

	if (names.lookup(&k))
		return;
	dentry = KP((struct file *)fi->file, f_path.dentry);
	name = KP(dentry, d_name.name);
	bpf_probe_read_kernel_str(fresh.name, sizeof(fresh.name), name);
	names.update(&k, &fresh);
}
#endif

static __always_inline void app_event(struct call_out *c, struct fdinfo *fi, u32 actor, u8 op)
{
#if EVENTS
	struct event_args ev = {};

	ev.layer = LAYER_APPLICATION;
	ev.op = op;
	ev.cls = SYS_IFACE(c->desc);
	ev.flags = fi->flags & FLAG_DIRECT ? EVENT_F_DIRECT : 0;
	ev.actor = actor;
	ev.dev = fi->dev;
	ev.fd = c->fd;
	ev.size = op == OP_READ || op == OP_WRITE ? c->ret : 0;
	ev.offset = c->offset;
	if (op != OP_SYNC && !(c->desc & SYS_HAS_OFFSET))
		ev.offset = KP((struct file *)fi->file, f_pos) - c->ret;
	ev.lat_ns = c->ns ? c->ns : ~0ULL;
	ev.req = c->req;
	ev.inode = fi->ino;
	ev.ret = c->ret;
	if (ev.cls == IFACE_LIBAIO)
		ev.flags |= EVENT_F_NO_RET;
	if (fi->storage && fi->file)
		name_note(fi);
	emit(&ev);
#endif
}

#if LATENCY
/*
 * A request of libaio that bypasses the cache ends when its last bio ends, or
 * when the file system reports it. The end of other requests, and of syncs, is not seen.
 */
static __always_inline void aio_latency(struct wait *call, struct fdinfo *fi, u8 op, u32 n)
{
	u32 all = call->aio, own = op == OP_SYNC ? 0 : all < n ? all : n;

	call->aio = all - own;
	/* a bio of a raw device may be queued after its call returned: throttled, or merged */
	if (!fi->block || op == OP_SYNC)
		lose_many(LOSS_WAITS, n - own);
}
#endif

/* Counts the wait of a call, or of a request of a ring: once, also when it used several files. */
static __always_inline void app_latency(struct call_out *c, struct fdinfo *fi, u32 actor, u8 op)
{
#if LATENCY
	struct lat_key k = {.actor = actor, .dev = fi->dev, .op = op, .iface = SYS_IFACE(c->desc)};

	if (!c->wait || op == OP_ALTER)
		return;
	if (k.iface == IFACE_LIBAIO && (op == OP_SYNC || (fi->flags & FLAG_DIRECT))) {
		aio_latency(c->wait, fi, op, c->ops);
		return;
	}
	/* many files, but one disk */
	if (k.iface == IFACE_MSYNC && c->wait->begun && c->wait->disk != ~0u)
		k.dev = c->wait->disk;
	lat_account(c->wait, &k, c->end_ns, c->ops);
	if (k.iface != IFACE_LIBAIO)
		c->wait = 0;
#endif
}

/* One file of a call. A write with O_SYNC counts a second time as a sync, without bytes. */
static __always_inline void app_count(struct call_out *c, struct fdinfo *fi, u8 op)
{
	struct agg_key k = {};
	u64 bytes = op == OP_READ || op == OP_WRITE ? c->ret : 0;
	bool sync = op == OP_WRITE && ((fi->flags & FLAG_DSYNC) || (c->rwf & RWF_SYNC_ANY));

	k.actor = actor_current();
	k.dev = fi->dev;
	k.layer = LAYER_APPLICATION;
	k.op = op;
	k.cls = SYS_IFACE(c->desc);
	k.flags = bytes && (fi->flags & FLAG_DIRECT) ? KEY_DIRECT : 0;
	if (fi->storage)
		FILE_SET(&k, file_of_open(fi->file, fi->inode, fi->ino, fi->dev, fi->block,
					  FILE_BY_CALL));
	app_event(c, fi, k.actor, op);
	app_latency(c, fi, k.actor, op);
	/* a loop, so that the program contains the counting once */
#pragma nounroll
	for (int i = 0; i < 2; i++) {
		account(&k, c->ops, bytes, c->ns, 0);
		if (!sync)
			break;
		k.op = OP_SYNC;
		k.flags = KEY_AGAIN;
		bytes = 0;
		c->ns = 0;
	}
}

/* Submissions whose bytes this layer does not see; the summary reports their number. */
static __always_inline void app_async(void)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct actor_ref *ref = actor_ids.lookup(&tgid);

	if (!ref ? !config_get(CFG_TARGETED) : ref->id >= ACTOR_PENDING)
		lose(LOSS_ASYNC_CALLS);
}

#define FUSE_DEV DEV(10, 229)	/* /dev/fuse, since 2.6.14 */

/* A process that reads requests from /dev/fuse does the work of other processes' calls. */
static __always_inline void fuse_server(struct fdinfo *fi)
{
	u32 id;
	struct actor *a;

	if (KP((struct inode *)fi->inode, i_rdev) != FUSE_DEV)
		return;
	id = actor_current();
	a = actors.lookup(&id);
#if LANES
	id = a ? a->process : 0;
	a = actors.lookup(&id);
#endif
	if (a)
		a->flags |= ACTOR_F_FUSE;
}

/* Requests to share blocks between files: FICLONE, FICLONERANGE, FIDEDUPERANGE. */
static __always_inline bool is_clone(u32 cmd)
{
	return cmd == 0x40049409 || cmd == 0x4020940d || cmd == 0xc0189436;
}

#define NO_FD (-1)
#define ANY_FD (-2)	/* a sync of everything */

static __always_inline void call_dispatch(struct call_out *c, struct pt_regs *regs, u32 kind)
{
	s32 fd = KR(regs, di), first = NO_FD, second = NO_FD;
	u8 op = OP_READ, second_op = OP_WRITE;
	struct fdinfo fi = {};

	switch (kind) {
	case SYSK_READ:
		first = fd;
		break;
	case SYSK_WRITE:
		second = fd;
		break;
	case SYSK_SENDFILE:	/* out, in */
		second = fd;
		first = KR(regs, si);
		break;
	case SYSK_SPLICE:	/* in, offset, out */
	case SYSK_COPY:
		first = fd;
		second = KR(regs, dx);
		break;
	case SYSK_SYNC_FD:
		second = fd;
		second_op = OP_SYNC;
		break;
	case SYSK_SYNC_ALL:
		second = ANY_FD;
		second_op = OP_SYNC;
		break;
	case SYSK_IOCTL:
		if (!is_clone(KR(regs, si)))
			return;
	case SYSK_ALTER_FD:
		second = fd;
		second_op = OP_ALTER;
		break;
	case SYSK_ALTER_PATH:
		second = ANY_FD;
		second_op = OP_ALTER;
		break;
	case SYSK_ASYNC:
		app_async();
		return;
	}
#pragma nounroll
	for (int i = 0; i < 2; i++) {
		c->fd = first;
		if (first >= 0)
			fd_info(first, &fi);
		if (first == ANY_FD || (first >= 0 && fi.storage))
			app_count(c, &fi, op);
		else if (first >= 0 && fi.chr)
			fuse_server(&fi);
		first = second;
		op = second_op;
	}
}
