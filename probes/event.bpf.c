/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * event - the second effect of a probe: one line in the ring buffer. Compiled
 * to nothing in tools that only count (EVENTS 0).
 */
/* An open I/O in the block layer, by bio address. */
struct bio_ctx {
	BIO_RECORD
	u64 sector;	/* where it begins */
#if LATENCY
	u64 wait;	/* key of the wait it belongs to; 0: none */
	u32 wait_seq;
	u32 wait_flags;
#endif
#if EVENTS
	u64 req;
	u64 inode;
	char via_comm[16];
#endif
};
/* Flag of the device's counter: what is no origin came through the disk above. */
static __always_inline u8 bio_below(struct bio_ctx *c)
{
	return c->flags & BIO_F_ORIGIN ? 0 : KEY_BELOW;
}

/*
 * State of a walk over the pages of a bio or the bios of a request. It lives in
 * a map, not on the stack: the verifier then sees the same state in each round
 * of the loop, and a tail call can go on where a program stopped.
 */
#define WALK_RUNS 8
struct walk_run {
	u32 actor;
	u32 bytes;
	u32 cls;
	u32 file;
};
struct walk_cursor {
	u64 addr;	/* page, or bio */
	u64 inode;	/* of the pages; or queue time of the last bio */
	u32 idx, off;	/* next vector; offset in the page */
	u32 left;	/* bytes of this vector, or of this bio */
	u32 size;	/* bytes of the whole bio, or request */
	u32 skip;	/* start within the first vector; next owner of this bio */
	u32 ops;
	u32 runs;	/* used slots of run[] */
	u32 fallback;	/* owner of pages that have none */
	u32 copy;	/* the same pages are submitted once more */
	u32 cls;	/* of bios that were never queued */
	u32 again;	/* the second of two programs walks */
	u32 bounced;	/* the pages are copies: encrypted */
	u32 orders;	/* of the inode's dirty folios, bits */
	u32 at;		/* 1 << order of the folio that is looked for now */
	u32 missed;	/* index of the last folio without any entry */
	u32 pad;
	struct walk_run run[WALK_RUNS];
};

#if EVENTS
BPF_RINGBUF_OUTPUT(events, EVENT_PAGES);
BPF_TABLE("array", u32, u64, req_ids, 1);
#endif

struct event_args {
	u8 layer, op, cls, flags;
	u32 actor, dev;
	s32 fd;
	u64 size, offset, lat_ns, req, inode;
	s64 ret;
	struct bio_ctx *bio;	/* issuer, when it is not the running task */
};

static __always_inline u64 req_new(void)
{
#if EVENTS
	u32 slot = 0;
	u64 *v = req_ids.lookup(&slot);

	return v ? number_new(v, NUMBER_REQUEST) : 0;
#else
	return 0;
#endif
}

static __always_inline void emit(struct event_args *a)
{
#if EVENTS
	struct ioamp_event *e;
	u64 id = bpf_get_current_pid_tgid();

	if (!active() || !(config_get(CFG_EVENT_LAYERS) >> a->layer & 1))
		return;
	if (a->lat_ns < config_get(CFG_MIN_NS))
		return;
	if (config_get(CFG_TARGETED) && a->actor < ACTOR_FIRST)
		return;
	if (a->actor == ACTOR_SELF)
		return;
	e = events.ringbuf_reserve(sizeof(*e));
	if (!e) {
		lose(LOSS_EVENTS);
		return;
	}
	e->ts_ns = bpf_ktime_get_ns();
	e->size = a->size;
	e->offset = a->offset;
	e->ret = a->ret;
	e->lat_ns = a->lat_ns;
	e->req = a->req;
	e->inode = a->inode;
	e->actor = a->actor;
	e->dev = a->dev;
	e->layer = a->layer;
	e->op = a->op;
	e->cls = a->cls;
	e->flags = a->flags;
	e->fd = a->fd;
	e->pad = 0;
	if (a->bio) {
		e->via_tid = a->bio->via_tid;
		__builtin_memcpy(e->via_comm, a->bio->via_comm, sizeof(e->via_comm));
		e->tid = 0;
	} else {
		e->via_tid = tid_here();
		bpf_get_current_comm(e->via_comm, sizeof(e->via_comm));
		e->tid = a->actor == actor_known() ? tid_here() : 0;
	}
	events.ringbuf_submit(e, 0);
	lose(LOSS_EVENTS_SENT);
#endif
}
