/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * app - what programs ask for: successful I/O system calls on regular files
 * and block devices, and the requests of libaio. Hook: sys_exit, where the saved
 * registers still hold the arguments; sys_enter only where time is wanted (TIMES).
 * Rings are in uring.bpf.c, stores to mappings in owner.bpf.c.
 */
BPF_TABLE("hash", u32, u8, compat_seen, 4096);

#define USER32_CS	0x23	/* code segment of a 32-bit task on x86-64 */
#define FLAG_DIRECT	00040000
#define FLAG_DSYNC	00010000
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

/* One open file as a system call sees it. */
struct fdinfo {
	u64 file;
	u64 inode;
	u64 ino;
	u32 dev;
	u32 flags;
	bool storage;
	bool block;	/* a raw device */
	bool chr;	/* a character device, not storage */
};

/* Anonymous (major 0) file systems whose files are storage all the same; tmpfs and proc are not. */
static __always_inline bool magic_is_storage(u64 magic)
{
	switch (magic) {
	case 0x9123683e:	/* btrfs */
	case 0x794c7630:	/* overlayfs */
	case 0x65735546:	/* FUSE, virtiofs */
	case 0x6969:		/* NFS */
	case 0x00c36400:	/* Ceph */
	case 0xff534d42:	/* CIFS */
	case 0xfe534d42:	/* SMB2 */
	case 0x2fc12fc1:	/* ZFS */
	case 0xca451a4e:	/* bcachefs */
	case 0x01021997:	/* 9p */
		return true;
	}
	return false;
}

/*
 * Members that lie close together are fetched by one read of the stretch that
 * holds them: a read costs 20 to 30 ns whatever its size, and this is the path
 * of every system call.
 */
#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))
#define MEMBER_END(type, m) (offsetof(type, m) + sizeof(((type *)0)->m))
#define FILE_LO MIN_OF(offsetof(struct file, f_inode), offsetof(struct file, f_flags))
#define FILE_HI MAX_OF(MEMBER_END(struct file, f_inode), MEMBER_END(struct file, f_flags))
#define INODE_LO MIN_OF(offsetof(struct inode, i_mode), offsetof(struct inode, i_sb))
#define INODE_HI MEMBER_END(struct inode, i_ino)
/* the kernel's structures may be laid out at random; then the stretch is long */
_Static_assert(FILE_HI - FILE_LO <= 128 && INODE_HI - INODE_LO <= 128, "stretch of members");

static __always_inline void inode_info(u64 inode, struct fdinfo *fi)
{
	char stretch[INODE_HI - INODE_LO] __attribute__((aligned(8)));
	struct super_block *sb;
	u32 mode;

	fi->storage = fi->chr = false;
	fi->inode = inode;
	bpf_probe_read_kernel(stretch, sizeof(stretch), (void *)(inode + INODE_LO));
	mode = *(u16 *)(stretch + offsetof(struct inode, i_mode) - INODE_LO) & MODE_FMT;
	if (mode != MODE_REG && mode != MODE_BLK) {
		fi->chr = mode == MODE_CHR;
		return;
	}
	fi->block = mode == MODE_BLK;
	fi->ino = *(u64 *)(stretch + offsetof(struct inode, i_ino) - INODE_LO);
	if (mode == MODE_BLK) {
		fi->dev = KP((struct inode *)inode, i_rdev);
		fi->storage = true;
		return;
	}
	sb = *(struct super_block **)(stretch + offsetof(struct inode, i_sb) - INODE_LO);
	fi->dev = KP(sb, s_dev);
	fi->storage = fi->dev >> 20 || magic_is_storage(KP(sb, s_magic));
}

static __always_inline void file_info(u64 file, struct fdinfo *fi)
{
	char stretch[FILE_HI - FILE_LO] __attribute__((aligned(8)));

	fi->file = file;
	bpf_probe_read_kernel(stretch, sizeof(stretch), (void *)(file + FILE_LO));
	fi->flags = *(u32 *)(stretch + offsetof(struct file, f_flags) - FILE_LO);
	inode_info(*(u64 *)(stretch + offsetof(struct file, f_inode) - FILE_LO), fi);
}

static __always_inline void fd_info(u32 fd, struct fdinfo *fi)
{
	struct task_struct *task = task_here();
	struct files_struct *files = TASK(task, files);
	struct fdtable *fdt;
	struct file **table;
	u64 file = 0;

	fi->storage = fi->chr = false;
	if (!files)
		return;
	fdt = TASK(files, fdt);
	if (!fdt || fd >= TASK(fdt, max_fds))
		return;
	table = TASK(fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), (void *)((u64)table + (u64)fd * sizeof(file)));
	if (file)
		file_info(file, fi);
}

struct call_out {
#if LATENCY
	struct wait *wait;	/* what of it is told when the call is counted; NULL: nothing more */
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
	if (fi->storage && fi->file)
		name_note(fi);
	emit(&ev);
#endif
}

