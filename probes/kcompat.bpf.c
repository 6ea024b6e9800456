/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * kcompat - the only text that knows kernel differences, one function each.
 * The HAVE_ and ARG_ values come from ktypes (BTF, or the headers' own text).
 */

/*
 * A field of a kernel object. KP always goes through the fault-safe helper; KR
 * loads directly where the pointer is typed by BTF (DIRECT: tp_btf, fentry),
 * which is several times cheaper. Both are macros because libbcc's rewriter
 * leaves macro expansions alone; one hop each.
 */
#define KP(p, f)                                                              \
	({                                                                    \
		__typeof__((p)->f) _kp;                                       \
		bpf_probe_read_kernel(&_kp, sizeof(_kp), &(p)->f);            \
		_kp;                                                          \
	})
#define KPTR(p)                                                               \
	({                                                                    \
		__typeof__(*(p)) _kp;                                         \
		bpf_probe_read_kernel(&_kp, sizeof(_kp), (p));                \
		_kp;                                                          \
	})
#if DIRECT
#define KR(p, f) ((p)->f)
#define LOAD64(p) (*(u64 *)(p))
#else
#define KR(p, f) KP(p, f)
#endif

/*
 * Atomics. Kernels before 5.12 have the plain add alone: none whose result is used (5ca419f2864a),
 * no exchange (5ffa25502b5a), no or (981f94c3e921). The compiler makes an or of an add of 0: a
 * value that it may know is hidden from it.
 */
#define UNKNOWN(value) asm volatile("" : "+r"(value))

/*
 * The address of a typed pointer as a number. The verifier allows no shift of a
 * pointer, and follows it through the stack; an atomic add it does not follow.
 */
static __always_inline u64 address_of(u64 pointer)
{
#if DIRECT
	u64 number = 0;

	UNKNOWN(pointer);
	__sync_fetch_and_add(&number, pointer);
	return number;
#else
	return pointer;
#endif
}

/*
 * Hides a number from the verifier. It follows each value that a switch may have assigned
 * through all later code, which multiplies its work. It does not follow an atomic add.
 */
static __always_inline u32 forget(u32 value)
{
	u64 number = 0;

	UNKNOWN(value);
	__sync_fetch_and_add(&number, value);
	return number;
}

/*
 * An index the verifier can trust. The compiler drops a mask that it can prove
 * needless; older verifiers cannot follow that proof.
 */
#define INDEX(n, size)                                                        \
	({                                                                    \
		u64 _i = (n);                                                 \
		asm volatile("%0 &= %1" : "+r"(_i) : "i"((size) - 1));        \
		_i;                                                           \
	})

/*
 * Registers with which a user task entered the kernel: at the top of its stack, less two words
 * where the processor may use FRED (6.9). orig_ax is -1 after an exception.
 */
#if DIRECT && HAVE_TASK_BTF
#define user_regs(task) ((u64)bpf_task_pt_regs(task))
#else
#ifndef THREAD_SIZE
#define THREAD_SIZE (4 * 4096)
#endif
#ifndef TOP_OF_KERNEL_STACK_PADDING
#define TOP_OF_KERNEL_STACK_PADDING 0
#endif
#define user_regs(task)                                                       \
	((u64)KP(task, stack) + THREAD_SIZE - TOP_OF_KERNEL_STACK_PADDING -   \
	 sizeof(struct pt_regs))
#endif

/* Argument n of a raw tracepoint; the layout of the context is the same for tp_btf. */
#define TP_ARG(ctx, n) (((u64 *)(ctx))[n])

#define DEV(major, minor) (((u32)(major) << 20) | (u32)(minor))

/* bi_disk until 5.11, bi_bdev->bd_disk since 5.12 (309dca309fc3). */
static __always_inline struct gendisk *bio_disk(struct bio *bio)
{
#if HAVE_BIO_BI_BDEV
	struct block_device *bdev = KR(bio, bi_bdev);

	return bdev ? KR(bdev, bd_disk) : 0;
#else
	return KR(bio, bi_disk);
#endif
}

/* Bytes of its current vector that a bio has behind it: bi_offset since 7.3. */
static __always_inline u32 bio_skip(struct bio *bio)
{
#if HAVE_BVEC_ITER_BI_OFFSET
	return KR(bio, bi_iter.bi_offset);
#else
	return KR(bio, bi_iter.bi_bvec_done);
#endif
}

/* rq_disk until 5.16, q->disk since 5.17 (f3fa33acca9f). */
static __always_inline struct gendisk *rq_disk_of(struct request *rq)
{
#if HAVE_REQUEST_RQ_DISK
	return KR(rq, rq_disk);
#else
	struct request_queue *q = KR(rq, q);

	return q ? KR(q, disk) : 0;
#endif
}

static __always_inline u32 disk_dev(struct gendisk *disk)
{
	if (!disk)
		return 0;
	return DEV(KR(disk, major), KR(disk, first_minor));
}

/*
 * Head of a possibly compound page. compound_head holds head + 1 in tails; 7.x
 * renamed it compound_info, and by configuration holds a mask there (the head is
 * then page & mask). A mask is told by its value: the last GiB of the address
 * space has no struct page. The pointer may come out of a bio: never typed.
 */
static __always_inline u64 page_head(u64 page)
{
	struct page *p = (struct page *)page;
	u64 info;

#if HAVE_PAGE_COMPOUND_INFO
	info = KP(p, compound_info);
#if HAVE_COMPOUND_INFO_MASK
	if ((info & 1) && info >= 0xffffffffc0000000ULL)
		return page & (info - 1);
#endif
#else
	info = KP(p, compound_head);
#endif
	/* info & 1 ? info - 1 : page, without a branch (see min_flat()) */
	return page ^ ((page ^ (info - 1)) & -(info & 1));
}

static __always_inline u64 page_flags(u64 page)
{
	u64 flags = 0;

	/* 6.18 wraps the word in a struct; its first eight bytes are the same. */
	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)page);
	return flags;
}

