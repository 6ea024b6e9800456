/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * latency - what a caller waits for, in parts that add up to its wait (LATENCY).
 * One record per wait: a task's system call, a request of io_uring or libaio, a
 * bio that nobody waits for and that goes through a stack of disks. The record
 * is a clock: each event of one of its bios adds the time since the event before
 * to the part that the wait was in. Hook: sys_enter. The bios' side
 * is in latency_bio.bpf.c, the journal's in latency_sync.bpf.c.
 */
#if LATENCY
struct wait {
	u64 enter_ns;	/* 0: nobody waits */
	u64 last_ns;	/* explained up to here */
	u64 part[PART_MAX];
	u64 task;	/* who waits; 0: not a system call */
	u64 ring_req;	/* the request of a ring that this task took last */
	u64 inode;	/* that is synced (ext4) */
	u32 journal;	/* file system whose journal is waited for; 0: none */
	u32 datasync;
	u32 seq;	/* tells this wait from the next one of the same task or address */
	u32 nr;		/* system call */
	u32 open;	/* own bios that have not ended, */
	u32 leaf;	/* those of them, or made of them, in the queue of a leaf, */
	u32 issued;	/* and handed to its driver */
	u32 begun;	/* parts[] are of this wait: it had a bio, or a journal */
	u32 ended;	/* a bio of it has ended */
	u32 iomap;	/* iomap_dio_complete will tell the end */
	u32 fault;	/* a page fault, which nothing tells the end of */
	u32 actor;	/* request of libaio, or fault: whose, */
	u32 dev;	/* on which file system, */
	u32 op;		/* and what */
	u32 disk;	/* where its bios are; ~0: on several */
	u32 aio;	/* requests of libaio that this call submits and that have waits of their own */
};
/* By tid, or by address of the request or bio; overwritten in place, not deleted. */
BPF_TABLE("lru_hash", u64, struct wait, waits, WAIT_ENTRIES);
BPF_TABLE("percpu_hash", struct lat_key, struct lat_val, lats, LAT_ENTRIES);
/* Waits when `lats` is full: the actor is lost, as in agg_spill. */
BPF_TABLE("percpu_hash", struct lat_key, struct lat_val, lats_spill, 1024);
/* All zero: new values are copied from it, because a value does not fit on the stack. */
BPF_TABLE("array", u32, struct lat_val, lat_zero, 1);
BPF_TABLE("array", u32, struct wait, wait_zero, 1);

static __always_inline u32 log2_flat(u64 v)
{
	u32 r = 0, s;

	s = (v > 0xffffffffULL) << 5; v >>= s; r |= s;
	s = (v > 0xffff) << 4; v >>= s; r |= s;
	s = (v > 0xff) << 3; v >>= s; r |= s;
	s = (v > 0xf) << 2; v >>= s; r |= s;
	s = (v > 0x3) << 1; v >>= s; r |= s;
	return r | (v >> 1);
}

/* The row's value for waits of this octave, see lat_key; `slot` within it. */
static __always_inline struct lat_val *lat_slot(struct lat_key *k, u64 ns, u32 *slot)
{
	u32 shift = log2_flat(ns | LAT_SLOTS) - LAT_SLOT_BITS, zero = 0, index;
	struct lat_val *v, *fresh;

	index = (shift << LAT_SLOT_BITS) + (u32)(ns >> shift);
	k->octave = index >> LAT_SLOT_BITS;
	*slot = index & (LAT_SLOTS - 1);
	v = lats.lookup(k);
	if (v)
		return v;
	fresh = lat_zero.lookup(&zero);
	if (!fresh)
		return 0;
	lats.insert(k, fresh);
	v = lats.lookup(k);
	if (v)
		return v;
	lose(LOSS_MAP_FULL);
	k->actor = ACTOR_UNATTRIBUTED;
	lats_spill.insert(k, fresh);
	return lats_spill.lookup(k);
}

/* A shared transaction has a number of its own each time: what it waits for is nobody's. */
static __always_inline u32 lat_actor(u32 actor)
{
	return actor & ACTOR_POOL ? ACTOR_BACKGROUND : actor;
}

