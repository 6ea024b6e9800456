/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * uring - requests of io_uring, counted when they complete: the result is the
 * bytes. A ring calls the file system itself, and no system call of reading or
 * writing is seen. Hooks: io_uring_complete (each completion entry, in a thread
 * of the process, SQPOLL's and the workers' included), io_uring_submit_req
 * (_sqe until 6.3).
 */
#if HAVE_IO_KIOCB_FILE && HAVE_IO_KIOCB_OPCODE && NARGS_URING_COMPLETE
#define URING_NO_REQ	(NARGS_URING_COMPLETE == 4)	/* until 5.17 */
#define URING_CQE_SKIP	(1u << 6)	/* IOSQE_CQE_SKIP_SUCCESS, 5.17 */
#define KIOCB_DSYNC	2u		/* IOCB_DSYNC is RWF_DSYNC since 5.9 */

/* Operation of an opcode, which are ABI; OP_MAX: moves no bytes of files. */
static __always_inline u8 uring_op(u8 opcode)
{
	switch (opcode) {
	case 1:		/* READV */
	case 4:		/* READ_FIXED */
	case 22:	/* READ */
	case 49:	/* READ_MULTISHOT */
	case 60:	/* READV_FIXED */
		return OP_READ;
	case 2:		/* WRITEV */
	case 5:		/* WRITE_FIXED */
	case 23:	/* WRITE */
	case 61:	/* WRITEV_FIXED */
	case 30:	/* SPLICE: the file that is written */
		return OP_WRITE;
	case 3:		/* FSYNC */
	case 8:		/* SYNC_FILE_RANGE */
		return OP_SYNC;
	}
	return OP_MAX;
}

static __always_inline void uring_count(u64 req, u64 file, u8 opcode, s32 res)
{
	struct call_out c = {};
	struct fdinfo fi = {};
	u8 op = uring_op(opcode);

	if (op == OP_MAX || !file || res < 0 || (!res && op != OP_SYNC))
		return;
	file_info(file, &fi);
	if (!fi.storage) {
		/* from a file into a pipe: the request's other file is not known here */
		if (opcode == 30)
			app_async();
		return;
	}
	c.desc = SYS_DESC(SYSK_NONE, IFACE_IO_URING) | SYS_HAS_OFFSET;
	c.fd = NO_FD;
	c.ret = res;
	c.ops = 1;
	if (req && op == OP_WRITE && (KP((struct kiocb *)req, ki_flags) & KIOCB_DSYNC))
		fi.flags |= FLAG_DSYNC;
#if LATENCY
	c.wait = req ? wait_open(req) : 0;
	c.end_ns = bpf_ktime_get_ns();
	if (c.wait)
		c.ns = c.end_ns - c.wait->enter_ns;
#endif
#if EVENTS
	/* the request begins with the kiocb, and that went on by what was done */
	if (req)
		c.offset = KP((struct kiocb *)req, ki_pos) - res;
#endif
	app_count(&c, &fi, op);
}

#if !URING_NO_REQ
int tp__io_uring_complete(void *ctx)
{
	u64 req = address_of(TP_ARG(ctx, 1));
	s32 res;

	if (!req)
		return 0;	/* more than one entry of a request: of no file that is storage */
#if ARG_URING_CQE >= 0
	res = KP((struct io_uring_cqe *)TP_ARG(ctx, ARG_URING_CQE), res);
#else
	res = TP_ARG(ctx, 3);
#endif
	uring_count(req, (u64)KP((struct io_kiocb *)req, file), KP((struct io_kiocb *)req, opcode), res);
#if LATENCY
	wait_close(req);	/* whatever became of it: what its task queues now is not of it */
#endif
	return 0;
}

/* A request that will not tell of its success is not counted, and that is said. */
static __always_inline void uring_submit(u64 req)
{
	u8 op = uring_op(KP((struct io_kiocb *)req, opcode));

#if LATENCY
	if (op != OP_MAX)
		wait_ring(req);
#endif
	if ((KP((struct io_kiocb *)req, flags) & URING_CQE_SKIP) && op != OP_MAX)
		app_async();
}

int tp__io_uring_submit_req(void *ctx)
{
	uring_submit(address_of(TP_ARG(ctx, 0)));
	return 0;
}

int tp__io_uring_submit_sqe(void *ctx)
{
#if ARG_URING_SQE >= 0
	uring_submit(address_of(TP_ARG(ctx, ARG_URING_SQE)));
#endif
	return 0;
}
#else
/* The completion names no request: what was submitted under that number last. */
struct uring_key {
	u64 ring, user_data;
};
struct uring_open {
	u64 file;
	u32 opcode;
	u32 pad;
};
BPF_TABLE("lru_hash", struct uring_key, struct uring_open, urings, 16384);

int tp__io_uring_submit_sqe(void *ctx)
{
	u64 req = address_of(TP_ARG(ctx, 1));
	struct uring_key k = {.ring = TP_ARG(ctx, 0), .user_data = TP_ARG(ctx, 3)};
	struct uring_open o = {.opcode = (u8)TP_ARG(ctx, 2)};

	if (uring_op(o.opcode) == OP_MAX)
		return 0;
	o.file = (u64)KP((struct io_kiocb *)req, file);
	urings.update(&k, &o);
	return 0;
}

int tp__io_uring_complete(void *ctx)
{
	struct uring_key k = {.ring = TP_ARG(ctx, 0), .user_data = TP_ARG(ctx, 1)};
	struct uring_open *o = urings.lookup(&k);

	if (o)
		uring_count(0, o->file, o->opcode, TP_ARG(ctx, 2));
	return 0;
}

int tp__io_uring_submit_req(void *ctx)
{
	return 0;	/* there is none yet */
}
#endif
#endif