/* Bytes of the folio with this head page. */
static __always_inline u32 folio_bytes(u64 head)
{
	if (!(page_flags(head) & (1ULL << PG_head)))
		return PAGE_BYTES;
#if HAVE_FOLIO__NR_PAGES
	return (u32)KP((struct folio *)head, _nr_pages) * PAGE_BYTES;
#elif HAVE_FOLIO__FOLIO_NR_PAGES
	return (u32)KP((struct folio *)head, _folio_nr_pages) * PAGE_BYTES;
#elif HAVE_FOLIO__FOLIO_ORDER
	return PAGE_BYTES << (KP((struct folio *)head, _folio_order) & 31);
#elif HAVE_FOLIO__FLAGS_1
	return PAGE_BYTES << (KP((struct folio *)head, _flags_1) & 31);
#elif HAVE_PAGE_COMPOUND_ORDER
	/* kept in the first tail page until 5.17 */
	return PAGE_BYTES << (KP((struct page *)head + 1, compound_order) & 31);
#else
	return PAGE_BYTES;
#endif
}

/*
 * The same for a folio that came as a typed argument: direct loads. (Before
 * 5.18 the argument is a page; larger ones were rare then and take the slow path.)
 */
static __always_inline u32 typed_folio_bytes(u64 folio)
{
#if DIRECT && HAVE_STRUCT_FOLIO && HAVE_FOLIO__NR_PAGES
	struct folio *f = (struct folio *)folio;

	if (!(LOAD64(f) & (1ULL << PG_head)))
		return PAGE_BYTES;
	return (u32)KR(f, _nr_pages) * PAGE_BYTES;
#else
	return folio_bytes(folio);
#endif
}

/* Completion function of a buffer-head bio: b_end_io until 7.1, later the bio's own. */
static __always_inline u64 bh_end_io(struct bio *bio)
{
#if HAVE_BUFFER_HEAD_B_END_IO
	struct buffer_head *bh = (struct buffer_head *)KR(bio, bi_private);

	return bh ? (u64)KP(bh, b_end_io) : 0;
#else
	return 0;
#endif
}
