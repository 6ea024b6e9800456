/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * owner - who dirtied what: every dirty folio (or 256 KiB chunk, or inode)
 * remembers its first dirtier until it is submitted for writing or dropped.
 * Hooks: writeback_dirty_folio (once per clean-to-dirty transition, under the
 * xarray lock, in the dirtier), mm_filemap_delete_from_page_cache, extent_writepage
 * (btrfs begins to write a folio).
 */
#if OWNERSHIP == OWN_PAGE
/*
 * An array, because neighbours in memory are dirtied together and then share a
 * cache line: a hash of the same size missed the cache four times per page.
 */
BPF_F_TABLE("array", u32, struct page_owner, pages, PAGE_ENTRIES, BPF_F_MMAPABLE);
BPF_TABLE("hash", u64, struct page_owner, more_pages, PAGE_ENTRIES / 4);

#define PAGE_BITS __builtin_ctz(PAGE_ENTRIES)

/*
 * A page of the cache by what does not change while it is there: its inode and its index. (Its
 * address changes without any event: compaction, CMA, NUMA balancing, hotplug.) Neighbours in a
 * file have neighbouring numbers, and so neighbouring slots.
 */
static __always_inline u64 page_id(u64 host, u64 index)
{
	return (host >> 3) * 0x9e3779b97f4a7c15ULL + index;
}

static __always_inline u32 page_tag(u64 id)
{
	return (u32)(id >> PAGE_BITS) | 1u << 31;
}

/* Entry of a page that is ours and not submitted yet; NULL: none. */
static __always_inline struct page_owner *page_find(u64 id)
{
	u32 slot = id & (PAGE_ENTRIES - 1);
	struct page_owner *o = pages.lookup(&slot);

	if (o && o->page == page_tag(id))
		return o;
	return more_pages.lookup(&id);
}

static __always_inline u32 page_order(u32 flags)
{
	return flags >> PAGE_ORDER_SHIFT & PAGE_ORDER_MASK;
}

#define ORDERS 9	/* the largest folio of the page cache is 2 MiB */

/*
 * The same for a folio that may be a part of the one that was noted: compaction, reclaim and
 * truncation split folios. Folios of the page cache are aligned by their size, so the entry is
 * that of the index rounded down. `*id` becomes that of the entry.
 */
static __always_inline struct page_owner *page_find_whole(u64 *id, u64 host, u64 index)
{
	struct page_owner *o;

	*id = page_id(host, index);
	o = page_find(*id);
	if (o)
		return o;
#pragma nounroll
	for (int i = 1; i <= ORDERS; i++) {
		*id = page_id(host, index & -(1ULL << i));
		o = page_find(*id);
		if (o && page_order(o->flags) >= i)
			return o;
	}
	return 0;
}

/* The second owner of a folio that was dirtied again while its write was on the way. */
static __always_inline u64 page_second(u64 id)
{
	return ~id;
}

static __always_inline void page_drop(u64 id, struct page_owner *o)
{
	u32 slot = id & (PAGE_ENTRIES - 1), second = o->flags & PAGE_F_SECOND;
	struct page_owner *direct = pages.lookup(&slot), *next;
	u64 after = page_second(id);

	if (second) {
		next = more_pages.lookup(&after);
		if (next) {
			o->actor = next->actor;
			o->bytes = next->bytes;
			o->flags = next->flags;
			more_pages.delete(&after);
			return;
		}
	}
	if (o == direct)
		o->page = 0;
	else
		more_pages.delete(&id);
}

/* A new entry; false: no room. */
static __always_inline bool page_note(u64 id, struct page_owner *fresh)
{
	u32 slot = id & (PAGE_ENTRIES - 1);
	struct page_owner *o = pages.lookup(&slot);

	if (o && (!o->page || o->page == fresh->page || (o->flags & PAGE_F_COPIED))) {
		*o = *fresh;
		return true;
	}
	return !more_pages.update(&id, fresh);
}

