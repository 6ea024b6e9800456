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

/* sizeof(struct page) is 64 wherever this was tried; a few bits more or less do no harm. */
#define PAGE_NUMBER(folio) ((u32)((folio) >> 6) | 1u << 31)

/* Entry of a folio that is ours and not submitted yet; NULL: none. */
static __always_inline struct page_owner *page_find(u64 folio)
{
	u32 page = PAGE_NUMBER(folio), slot = page & (PAGE_ENTRIES - 1);
	struct page_owner *o = pages.lookup(&slot);

	if (o && o->page == page)
		return o;
	return more_pages.lookup(&folio);
}

static __always_inline void page_drop(u64 folio, struct page_owner *o)
{
	u32 page = PAGE_NUMBER(folio), slot = page & (PAGE_ENTRIES - 1);
	struct page_owner *direct = pages.lookup(&slot);

	if (o == direct)
		o->page = 0;
	else
		more_pages.delete(&folio);
}

/* A new entry; false: no room. */
static __always_inline bool page_note(u64 folio, struct page_owner *fresh)
{
	u32 slot = fresh->page & (PAGE_ENTRIES - 1);
	struct page_owner *o = pages.lookup(&slot);

	if (o && (!o->page || o->page == fresh->page || (o->flags & PAGE_F_COPIED))) {
		*o = *fresh;
		return true;
	}
	return !more_pages.update(&folio, fresh);
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

/* Notes the owner of a folio that became dirty; false when it was ours and dirty already. */
static __always_inline bool owner_note(u64 folio, u64 host, u32 actor, u32 bytes, bool data,
					u32 file)
{
	struct inode_owner fresh = {}, *last;
#if OWNERSHIP == OWN_PAGE
	struct page_owner o = {}, *old;
#elif OWNERSHIP == OWN_CHUNK
	struct chunk_key k = {};
#endif

	last = inodes.lookup(&host);
	if (!last) {
		fresh.actor = actor;
		inodes.update(&host, &fresh);
	} else if (last->actor != actor && !is_kthread_actor(actor)) {
		last->actor = actor;
	}
#if OWNERSHIP == OWN_PAGE
	/* writeback itself dirtied the page again: the first dirtier stays its owner */
	old = page_find(folio);
	if (old && !(old->flags & PAGE_F_PARTLY))
		return false;
	o.page = PAGE_NUMBER(folio);
	o.actor = actor;
	o.bytes = bytes;
	o.flags = (data ? PAGE_F_DATA : 0) | file << PAGE_FILE_SHIFT;
	if (!page_note(folio, &o)) {
		lose(LOSS_OWNER_EVICTED);
		if (last)
			last->evicted = 1;
	}
#elif OWNERSHIP == OWN_CHUNK
	k.inode = host;
	k.chunk = index_of(folio) >> 6;
	chunks.update(&k, &actor);
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
	return mounts.lookup(&rdev) ? 0 : rdev;
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

static __always_inline void on_dirty(u64 folio, struct address_space *mapping)
{
	struct inode *host;
	struct agg_key k = {};
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
	if (!owner_note(address_of(folio), (u64)host, actor, bytes, k.dev, FILE_OF(&k)) || !k.dev)
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
	on_dirty(TP_ARG(ctx, 0), (struct address_space *)TP_ARG(ctx, 1));
	return 0;
}

/* Until 5.17, with the page (a head page: file systems had no larger folios). */
int tp__writeback_dirty_page(void *ctx)
{
	on_dirty(TP_ARG(ctx, 0), (struct address_space *)TP_ARG(ctx, 1));
	return 0;
}

#if OWNERSHIP == OWN_PAGE
/* A page is dropped from the cache before its owner's bytes were submitted: they are cancelled. */
int tp__mm_filemap_delete_from_page_cache(void *ctx)
{
	u64 folio = address_of(TP_ARG(ctx, 0));
	struct page_owner *o = page_find(folio);
	struct agg_key k = {};

	if (!o)
		return 0;
	if (PAGE_FLAGS(o->flags) == PAGE_F_DATA) {
		k.actor = o->actor;
		FILE_SET(&k, o->flags >> PAGE_FILE_SHIFT);
		k.layer = LAYER_CACHE;
		k.op = CACHE_CANCELLED;
		account(&k, 1, o->bytes, 0, 0);
	}
	page_drop(folio, o);
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
	struct page_owner *o = page_find(page_head(address_of(TP_ARG(ctx, 0))));

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

/* Owner of `n` bytes of a folio that is submitted for writing; `copy`: it will be submitted again. */
static __always_inline u32 owner_take(u64 folio, u64 host, u32 n, u32 fallback, bool copy)
{
	struct inode_owner *last;
#if OWNERSHIP == OWN_PAGE
	struct page_owner *o = page_find(folio);
	u32 actor;

	if (o) {
		actor = o->actor;
		if (copy) {
			o->bytes = 0;
			o->flags |= PAGE_F_PARTLY | PAGE_F_COPIED;
		} else if (o->bytes <= n) {
			page_drop(folio, o);
		} else {
			o->bytes -= n;
			o->flags |= PAGE_F_PARTLY;
		}
		return actor;
	}
	last = inodes.lookup(&host);
	if (last && last->evicted)
		return last->actor;
	return fallback;	/* mostly dirtied before the tool started */
#elif OWNERSHIP == OWN_CHUNK
	struct chunk_key k = {.inode = host, .chunk = index_of(folio) >> 6};
	u32 *actor = chunks.lookup(&k);

	if (actor)
		return *actor;
	last = inodes.lookup(&host);
	return last ? last->actor : fallback;
#else
	last = inodes.lookup(&host);
	return last ? last->actor : fallback;
#endif
}
