/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * bio_walk - what a bio is, by its operation and its completion function, and whose
 * its pages are, by a walk over them. No hook; bio.bpf.c, block.bpf.c and
 * device.bpf.c call.
 */
BPF_TABLE("hash", u64, u32, endios, 256);		/* completion function -> enum endio */
BPF_TABLE("hash", u64, struct bio_ctx, bios, BIO_ENTRIES);
BPF_TABLE("hash", u32, u32, last_flush, 1024);		/* disk -> who asked for a flush last */

#define REQ_OP_BITS	0xff
#define BIO_META	(1u << __REQ_META)
#define BIO_PREFLUSH	(1u << __REQ_PREFLUSH)

/* Operation of a bio or request; OP_MAX: passthrough or zone management, not counted. */
static __always_inline u8 block_op(u32 opf)
{
	u32 op = opf & REQ_OP_BITS;

	if (op == 1 || op == REQ_OP_ZONE_APPEND)	/* 13 or 21 until 5.19, now 7 */
		return OP_WRITE;
	switch (op) {
	case 0:
		return OP_READ;
	case 2:
		return OP_FLUSH;
	case 3:
	case 5:
		return OP_DISCARD;
	case 7:		/* WRITE_SAME until 5.17 */
	case 9:
		return OP_ZEROES;
	}
	return OP_MAX;
}

static __always_inline u32 endio_of(u64 addr)
{
	u32 *kind = endios.lookup(&addr);

	return kind ? *kind : ENDIO_UNKNOWN;
}

/* What the completion function of a bio tells: enum endio. */
static __always_inline u32 bio_kind(struct bio *bio)
{
	u32 kind = endio_of((u64)KR(bio, bi_end_io));

	if (kind == ENDIO_BH) {
		u32 inner = endio_of(bh_end_io(bio));

		return inner ? inner : ENDIO_BH_WRITE;
	}
	return kind;
}

static __always_inline u64 head_folio(struct bio *bio)
{
	u64 vec = (u64)KR(bio, bi_io_vec);
	u32 idx = KR(bio, bi_iter.bi_idx);

	if (!vec)
		return 0;
	return page_head((u64)KP((struct bio_vec *)vec + idx, bv_page));
}

/*
 * Encrypted data (fscrypt) is written from pages of nobody, whose `private` is the page of the
 * cache that they are a copy of (5.10 to 7.3). 0: this is no such page.
 */
static __always_inline u64 bounced_from(u64 page)
{
	if (KP((struct page *)page, mapping))
		return 0;
	return page_head(KP((struct page *)page, private));
}

/* Memory of a program. */
static __always_inline bool folio_is_foreign(u64 folio)
{
	return (u64)KP((struct page *)folio, mapping) & 3;
}

/* Class of page-cache pages of this inode. */
static __always_inline u8 host_class(u64 host)
{
	struct inode *inode = (struct inode *)host;
	u32 mode;

	if (!host)
		return CLASS_OTHER;
	mode = KP(inode, i_mode) & MODE_FMT;
	if (mode == MODE_REG)
		return is_btrfs_tree(inode) ? CLASS_METADATA : CLASS_DATA;
	if (mode != MODE_BLK)
		return CLASS_METADATA;	/* directories, links */
	return bdev_inode_has_fs(inode) ? CLASS_METADATA : CLASS_DATA;
}

/* Adds bytes to an owner of the bio. */
static __always_inline void part_add(struct bio_ctx *c, u32 actor, u32 bytes)
{
	u32 n = c->parts;

	/* unrolled: 6.1's verifier loses the bounds of a running pointer */
#pragma unroll
	for (int j = 0; j < BIO_OWNERS; j++) {
		if (j < n && c->part[j].actor == actor) {
			c->part[j].bytes += bytes;
			return;
		}
	}
	if (n < BIO_OWNERS) {
		struct bio_part *part = &c->part[INDEX(n, BIO_OWNERS)];

		part->actor = actor;
		part->bytes = bytes;
		c->parts = n + 1;
		return;
	}
	lose(LOSS_OWNER_EVICTED);
	c->part[BIO_OWNERS - 1].bytes += bytes;
}