static __always_inline bool lat_hidden(u32 actor)
{
	return actor == ACTOR_SELF || actor == ACTOR_OUTSIDE;
}

/* Adds one wait; the caller adds its parts. */
static __always_inline struct lat_val *lat_count(struct lat_key *k, u64 ns, u64 n)
{
	u32 slot;
	struct lat_val *v = lat_slot(k, ns, &slot);

	if (!v)
		return 0;
	__sync_fetch_and_add(&v->slot[INDEX(slot, LAT_SLOTS)], n);
	__sync_fetch_and_add(&v->wait_ns, ns * n);
	if (ns > v->max_ns)
		v->max_ns = ns;
	return v;
}

#if !HAVE_ATOMICS
struct claim {
	u64 wait, from;
};
BPF_TABLE("lru_hash", struct claim, u8, claims, 4096);	/* stretches that somebody has */
#endif

/* The stretch of a wait that begins at `from` now ends at `now`; false: somebody else has it. */
static __always_inline bool claim_from(struct wait *w, u64 from, u64 now)
{
#if HAVE_ATOMICS
	return __sync_val_compare_and_swap(&w->last_ns, from, now) == from;
#else
	struct claim k = {.from = from};
	u64 wait = (u64)w;
	u8 one = 1;

	/* the address as a number: a key holds no pointer */
	UNKNOWN(wait);
	__sync_fetch_and_add(&k.wait, wait);
	if (claims.insert(&k, &one))
		return false;
	w->last_ns = now;
	return true;
#endif
}

/*
 * Claims the time up to `now` that is not counted yet. Returns its begin; 0: there is none.
 * Interrupts on other processors claim at the same time: each stretch of time is given to
 * one of them, so none is counted twice.
 */
static __always_inline u64 wait_claim(struct wait *w, u64 now)
{
	u64 old;

#pragma unroll
	for (int i = 0; i < 3; i++) {
		old = *(volatile u64 *)&w->last_ns;
		if (old >= now)
			return 0;
		if (claim_from(w, old, now))
			return old;
	}
	return 0;	/* it stays unaccounted */
}

static __always_inline void wait_add(struct wait *w, u32 part, u64 ns)
{
	UNKNOWN(ns);
	__sync_fetch_and_add(&w->part[INDEX(part, PART_MAX)], ns);
}

/* The wait has a bio or a journal: its parts are used from now on. */
static __always_inline void wait_begin(struct wait *w)
{
	if (w->begun)
		return;
	w->last_ns = w->enter_ns;
#pragma unroll
	for (int i = 0; i < PART_MAX; i++)
		w->part[i] = 0;
	w->open = w->leaf = w->issued = 0;
	w->ended = 0;
	w->disk = 0;
	w->journal = 0;
	w->inode = 0;
	w->begun = 1;
}

static __always_inline u64 journal_end(struct wait *w);		/* latency_sync.bpf.c */
static __always_inline void wait_aio_begin(u64 iocb);			/* latency_bio.bpf.c */

/* Time without a bio, from `from` to `now`: the wait for a journal, else of `part`. */
static __always_inline void wait_idle(struct wait *w, u64 from, u64 now, u32 part)
{
	u64 end = w->journal ? journal_end(w) : 0;

	if (end > from) {
		if (end > now)
			end = now;
		wait_add(w, PART_JOURNAL, end - from);
		from = end;
	}
	wait_add(w, part, now - from);
}

/*
 * Time up to `now` to the part the wait was in. `flush`: when the flush that
 * comes before the data was handed to the driver, 0 none.
 */
static __always_inline void wait_step(struct wait *w, u64 now, u64 flush)
{
	u64 from = wait_claim(w, now);

	if (!from)
		return;
	if (w->issued) {
		wait_add(w, PART_DEVICE, now - from);
	} else if (w->leaf) {
		if (flush <= from || flush > now)
			flush = now;
		wait_add(w, PART_QUEUE, flush - from);
		wait_add(w, PART_DEVICE, now - flush);
	} else if (w->open) {
		wait_add(w, PART_STACK, now - from);
	} else {
		wait_idle(w, from, now, w->ended || w->journal ? PART_FILESYSTEM : PART_ABOVE);
	}
}