/*
 * A folio whose write is on its way (not submitted yet, or in part) was dirtied again: another
 * write follows. Of a larger folio only the blocks that changed are written: what is left of a
 * write that was submitted in part does not follow. False: no room for the second owner.
 */
static __always_inline bool page_again(u64 id, struct page_owner *o, struct page_owner *fresh)
{
	u64 after = page_second(id);

	if (o->bytes < fresh->bytes && !(o->flags & PAGE_F_SECOND))
		return page_note(id, fresh);
	if (o->actor == fresh->actor) {
		__sync_fetch_and_add(&o->bytes, fresh->bytes);
		o->flags &= ~PAGE_F_PARTLY;
		/* the first write may have taken the entry away in between */
		return o->page == fresh->page || page_note(id, fresh);
	}
	if (more_pages.update(&after, fresh))
		return false;
	o->flags |= PAGE_F_SECOND;
	return true;
}
#elif OWNERSHIP == OWN_CHUNK
BPF_TABLE("lru_hash", struct chunk_key, u32, chunks, PAGE_ENTRIES);
#endif

#if OWNERSHIP != OWN_INODE
static __always_inline u64 index_of(u64 head)
{
#if HAVE_FOLIO_INDEX
	return KP((struct folio *)head, index);
#elif HAVE_PAGE_INDEX
	return KP((struct page *)head, index);
#else
	return 0;
#endif
}
#endif

#if OWNERSHIP == OWN_PAGE
/* Order of a folio by its bytes; with comparisons, because LLVM 14 has no clz for BPF. */
static __always_inline u32 order_of(u32 bytes)
{
	u32 pages = bytes / PAGE_BYTES, order = 0;

#pragma unroll
	for (int i = 0; i < ORDERS; i++)
		order += pages >> (i + 1) != 0;
	return order;
}
#endif

struct dirtied {
	u64 host, index;
	u32 actor, bytes, file;
	bool data, writing;	/* writing: a write of it is on its way */
};

/*
 * Notes the owner of a folio that became dirty; false when it was ours and dirty already. Its
 * flags tell what an entry that is there means: file systems set PG_writeback before they unlock
 * the folio, and whoever dirties it holds that lock.
 */
static __always_inline bool owner_note(struct dirtied *d)
{
	struct inode_owner fresh = {}, *last;
	u64 host = d->host;
#if OWNERSHIP == OWN_PAGE
	struct page_owner o = {}, *old;
	u64 id = page_id(host, d->index);
	u32 order;
	bool room;
#elif OWNERSHIP == OWN_CHUNK
	struct chunk_key k = {};
#endif

	if (!active())
		return false;
	last = inodes.lookup(&host);
	if (!last) {
		fresh.actor = d->actor;
		inodes.update(&host, &fresh);
		last = inodes.lookup(&host);
	} else if (last->actor != d->actor && !is_kthread_actor(d->actor)) {
		last->actor = d->actor;
	}
#if OWNERSHIP == OWN_PAGE
	old = page_find(id);
	/*
	 * Redirtied by writeback itself: still its first dirtier's. An entry of more bytes than its
	 * folio is what two writes of a few blocks each have left of it.
	 */
	if (old && !d->writing && !(old->flags & PAGE_F_PARTLY) &&
	    old->bytes <= PAGE_BYTES << page_order(old->flags))
		return false;
	o.page = page_tag(id);
	o.actor = d->actor;
	o.bytes = d->bytes;
	order = order_of(d->bytes);
	o.flags = (d->data ? PAGE_F_DATA : 0) | order << PAGE_ORDER_SHIFT |
		  d->file << PAGE_FILE_SHIFT;
	if (last && order)
		last->orders |= 1u << order;
	room = old && d->writing && !(old->flags & PAGE_F_COPIED) ? page_again(id, old, &o) :
	       page_note(id, &o);
	if (!room) {
		lose(LOSS_OWNER_EVICTED);
		if (last)
			last->evicted = 1;
	}
#elif OWNERSHIP == OWN_CHUNK
	k.inode = host;
	k.chunk = d->index >> 6;
	chunks.update(&k, &d->actor);
#endif
	return true;
}