#if LATENCY
/*
 * A request of libaio that passes the cache by ends when its last bio does, or
 * where the file system tells. Of what does neither, and of syncs, the end is not seen.
 */
static __always_inline void aio_latency(struct wait *call, struct fdinfo *fi, u8 op, u32 n)
{
	u32 all = call->aio, own = op == OP_SYNC ? 0 : all < n ? all : n;

	call->aio = all - own;
	/* a raw device's may be queued after its call: throttled, or merged */
	if (!fi->block || op == OP_SYNC)
		lose_many(LOSS_WAITS, n - own);
}
#endif

/* The wait of a call, or of a request of a ring; once, whatever it did. */
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

/* One file of a call. A write that is a sync, too, counts once more there, without bytes. */
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
	/* a loop, so that the counting stands once in the program */
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

/* Submissions whose bytes this layer does not see: the summary says so. */
static __always_inline void app_async(void)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct actor_ref *ref = actor_ids.lookup(&tgid);

	if (!ref ? !config_get(CFG_TARGETED) : ref->id >= ACTOR_PENDING)
		lose(LOSS_ASYNC_CALLS);
}

#define FUSE_DEV DEV(10, 229)	/* /dev/fuse, since 2.6.14 */

/* Who reads requests from /dev/fuse does the work of others' calls from now on. */
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

static __always_inline void compat_task(void)
{
	u32 tgid = bpf_get_current_pid_tgid() >> 32;
	u8 one = 1;

	if (!compat_seen.insert(&tgid, &one))
		lose(LOSS_COMPAT_TASKS);
}

/*
 * libaio: one io_submit may carry many requests. They are read from the
 * program's own memory when it returns, with the bytes asked for, reads cut at
 * the end of the file; what fails later is counted all the same. Neighbours on
 * one file are counted together, other files by a tail call.
 */
struct user_iocb {	/* struct iocb of linux/aio_abi.h */
	u64 data;
	u32 key, rw_flags;
	u16 opcode, reqprio;
	u32 fd;
	u64 buf, nbytes, offset;
};
#define AIO_PREAD	0
#define AIO_PWRITE	1
#define AIO_FSYNC	2
#define AIO_FDSYNC	3
#define AIO_PREADV	7
#define AIO_PWRITEV	8
#define AIO_STEPS	16

/* In a map, like struct walk_cursor, and for its reasons. */
struct aio_sum {
	u64 ops[2], bytes[2];	/* reads, writes */
	u64 size;		/* of the file */
	u32 fd, at, n;		/* index of the next request, number of them */
	u32 op;
};
BPF_TABLE("hash", u32, struct aio_sum, aio_sums, 1024);	/* by tid */
BPF_PROG_ARRAY(aio_more, 1);

static __always_inline u64 min_u64(u64 a, u64 b)
{
	s64 d = a - b;

	return b + (d & (d >> 63));	/* without a branch, see min_flat() */
}

/* One plain read or write, without a branch. */
static __always_inline void aio_add(struct aio_sum *s, struct user_iocb *cb)
{
	u64 write = cb->opcode & 1, mask = -write, n = cb->nbytes, take;
	s64 left = s->size - cb->offset;

	take = min_u64(n, left & ~(left >> 63));
	s->ops[0] += (-take >> 63) & ~mask;
	s->bytes[0] += take & ~mask;
	s->ops[1] += write;
	s->bytes[1] += n & mask;
}

/* Bytes of a vector of the program; long ones are cut, which iolayers(7) says. */
#define VEC_STEPS 16
static __always_inline u64 vec_bytes(u64 vec, u64 n)
{
	u64 v[2], sum = 0;

#pragma nounroll
	for (int i = 0; i < VEC_STEPS; i++) {
		if (i >= n || bpf_probe_read_user(v, sizeof(v), (void *)(vec + i * sizeof(v))))
			break;
		sum += v[1];
	}
	return sum;
}

static __always_inline bool aio_read(u64 list, u32 at, struct user_iocb *cb)
{
	u64 user;

	return !bpf_probe_read_user(&user, sizeof(user), (void *)(list + (u64)at * sizeof(user))) &&
	       !bpf_probe_read_user(cb, sizeof(*cb), (void *)user);
}

/* A vectored request becomes a plain one of all its bytes; false: it is neither. */
static __always_inline bool aio_plain(struct user_iocb *cb)
{
	if (cb->opcode == AIO_PREADV || cb->opcode == AIO_PWRITEV) {
		cb->nbytes = vec_bytes(cb->buf, cb->nbytes);
		cb->opcode -= AIO_PREADV;
	}
	return cb->opcode <= AIO_PWRITE;
}

/* Neighbours on the file of the first one. */
static __always_inline void aio_walk(u64 list, struct aio_sum *s, struct user_iocb *cb)
{
#pragma nounroll
	for (int i = 0; i < AIO_STEPS; i++) {
		/* nothing is loaded ahead: up to 6.1 only a jump may lead back */
		asm volatile("" ::: "memory");
		aio_add(s, cb);
		s->at++;
		if (EVENTS || s->at >= s->n || !aio_read(list, s->at, cb))
			break;
		if (cb->fd != s->fd || !aio_plain(cb))
			break;
	}
}

