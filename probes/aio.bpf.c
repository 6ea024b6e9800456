/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * aio - the requests of libaio. No hook: call.bpf.c makes a tail call to
 * more__sys_exit when io_submit returns, and to more__sys_reap when io_getevents
 * returns.
 *
 * One io_submit may carry many requests. They are read from the program's own
 * memory when the call returns, with the bytes asked for. A read is cut at the end
 * of the file. Neighbours on one file are counted together, other files by a tail call.
 * What a request did not do is known when the program gets its result.
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

/* In a map for the same reasons as struct walk_cursor. */
struct aio_sum {
	u64 ops[2], bytes[2];	/* reads, writes */
	u64 size;		/* of the file */
	u32 fd, at, n;		/* index of the next request, number of them */
	u32 op;
};
BPF_TABLE("hash", u32, struct aio_sum, aio_sums, 1024);	/* by tid */
BPF_PROG_ARRAY(aio_more, 1);
BPF_PROG_ARRAY(aio_reap, 1);

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

/* Bytes of a vector in the program's memory. Long vectors are cut, see iolayers(7). */
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

/* Turns a vectored request into a plain one of all its bytes. False: it is neither kind. */
static __always_inline bool aio_plain(struct user_iocb *cb)
{
	if (cb->opcode == AIO_PREADV || cb->opcode == AIO_PWRITEV) {
		cb->nbytes = vec_bytes(cb->buf, cb->nbytes);
		cb->opcode -= AIO_PREADV;
	}
	return cb->opcode <= AIO_PWRITE;
}

/* Adds the following requests on the same file. */
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

/* ---- results ---- */

#define REAP_STEPS 16

struct user_event {	/* struct io_event of linux/aio_abi.h */
	u64 data, request;
	s64 res, res2;
};

/* What was counted of a request when it was submitted, and not done. False: nothing. */
static __always_inline bool aio_short(struct user_iocb *cb, s64 res, u64 size, u64 *bytes)
{
	u64 done = res & ~(res >> 63), asked = cb->nbytes;
	s64 left = size - cb->offset;

	if (cb->opcode == AIO_PREAD)
		asked = min_u64(asked, left & ~(left >> 63));
	*bytes = asked > done ? asked - done : 0;
	return *bytes;
}

static __always_inline u8 aio_op(u16 opcode)
{
	return opcode == AIO_PREAD ? OP_READ : opcode == AIO_PWRITE ? OP_WRITE :
	       opcode <= AIO_FDSYNC ? OP_SYNC : OP_MAX;
}

/* Takes back what the request was counted for. */
static __always_inline void aio_undo(struct user_iocb *cb, s64 res)
{
	struct agg_key k = {};
	struct fdinfo fi = {};
	u64 bytes = 0, size = 1ULL << 62, ops = res <= 0;
	bool sync;

	fd_info(cb->fd, &fi);
	k.op = aio_op(cb->opcode);
	if (!fi.storage || k.op == OP_MAX)
		return;
	if (!fi.block)
		size = KP((struct inode *)fi.inode, i_size);
	if (k.op != OP_SYNC && !aio_short(cb, res, size, &bytes))
		return;
	k.actor = actor_current();
	k.dev = fi.dev;
	k.layer = LAYER_APPLICATION;
	k.cls = IFACE_LIBAIO;
	k.flags = KEY_UNDONE | (bytes && (fi.flags & FLAG_DIRECT) ? KEY_DIRECT : 0);
	FILE_SET(&k, file_of_open(fi.file, fi.inode, fi.ino, fi.dev, fi.block, FILE_BY_CALL));
	sync = ops && k.op == OP_WRITE && ((fi.flags & FLAG_DSYNC) || (cb->rw_flags & RWF_SYNC_ANY));
#pragma nounroll
	for (int i = 0; i < 2; i++) {
		account(&k, ops, bytes, 0, 0);
		if (!sync)
			break;
		k.op = OP_SYNC;
		k.flags = KEY_UNDONE | KEY_AGAIN;
		bytes = 0;
	}
}

/* Goes to the next result that is not what was asked for. False: there is none in so many steps. */
static __always_inline bool aio_next(u64 list, struct aio_sum *s, struct user_iocb *cb, s64 *res)
{
	struct user_event ev;

#pragma nounroll
	for (int i = 0; i < REAP_STEPS; i++) {
		asm volatile("" ::: "memory");
		if (s->at >= s->n || bpf_probe_read_user(&ev, sizeof(ev), (void *)(list + (u64)s->at * sizeof(ev))))
			break;
		s->at++;
		*res = ev.res;
		if (bpf_probe_read_user(cb, sizeof(*cb), (void *)ev.request))
			continue;
		if (cb->opcode > AIO_FDSYNC && !aio_plain(cb))
			continue;
		if (cb->opcode <= AIO_PWRITE ? ev.res != (s64)cb->nbytes : ev.res < 0)
			return true;
	}
	return false;
}

int more__sys_reap(void *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)TP_ARG(ctx, 0);
	u32 tid = bpf_get_current_pid_tgid();
	struct aio_sum fresh = {}, *s = aio_sums.lookup(&tid);
	struct user_iocb cb;
	s64 res = 0;

	if (!s) {
		fresh.n = TP_ARG(ctx, 1);
		aio_sums.update(&tid, &fresh);
		s = aio_sums.lookup(&tid);
	}
	if (!s)
		return 0;
	if (aio_next(KR(regs, r10), s, &cb, &res))
		aio_undo(&cb, res);
	if (s->at < s->n)
		aio_reap.call(ctx, 0);
	aio_sums.delete(&tid);
	return 0;
}