/*
 * Device of an inode whose pages are an application's data: a regular file, or
 * a raw block device. 0: a file system's metadata.
 */
static __always_inline u32 inode_data_dev(struct inode *host)
{
	u32 mode = KR(host, i_mode) & MODE_FMT, rdev, dev;
	struct super_block *sb;

	if (mode == MODE_REG) {
		sb = KR(host, i_sb);
		/* the tree of a btrfs looks like a file */
		if (KR(host, i_ino) == BTRFS_TREE_INO && KR(sb, s_magic) == MAGIC_BTRFS)
			return 0;
		dev = KR(sb, s_dev);
		APART(dev);
		return dev;
	}
	if (mode != MODE_BLK)
		return 0;
	rdev = KR(host, i_rdev);
	return bdev_inode_has_fs(host) ? 0 : rdev;
}

/*
 * Shares in what the workers of a btrfs write: a changed page of the tree counts as much as
 * 16 pages of data, whose extents change the tree later.
 */
static __always_inline void btrfs_share(struct inode *host, u32 actor, u32 bytes)
{
	struct super_block *sb = KR(host, i_sb);
	u32 weight = bytes / PAGE_BYTES;

	if (KR(sb, s_magic) != MAGIC_BTRFS || is_kthread_actor(actor) || actor == ACTOR_SELF)
		return;
	if (KR(host, i_ino) == BTRFS_TREE_INO)
		weight *= 16;
	share_add(POOL_ID(POOL_META, POOL_DEV(KR(sb, s_dev))), actor, weight);
}

/* Where in its inode a folio is, and whether a write of it is on its way. */
static __always_inline void folio_place(u64 folio, struct dirtied *d)
{
#if OWNERSHIP != OWN_INODE
#if DIRECT && HAVE_STRUCT_FOLIO && HAVE_FOLIO_INDEX
	struct folio *f = (struct folio *)folio;

	d->writing = LOAD64(f) & (1ULL << PG_writeback);
	d->index = KR(f, index);
#else
	d->writing = page_flags(folio) & (1ULL << PG_writeback);
	d->index = index_of(folio);
#endif
#endif
}

static __always_inline void on_dirty(u64 folio, struct address_space *mapping)
{
	struct inode *host;
	struct agg_key k = {};
	struct dirtied d = {};
	u32 actor, bytes;
	bool store;

	if (!mapping)
		return;
	host = KR(mapping, host);
	if (!host)
		return;
	actor = on_kthread() ? kthread_dirties(host) : actor_current();
	/* the tool's own sync commits what others changed */
	if (actor == ACTOR_SELF && is_btrfs_tree(host))
		actor = meta_pool_of(host);
	bytes = typed_folio_bytes(folio);
	k.dev = inode_data_dev(host);
	btrfs_share(host, actor, bytes);
	if (k.dev)
		FILE_SET(&k, file_of_data((u64)host, k.dev));
	d.host = address_of((u64)host);
	d.actor = actor;
	d.bytes = bytes;
	d.file = FILE_OF(&k);
	d.data = k.dev;
	folio_place(folio, &d);
	if (!owner_note(&d) || !k.dev)
		return;
	k.actor = actor;
	k.layer = LAYER_CACHE;
	k.op = CACHE_DIRTIED;
	/* dirtied outside a writing call: a store to a mapping, whose number of bytes is unknown */
	store = !on_kthread() && !(call_bits_here() & SYS_DIRTIES);
#pragma nounroll
	for (int i = 0; i < 2; i++) {
		account(&k, 1, bytes, 0, 0);
		if (!store)
			break;
		k.layer = LAYER_APPLICATION;
		k.op = OP_WRITE;
		k.cls = IFACE_MMAP;
	}
}

