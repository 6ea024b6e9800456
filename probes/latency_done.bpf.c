/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * latency_done - the ends of bios, as waits see them. Hook: block_rq_complete,
 * attached before that of device.bpf.c, which deletes the entries of bios. A program of its
 * own: one program with the counting exceeds the verifier's limit.
 */
#if LATENCY
/* Where a walk over a request's bios is; in a map, like struct walk_cursor. */
struct ends_cursor {
	u64 bio, now, issue;
	u32 bytes;
	u32 pad;
};
BPF_TABLE("hash", u64, struct ends_cursor, ends_cursors, 1024);
BPF_PROG_ARRAY(ends_more, 1);

static __always_inline void ends_walk(struct ends_cursor *e)
{
	struct bio_ctx *c;
	u32 size;
	u64 key;

#pragma nounroll
	for (int i = 0; i < ENDS_STEPS; i++) {
		key = e->bio;
		if (!key)
			break;
		c = bios.lookup(&key);
		size = c ? c->left : KP((struct bio *)key, bi_iter.bi_size);
		if (!size || e->bytes < size) {
			e->bio = 0;
			break;
		}
		e->bytes -= size;
		e->bio = e->bytes ? (u64)KP((struct bio *)key, bi_next) : 0;
		if (!c)
			continue;
		bio_waited(c, e->now, e->issue);
		log_ended(key, c);
	}
}

/* A flush without data has ended, or the flush after the data. */
static __always_inline void end_of_flush(struct request *rq, u64 now)
{
	u64 key = (u64)KR(rq, bio);
	struct bio_ctx *c = bios.lookup(&key);

	if (!c || c->left)
		return;
	if (c->wait)
		bio_waited(c, now, 0);
	log_ended(key, c);
	bios.delete(&key);
}

int tp__waits_end(void *ctx)
{
	struct request *rq = (struct request *)TP_ARG(ctx, ARG_RQ_COMPLETE);
	struct ends_cursor e = {.now = bpf_ktime_get_ns(), .bytes = TP_ARG(ctx, 2)};
	u64 key = address_of((u64)rq);

	if (!e.bytes) {
		end_of_flush(rq, e.now);
		return 0;
	}
	/* more of the flush sequence is to come */
	if (KR(rq, end_io))
		return 0;
	e.bio = (u64)KR(rq, bio);
	e.issue = issue_time(key);
	if (!e.bio)
		return 0;
	if (!ends_cursors.update(&key, &e))
		ends_more.call(ctx, 0);
	lose(LOSS_WAITS);
	return 0;
}

int more__waits_end(void *ctx)
{
	u64 key = address_of(TP_ARG(ctx, ARG_RQ_COMPLETE));
	struct ends_cursor *e = ends_cursors.lookup(&key);

	if (!e)
		return 0;
	ends_walk(e);
	if (e->bio)
		ends_more.call(ctx, 0);
	ends_cursors.delete(&key);
	return 0;
}
#endif
