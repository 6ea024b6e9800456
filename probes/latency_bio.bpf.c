/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * latency_bio - which wait a bio belongs to, from its queue on: block.bpf.c and
 * stack.bpf.c call, nothing without LATENCY. No hook.
 */
#if LATENCY
/* Disks that take requests and queue bios below: loop. */
BPF_TABLE("hash", u32, u32, rq_uppers, 1024);
BPF_TABLE("hash", u32, u64, flush_issued, 1024);	/* disk -> when it got a flush last */

BPF_TABLE("hash", u32, u64, flush_bios, 1024);	/* upper disk -> the bio that brought its last flush */

/* Bits of bio_ctx.wait_flags: which counters of the wait hold this bio. */
#define WAIT_F_OPEN	1
#define WAIT_F_LEAF	2
#define WAIT_F_ISSUED	4
#define WAIT_F_OWN	8	/* the wait is this bio's alone: nobody waits */

/* The kiocb of an O_DIRECT bio, if it has one: the raw device's asynchronous bio is inside it all. */
static __always_inline u64 wait_iocb(struct bio *bio)
{
	u64 private = (u64)KR(bio, bi_private);

#if HAVE_BLKDEV_DIO_BIO_BI_OPF
	if (!private)
		private = address_of((u64)bio) - (offsetof(struct blkdev_dio, bio.bi_opf) -
						  offsetof(struct bio, bi_opf));
#endif
	return private ? KPTR((u64 *)private) : 0;
}

/* The task that waits for the O_DIRECT call of a bio which a kernel thread queues; 0: none known. */
static __always_inline u64 wait_of_held(struct bio *bio)
{
#if HAVE_IOMAP_DIO_WAIT_FOR_COMPLETION && HAVE_IOMAP_DIO_SUBMIT_WAITER
	struct iomap_dio *dio = (struct iomap_dio *)KR(bio, bi_private);
	struct task_struct *task;

	if (KP(dio, wait_for_completion)) {
		task = KP(dio, submit.waiter);
		return (u32)KP(task, pid);
	}
#endif
	return 0;
}

/* The wait of a libaio request; without an earlier hook it begins at the first bio. */
static __always_inline struct wait *wait_of_aio(u64 iocb, bool first)
{
	u64 key = (u32)bpf_get_current_pid_tgid();
	struct wait *w = waits.lookup(&iocb), *call;
	struct fdinfo fi = {};

	if (!first && w && w->enter_ns)
		return w;
	call = on_kthread() ? 0 : waits.lookup(&key);
	if (!call || !call->enter_ns)
		return 0;
	w = wait_new(iocb, call->enter_ns);
	if (!w)
		return 0;
	__sync_fetch_and_add(&call->aio, 1);
	file_info((u64)KP((struct kiocb *)iocb, ki_filp), &fi);
	w->actor = actor_current();
	w->dev = fi.dev;
	w->op = OP_MAX;
	return w;
}

/* libaio submits to a file system that will report the end of the request. */
static __always_inline void wait_aio_begin(u64 iocb)
{
	struct wait *w = wait_of_aio(iocb, true);

	if (w)
		w->iomap = !!(config_get(CFG_WAITS) & WAITS_IOMAP);
}

/* Is this a fault in the program's own code? The end of an interrupt looks the same. */
static __always_inline bool outside_calls(void)
{
	return (s32)KP((struct pt_regs *)user_regs(task_here()), orig_ax) == -1;
}

/* The wait a bio is queued for, and its key; NULL: nobody waits for it. */
static __always_inline struct wait *wait_find(struct bio *bio, u32 kind, u64 *key)
{
	struct wait *w;
	u64 iocb = 0;
	u32 async;

	*key = (u32)bpf_get_current_pid_tgid();
	if (kind == ENDIO_DIRECT) {
		iocb = wait_iocb(bio);
		async = endio_of((u64)KP((struct kiocb *)iocb, ki_complete));
		if (async == ENDIO_AIO || async == ENDIO_URING) {
			*key = iocb;
			w = async == ENDIO_AIO ? wait_of_aio(iocb, false) : waits.lookup(key);
			return w && w->enter_ns ? w : 0;
		}
	}
	if (on_kthread()) {
		if (kind != ENDIO_DIRECT)
			return 0;
		*key = wait_of_held(bio);
		w = *key ? waits.lookup(key) : 0;
		return w && w->enter_ns ? w : 0;
	}
	w = waits.lookup(key);
	if (w && !w->enter_ns && w->ring_req && !outside_calls()) {
		*key = w->ring_req;
		w = waits.lookup(key);
	} else if (w) {
		w->task = (u64)bpf_get_current_task();
	}
	return w && w->enter_ns ? w : 0;
}

static __always_inline void wait_join(struct wait *w, struct bio_ctx *c, u64 key, u64 now, u32 flags)
{
	wait_begin(w);
	wait_step(w, now, 0);
	c->wait = key;
	c->wait_seq = w->seq;
	c->wait_flags = flags;
	if (flags & WAIT_F_OPEN) {
		w->disk = !w->disk || w->disk == c->dev ? c->dev : ~0u;
		__sync_fetch_and_add(&w->open, 1);
	}
	if (flags & WAIT_F_LEAF)
		__sync_fetch_and_add(&w->leaf, 1);
}

static __always_inline struct wait *wait_of_bio(struct bio_ctx *c)
{
	u64 key = c->wait;
	struct wait *w = key ? waits.lookup(&key) : 0;

	return w && w->enter_ns && w->seq == c->wait_seq ? w : 0;
}