int tp__writeback_dirty_folio(void *ctx)
{
	lose(LOSS_DIRTY_RUNS);
	on_dirty(TP_ARG(ctx, 0), (struct address_space *)TP_ARG(ctx, 1));
	return 0;
}

/* Until 5.17, with the page (a head page: file systems had no larger folios). */
int tp__writeback_dirty_page(void *ctx)
{
	lose(LOSS_DIRTY_RUNS);
	on_dirty(TP_ARG(ctx, 0), (struct address_space *)TP_ARG(ctx, 1));
	return 0;
}

#if OWNERSHIP == OWN_PAGE
/* A page is dropped from the cache before its owner's bytes were submitted: they are cancelled. */
int tp__mm_filemap_delete_from_page_cache(void *ctx)
{
	u64 folio = address_of(TP_ARG(ctx, 0)), id;
	struct page_owner *o = page_find_whole(&id, folio_host(folio), index_of(folio));
	u32 bytes = folio_bytes(folio);
	struct agg_key k = {};

	if (!o)
		return 0;
	/* of a folio that was split, this part */
	bytes = bytes < o->bytes ? bytes : o->bytes;
	if (PAGE_FLAGS(o->flags) == PAGE_F_DATA) {
		k.actor = o->actor;
		FILE_SET(&k, o->flags >> PAGE_FILE_SHIFT);
		k.layer = LAYER_CACHE;
		k.op = CACHE_CANCELLED;
		account(&k, 1, bytes, 0, 0);
	}
	o->bytes -= bytes;
	if (!o->bytes)
		page_drop(id, o);
	return 0;
}
#endif

/*
 * btrfs writes this folio now, perhaps compressed or inside its tree. Then no bio will have
 * the folio, but its bytes are neither pending nor cancelled.
 */
static __always_inline void on_extent_writepage(void *ctx)
{
#if OWNERSHIP == OWN_PAGE
	u64 head = page_head(address_of(TP_ARG(ctx, 0))), id;
	struct page_owner *o = page_find_whole(&id, folio_host(head), index_of(head));

	if (o)
		o->flags |= PAGE_F_PARTLY;
#endif
}

int tp__extent_writepage(void *ctx)
{
	on_extent_writepage(ctx);
	return 0;
}

/* until 6.x, with the page */
int tp____extent_writepage(void *ctx)
{
	on_extent_writepage(ctx);
	return 0;
}

#if OWNERSHIP == OWN_PAGE
/* `n` bytes of a page's owner are being submitted for writing; `copy`: not for the last time. */
static __always_inline void page_submit(struct page_owner *o, u64 id, u32 n, bool copy)
{
	s32 left;

	if (copy) {
		o->bytes = 0;
		o->flags |= PAGE_F_PARTLY | PAGE_F_COPIED;
		return;
	}
	__sync_fetch_and_add(&o->bytes, -n);
	left = o->bytes;
	if (left <= 0)
		page_drop(id, o);
	else if (left < PAGE_BYTES << page_order(o->flags))
		o->flags |= PAGE_F_PARTLY;	/* not dirtied again meanwhile */
}
#endif

/* Owner of bytes of a folio without an entry of its own. */
static __always_inline u32 owner_of_inode(u64 folio, u64 host, u32 fallback)
{
	struct inode_owner *last = inodes.lookup(&host);

#if OWNERSHIP == OWN_PAGE
	/* most often dirtied before the start */
	return last && last->evicted ? last->actor : fallback;
#elif OWNERSHIP == OWN_CHUNK
	struct chunk_key k = {.inode = host, .chunk = index_of(folio) >> 6};
	u32 *actor = chunks.lookup(&k);

	if (actor)
		return *actor;
#endif
	return last ? last->actor : fallback;
}