/* Adds a run of bytes of one owner; false when all slots are used. */
static __always_inline bool run_add(struct walk_cursor *w, u32 actor, u8 cls, u32 bytes, u32 file)
{
	u32 n = w->runs;
	struct walk_run *last = &w->run[INDEX(n - 1, WALK_RUNS)];

	if (n && last->actor == actor && last->cls == cls && FILE_SAME(last, file)) {
		last->bytes += bytes;
		return true;
	}
	w->runs = n + 1;
	last = &w->run[INDEX(n, WALK_RUNS)];
	last->actor = actor;
	last->cls = cls;
	FILE_SET(last, file);
	last->bytes = bytes;
	return n + 1 < WALK_RUNS;
}

/*
 * The smaller of two, without a branch: each branch in a loop doubles the paths that the
 * verifier follows, and so the time to load.
 */
static __always_inline u32 min_flat(u32 a, u32 b)
{
	s64 d = (s64)(u64)a - (s64)(u64)b;

	return b + (u32)(d & (d >> 63));
}

/*
 * The entry of the folio that the walk has come to; NULL: none. Compaction, reclaim and truncation
 * split folios, and the entry is that of the larger one; so, where there is none, `again` asks for
 * another round that looks for the next larger order. (A loop in here would be followed by the
 * verifier in each round.)
 */
static __always_inline struct page_owner *walk_find(struct walk_cursor *w, u64 folio, u64 *id,
						    bool *again)
{
#if OWNERSHIP == OWN_PAGE
	u32 at = w->at, index = index_of(folio), next;
	struct page_owner *o;

	*id = page_id(w->inode, index & -(u64)at);
	o = page_find(*id);
	if (o && 1u << page_order(o->flags) >= at) {
		w->at = 1;
		return o;
	}
	next = w->orders & -(at << 1);
	next &= -next;
	/* the last one without an entry would have been a part of the same larger folio */
	if (next > (index ^ w->missed))
		next = 0;
	if (!next)
		w->missed = index;
	*again = next;
	w->at = next ? next : 1;
#endif
	return 0;
}

/* Walks pages in order, each folio once, until WALK_STEPS or the runs are used up. */
static __always_inline void bio_walk(u64 vec, struct walk_cursor *w)
{
	struct page_owner *o;
	u64 head, addr, id;
	u32 n, in, off, actor;
	struct bio_vec v;
	bool again;

#pragma nounroll
	for (int i = 0; i < WALK_STEPS; i++) {
		if (!w->size)
			break;
		if (!w->left) {
			bpf_probe_read_kernel(&v, sizeof(v), (void *)(vec + (u64)w->idx * sizeof(v)));
			off = v.bv_offset + w->skip;
			w->idx++;
			w->left = v.bv_len - w->skip;
			w->skip = 0;
			w->addr = (u64)v.bv_page + (u64)(off / PAGE_BYTES) * sizeof(struct page);
			w->off = off & (PAGE_BYTES - 1);
		}
		addr = w->addr;
		off = w->off;
		head = page_head(addr);
		in = (u32)((addr - head) / sizeof(struct page)) * PAGE_BYTES + off;
		n = min_flat(min_flat(folio_bytes(head) - in, w->left), w->size);
		if (!n)
			break;
		if (w->bounced)
			head = bounced_from(addr);
		again = false;
		o = walk_find(w, head, &id, &again);
		if (again)
			continue;
		if (o) {
			actor = o->actor;
			page_submit(o, id, n, w->copy);
		} else {
			actor = owner_of_inode(head, w->inode, w->fallback);
		}
		w->addr = addr + (u64)((off + n) / PAGE_BYTES) * sizeof(struct page);
		w->off = (off + n) & (PAGE_BYTES - 1);
		w->left -= n;
		w->size -= n;
		if (!run_add(w, actor, 0, n, 0))
			break;
	}
}

/* Moves the runs found so far to the owners of the bio. */
static __always_inline void bio_runs(struct bio_ctx *c, struct walk_cursor *w)
{
#pragma nounroll
	for (int i = 0; i < WALK_RUNS; i++) {
		if (i >= w->runs)
			break;
		part_add(c, w->run[i].actor, w->run[i].bytes);
	}
	w->runs = 0;
}
