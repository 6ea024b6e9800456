/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * aio - the requests of libaio. No hook: call.bpf.c makes a tail call to
 * more__sys_exit when io_submit returns.
 *
 * One io_submit may carry many requests. They are read from the program's own
 * memory when the call returns, with the bytes asked for. A read is cut at the end
 * of the file; a request that fails later is counted all the same. Neighbours on
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

/* In a map for the same reasons as struct walk_cursor. */
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