/* The rest of the wait, to its end. Bios that it queued and did not wait for are ignored. */
static __always_inline void wait_end(struct wait *w, u64 now)
{
	u64 from = wait_claim(w, now);

	if (!from)
		return;
	if (w->open && !w->ended)
		wait_add(w, PART_FILESYSTEM, now - from);
	else if (w->journal && !w->open && !(config_get(CFG_WAITS) & WAITS_JOURNAL))
		wait_add(w, PART_UNACCOUNTED, now - from);
	else
		wait_idle(w, from, now, PART_RETURN);
}

/* `n` equal waits end now. The difference between their length and their parts is unaccounted. */
static __always_inline void lat_account(struct wait *w, struct lat_key *k, u64 now, u64 n)
{
	u64 ns = now - w->enter_ns, left = ns, take;
	struct lat_val *v;

	if (lat_hidden(k->actor))
		return;
	if (w->begun)
		wait_end(w, now);
	v = lat_count(k, ns, n);
	if (!v)
		return;
	if (!w->begun) {
		__sync_fetch_and_add(&v->part[PART_ABOVE], ns * n);
		return;
	}
#pragma unroll
	for (int i = 0; i < PART_UNACCOUNTED; i++) {
		take = w->part[i];
		if (take > left)
			take = left;
		left -= take;
		if (take)
			__sync_fetch_and_add(&v->part[i], take * n);
	}
	if (left)
		__sync_fetch_and_add(&v->part[PART_UNACCOUNTED], left * n);
}

/* A new wait, which begins now. NULL: no room. */
static __always_inline struct wait *wait_new(u64 key, u64 now)
{
	struct wait *w = waits.lookup(&key), *fresh;
	u32 zero = 0;

	if (!w) {
		fresh = wait_zero.lookup(&zero);
		if (!fresh || waits.update(&key, fresh)) {
			lose(LOSS_MAP_FULL);
			return 0;
		}
		w = waits.lookup(&key);
		if (!w)
			return 0;
	}
	w->seq++;
	w->begun = 0;
	w->iomap = 0;
	w->fault = 0;
	w->aio = 0;
	w->actor = 0;
	w->enter_ns = now;
	return w;
}

int tp__sys_enter(void *ctx)
{
	u32 nr = TP_ARG(ctx, 1);
	u32 *desc = sysdesc.lookup(&nr);
	struct wait *w;

	if (!desc || !(*desc & SYS_COUNTED))
		return 0;
	w = wait_new((u32)bpf_get_current_pid_tgid(), bpf_ktime_get_ns());
	if (w)
		w->nr = nr;
	return 0;
}

/* NULL: its begin was not seen, or it has ended. */
static __always_inline struct wait *wait_open(u64 key)
{
	struct wait *w = waits.lookup(&key);

	return w && w->enter_ns ? w : 0;
}

static __always_inline void wait_close(u64 key)
{
	struct wait *w = waits.lookup(&key);

	if (w)
		w->enter_ns = 0;
}

/* The wait of the running task's system call. */
static __always_inline struct wait *wait_of_call(void)
{
	return wait_open((u32)bpf_get_current_pid_tgid());
}

static __always_inline void wait_over(void)
{
	wait_close((u32)bpf_get_current_pid_tgid());
}

/* The running task takes a request off a ring: what it queues now may belong to the request. */
static __always_inline void wait_ring(u64 req)
{
	u64 now = bpf_ktime_get_ns(), key = (u32)bpf_get_current_pid_tgid();
	struct wait *w;

	if (!wait_new(req, now))
		return;
	w = waits.lookup(&key);
	if (!w)
		w = wait_new(key, 0);
	if (w)
		w->ring_req = req;
}
#else
static __always_inline void wait_over(void)
{
}
#endif