static __always_inline void aio_account(struct aio_sum *s, struct fdinfo *fi, struct call_out *c)
{
	u8 op = OP_READ;

#pragma nounroll
	for (int i = 0; i < 2; i++) {
		c->ops = i ? s->ops[1] : s->ops[0];
		c->ret = i ? s->bytes[1] : s->bytes[0];
		if (i && s->op > AIO_PWRITE && s->op <= AIO_FDSYNC)
			op = OP_SYNC;
		if (c->ops && fi->storage)
			app_count(c, fi, op);
		op = OP_WRITE;
	}
}

static __always_inline void aio_group(u64 list, struct aio_sum *s, struct user_iocb *cb)
{
	struct call_out c = {};
	struct fdinfo fi = {};
	bool plain = aio_plain(cb);

	s->fd = cb->fd;
	s->op = cb->opcode;
	c.fd = cb->fd;
	c.offset = cb->offset;
	c.rwf = cb->rw_flags;
	c.desc = SYS_DESC(SYSK_AIO, IFACE_LIBAIO) | SYS_HAS_OFFSET;
	fd_info(cb->fd, &fi);
#if LATENCY
	c.wait = wait_of_call();
	c.end_ns = bpf_ktime_get_ns();
#endif
	s->size = 1ULL << 62;
	if (fi.storage && !fi.block)
		s->size = KP((struct inode *)fi.inode, i_size);
	if (plain) {
		aio_walk(list, s, cb);
	} else {
		s->at++;
		s->ops[1] = s->op <= AIO_FDSYNC;
	}
	aio_account(s, &fi, &c);
}

int more__sys_exit(void *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)TP_ARG(ctx, 0);
	u32 tid = bpf_get_current_pid_tgid();
	struct aio_sum fresh = {}, *s = aio_sums.lookup(&tid);
	u64 list = KR(regs, dx);
	struct user_iocb cb;

	if (!s) {
		fresh.n = TP_ARG(ctx, 1);
		aio_sums.update(&tid, &fresh);
		s = aio_sums.lookup(&tid);
	}
	if (s && aio_read(list, s->at, &cb)) {
		s->ops[0] = s->ops[1] = s->bytes[0] = s->bytes[1] = 0;
		aio_group(list, s, &cb);
		if (s->at >= s->n) {
			aio_sums.delete(&tid);
			wait_over();
			return 0;
		}
		aio_more.call(ctx, 0);
	}
	wait_over();
	app_async();	/* memory that cannot be read, or over 33 tail calls */
	aio_sums.delete(&tid);
	return 0;
}

/* What a call that has ended took. False: it failed, or moved nothing. */
static __always_inline bool call_ended(struct call_out *c, u32 nr, bool counts)
{
#if LATENCY
	struct wait *w = wait_of_call();

	if (!w)
		return counts;
	/* no bio that comes now is of this call any more */
	if (counts) {
		c->wait = w;
		c->end_ns = bpf_ktime_get_ns();
		c->ns = c->end_ns - w->enter_ns;
	} else {
		w->enter_ns = 0;
	}
#elif TIMES
	u32 tid = bpf_get_current_pid_tgid();
	struct call *in = counts ? calls.lookup(&tid) : 0;

	if (in && in->nr == nr && in->enter_ns) {
		c->ns = bpf_ktime_get_ns() - in->enter_ns;
		c->req = in->req;
		in->req = 0;
		in->enter_ns = 0;
	}
#endif
	return counts;
}

int tp__sys_exit(void *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)TP_ARG(ctx, 0);
	u32 nr = KR(regs, orig_ax), kind, *desc;
	struct call_out c = {};

	c.ret = TP_ARG(ctx, 1);
	desc = sysdesc.lookup(&nr);
	if (!desc || !(*desc & SYS_COUNTED))
		return 0;
	c.ops = 1;
	c.desc = *desc;
	kind = SYS_KIND(c.desc) & 0xf;
	if (c.ret >= 0 && KR(regs, cs) == USER32_CS) {
		wait_over();
		compat_task();
		return 0;
	}
	if (!call_ended(&c, nr, c.ret > 0 || (!c.ret && kind >= SYSK_SYNC_FD)))
		return 0;
	if (kind == SYSK_AIO) {
		aio_more.call(ctx, 0);
		app_async();
		return 0;
	}
	if (c.desc & SYS_HAS_OFFSET)
		c.offset = KR(regs, r10);
	if (c.desc & SYS_HAS_RWF)
		c.rwf = KR(regs, r9);
#if LATENCY
	struct wait *w = c.wait;

	call_dispatch(&c, regs, kind);
	if (w)
		w->enter_ns = 0;
#else
	call_dispatch(&c, regs, kind);
#endif
	return 0;
}