/* A bio is made of another one, `from`: cut off it, or sent below by its disk. */
static __always_inline void wait_inherit(struct bio_ctx *c, struct bio_ctx *from, u32 flags)
{
	struct wait *w = wait_of_bio(from);

	if (w)
		wait_join(w, c, from->wait, bpf_ktime_get_ns(), flags);
}

#define SLEEPS_FOR_IO 2	/* TASK_UNINTERRUPTIBLE, a bit of TASK_KILLABLE, too */

/* Does the task of this wait sleep now, and not for a timer or a socket? */
static __always_inline bool wait_sleeps(struct wait *w)
{
	struct task_struct *task = (struct task_struct *)w->task;

#if HAVE_TASK_STRUCT___STATE
	return task && (KP(task, __state) & SLEEPS_FOR_IO);
#elif HAVE_TASK_STRUCT_STATE
	return task && (KP(task, state) & SLEEPS_FOR_IO);
#else
	return false;
#endif
}

/* Does this call wait for I/O that an earlier call of the task began: readahead, or writeback? */
static __always_inline bool waits_for_earlier(struct wait *w, u8 op)
{
	u32 nr = w->nr, *desc = sysdesc.lookup(&nr), kind;

	if (!desc)
		return false;
	kind = SYS_KIND(*desc) & 0xf;
	return op == OP_READ ? kind == SYSK_READ :
	       op == OP_WRITE && (kind == SYSK_SYNC_FD || kind == SYSK_SYNC_ALL);
}

/*
 * A bio of an earlier call of the task has ended. If the task sleeps in a call that reads or
 * syncs, it waited for this bio. False: no task waited for it.
 */
static __always_inline bool wait_carried(struct bio_ctx *c, u64 now, u64 issue)
{
	u64 key = c->wait, from;
	struct wait *w = waits.lookup(&key);

	if (!w || !w->enter_ns || (w->begun && w->open) || !wait_sleeps(w) ||
	    !waits_for_earlier(w, c->op))
		return false;
	wait_begin(w);
	from = wait_claim(w, now);
	if (!from)
		return true;
	if (issue < from)
		issue = from;
	if (issue > now)
		issue = now;
	wait_add(w, PART_QUEUE, issue - from);
	wait_add(w, PART_DEVICE, now - issue);
	w->ended = 1;
	return true;
}

/*
 * The wait of a page fault that reads, from its first bio on: the task is in no call
 * that reads. NULL: this is no page fault.
 */
static __always_inline struct wait *wait_of_fault(struct bio_ctx *c, u64 *key)
{
	struct wait *w;

	if (c->op != OP_READ || c->cls != CLASS_DATA || on_kthread() || (call_bits_here() & SYS_FILLS))
		return 0;
	*key = (u32)bpf_get_current_pid_tgid();
	w = wait_new(*key, c->queued_ns);
	if (!w)
		return 0;
	w->fault = 1;
	w->nr = ~0;
	w->task = (u64)bpf_get_current_task();
	w->actor = actor_current();
	w->dev = c->dev;
	w->op = OP_READ;
	return w;
}

/* The bio on a loop disk that its worker sends this one to the file for; NULL: none. */
static __always_inline struct bio_ctx *loop_bio(struct bio *bio, u32 kind)
{
#if HAVE_LOOP_CMD_IOCB_KI_FILP
	u64 iocb, rq, key;
	struct file *file;

	if (kind != ENDIO_DIRECT || !on_kthread())
		return 0;
	iocb = wait_iocb(bio);
	file = KP((struct kiocb *)iocb, ki_filp);
	if (!stack_pool(KP(file, f_inode)))
		return 0;
	/* the driver's part of a request follows it */
	rq = iocb - (offsetof(struct loop_cmd, iocb.ki_filp) - offsetof(struct kiocb, ki_filp)) -
	     sizeof(struct request);
	key = (u64)KP((struct request *)rq, bio);
	return bios.lookup(&key);
#else
	return 0;
#endif
}

/* A bio is queued at the top of its stack, or by a loop disk for one above. */
static __always_inline void wait_queue(struct bio *bio, struct bio_ctx *c, u32 kind, bool upper)
{
	u32 dev = c->dev, flags = WAIT_F_OPEN;
	struct bio_ctx *above = loop_bio(bio, kind);
	struct wait *w;
	u64 key;

	if (!upper && !rq_uppers.lookup(&dev))
		flags |= WAIT_F_LEAF;
	if (above) {
		wait_inherit(c, above, flags & WAIT_F_LEAF);
		return;
	}
	w = wait_find(bio, kind, &key);
	if (!w)
		w = wait_of_fault(c, &key);
	if (!w && !(flags & WAIT_F_LEAF)) {
		key = address_of((u64)bio);
		w = wait_new(key, c->queued_ns);
		flags |= WAIT_F_OWN;
	}
	if (!w)
		return;
	if (w->op == OP_MAX)
		w->op = c->op;
	wait_join(w, c, key, c->queued_ns, flags);
	key = address_of((u64)bio);
	if (upper && (KR(bio, bi_opf) & BIO_PREFLUSH))
		flush_bios.update(&dev, &key);
}

/* A bio of an upper disk is on a leaf now. */
static __always_inline void wait_goes_on(struct bio_ctx *c)
{
	struct wait *w = wait_of_bio(c);

	if (!w || (c->wait_flags & WAIT_F_LEAF))
		return;
	wait_step(w, bpf_ktime_get_ns(), 0);
	c->wait_flags |= WAIT_F_LEAF;
	__sync_fetch_and_add(&w->leaf, 1);
}
#endif
