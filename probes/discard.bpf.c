/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * discard - who freed the blocks that a file system discards later, in a worker or in somebody's
 * commit. Hooks: ext4_mballoc_free (in the handle of the task that frees a part of a group),
 * xfs_extent_busy (in the transaction that frees an extent), add_delayed_ref_head (btrfs, in the
 * task that drops a reference to an extent), btrfs_transaction_commit (at its end). block.bpf.c asks
 * when a discard is queued.
 */
struct freed_key {
	u64 sector;	/* of the block device of the file system */
	u32 dev;
	u32 pad;
};
struct freed {
	u32 actor;
	u32 sectors;
};
#define FREED_ENTRIES 32768
/*
 * By the first block. Entries stay when their blocks are discarded: ext4 discards the free
 * neighbours of a freed part with it, and then those once more.
 */
BPF_TABLE("lru_hash", struct freed_key, struct freed, freed, FREED_ENTRIES);
BPF_TABLE("array", u32, u64, freed_total, 1);	/* entries that were made */
BPF_TABLE("hash", u32, u8, freed_devs, 1024);	/* block devices that have some */
#define FREED_PARTS 64	/* freed parts in one discard that are told apart */

static __always_inline void freed_note(struct super_block *sb, u64 sector, u64 sectors)
{
	struct block_device *bdev = KP(sb, s_bdev);
	struct freed_key at = {.dev = KP(bdev, bd_dev), .sector = sector};
	struct freed f = {.sectors = sectors};
	u64 *total;
	u32 slot = 0;
	u8 one = 1;

	if (!active())
		return;
	f.actor = actor_cause();
	freed.update(&at, &f);
	total = freed_total.lookup(&slot);
	if (total)
		__sync_fetch_and_add(total, 1);
	if (!freed_devs.lookup(&at.dev))
		freed_devs.update(&at.dev, &one);
	share_add(POOL_ID(POOL_FREED, POOL_DEV(at.dev)), f.actor, sectors);
}

#if HAVE_EXT4_SB_INFO_S_MOUNT_OPT && HAVE_EXT4_SUPER_BLOCK_S_FIRST_DATA_BLOCK
#define EXT4_DISCARD 0x40000000	/* EXT4_MOUNT_DISCARD */

int tp__ext4_mballoc_free(void *ctx)
{
	struct super_block *sb = (struct super_block *)TP_ARG(ctx, 0);
	struct ext4_sb_info *sbi = (struct ext4_sb_info *)KR(sb, s_fs_info);
	u32 group = TP_ARG(ctx, 2), start = TP_ARG(ctx, 3), clusters = TP_ARG(ctx, 4), bits, shift;
	u64 first;

	if (!(KP(sbi, s_mount_opt) & EXT4_DISCARD))
		return 0;
	bits = KP(sbi, s_cluster_bits) & 31;
	shift = (KR(sb, s_blocksize_bits) - 9) & 31;
	first = KP(KP(sbi, s_es), s_first_data_block) + (u64)group * KP(sbi, s_blocks_per_group);
	freed_note(sb, (first + ((u64)start << bits)) << shift, (u64)clusters << bits << shift);
	return 0;
}
#endif

#if HAVE_XFS_MOUNT_M_SUPER && HAVE_XFS_MOUNT_M_FEATURES && HAVE_XFS_MOUNT_M_BLKBB_LOG && \
	HAVE_XFS_MOUNT_M_SB_SB_AGBLOCKS && (NARGS_XFS_EXTENT_BUSY == 4 || HAVE_XFS_GROUP_XG_MOUNT)
#define XFS_DISCARD (1ULL << 54)	/* XFS_FEAT_DISCARD */

static __always_inline void xfs_freed(struct xfs_mount *mp, u32 group, u32 block, u32 blocks)
{
	u32 shift = KR(mp, m_blkbb_log) & 31;
	u64 first = (u64)group * KR(mp, m_sb.sb_agblocks) + block;

	if (KR(mp, m_features) & XFS_DISCARD)
		freed_note(KR(mp, m_super), first << shift, (u64)blocks << shift);
}

int tp__xfs_extent_busy(void *ctx)
{
#if NARGS_XFS_EXTENT_BUSY == 4
	xfs_freed((struct xfs_mount *)TP_ARG(ctx, 0), TP_ARG(ctx, 1), TP_ARG(ctx, 2), TP_ARG(ctx, 3));
#else
	struct xfs_group *group = (struct xfs_group *)TP_ARG(ctx, 0);

	/* a group of the real-time device lies elsewhere */
	if (!KR(group, xg_type))
		xfs_freed(KR(group, xg_mount), KR(group, xg_gno), TP_ARG(ctx, 1), TP_ARG(ctx, 2));
#endif
	return 0;
}
#endif

#if HAVE_BTRFS_FS_INFO_SB && HAVE_BTRFS_DELAYED_REF_HEAD_NUM_BYTES
#define BTRFS_DROP 2	/* BTRFS_DROP_DELAYED_REF */
#define BTRFS_NODE 65536	/* the largest block of a tree */

/*
 * Where a btrfs' extents lie is not known here, but what a commit discards it has freed. So what
 * the first commit discards beyond what was freed in the window was freed before.
 */
struct btrfs_freed {
	u64 sectors;	/* freed in the window, and not discarded yet */
	u32 later;	/* the first commit is over */
	u32 pad;
};
BPF_TABLE("hash", u32, struct btrfs_freed, btrfs_frees, 256);	/* by pool */

static __always_inline struct btrfs_freed *btrfs_freed_of(u32 pool)
{
	struct btrfs_freed zero = {};

	btrfs_frees.insert(&pool, &zero);
	return btrfs_frees.lookup(&pool);
}

/* What workers free, they free for those who changed the tree. */
int tp__add_delayed_ref_head(void *ctx)
{
	struct btrfs_fs_info *fs = (struct btrfs_fs_info *)TP_ARG(ctx, 0);
	struct btrfs_delayed_ref_head *head = (struct btrfs_delayed_ref_head *)TP_ARG(ctx, 1);
	struct super_block *sb = KR(fs, sb);
	u32 action = TP_ARG(ctx, 2), dev = KR(sb, s_dev), actor;
	u32 pool = POOL_ID(POOL_FREED, POOL_DEV(dev));
	u64 sectors = KR(head, num_bytes) >> 9;
	struct btrfs_freed *f;

	if (action != BTRFS_DROP || !active())
		return 0;
	f = btrfs_freed_of(pool);
	/* a block of the tree may have two copies */
	if (f)
		__sync_fetch_and_add(&f->sectors, sectors << (sectors <= BTRFS_NODE >> 9));
	actor = actor_cause();
	if (actor == ACTOR_BACKGROUND || actor == ACTOR_SELF)
		actor = POOL_ID(POOL_META, POOL_DEV(dev));
	share_add(pool, actor, sectors);
	return 0;
}

int tp__btrfs_transaction_commit(void *ctx)
{
	struct btrfs_fs_info *fs = (struct btrfs_fs_info *)TP_ARG(ctx, 0);
	struct super_block *sb = KR(fs, sb);
	struct btrfs_freed *f;

	if (!active())
		return 0;
	f = btrfs_freed_of(POOL_ID(POOL_FREED, POOL_DEV(KR(sb, s_dev))));
	if (f)
		f->later = 1;
	return 0;
}

/* A commit discards what all have freed; it wrote the tree before. ACTOR_NONE: this is none. */
static __always_inline u32 btrfs_discard_pool(void)
{
	u32 tid = bpf_get_current_pid_tgid(), *tree = tree_writers.lookup(&tid);

	return tree ? POOL_ID(POOL_FREED, POOL_INDEX(*tree)) : ACTOR_NONE;
}

/* Sectors of a discard that were freed in the window. */
static __always_inline u32 btrfs_discard_known(u32 pool, u32 sectors)
{
	struct btrfs_freed *f = btrfs_freed_of(pool);

	if (!f || f->later)
		return sectors;
	if (f->sectors < sectors)
		sectors = f->sectors;
	__sync_fetch_and_add(&f->sectors, -(u64)sectors);
	return sectors;
}
#else
#define btrfs_discard_pool() ACTOR_NONE
#define btrfs_discard_known(pool, sectors) (sectors)
#endif

/*
 * True: discard_owners() tells whose the bio is. Other tasks than a kernel thread discard for
 * themselves (fstrim), but for a commit of btrfs.
 */
static __always_inline bool discard_is_of_freed(struct bio *bio, u32 disk)
{
	u32 dev = device_of_bio(bio, disk);

	if (freed_devs.lookup(&dev))
		return on_kthread();
	return btrfs_discard_pool() != ACTOR_NONE;
}

/*
 * Whose a discard is that begins nowhere where blocks were freed: they were freed before the
 * window, as long as no entry can have been evicted.
 */
static __always_inline u32 discard_of_unknown(u32 dev)
{
	u32 slot = 0;
	u64 *total = freed_total.lookup(&slot);

	return total && *total < FREED_ENTRIES / 2 ? ACTOR_BEFORE : POOL_ID(POOL_FREED, POOL_DEV(dev));
}

/* Sector in the block device that a bio was sent to; a partition was added in already. */
static __always_inline u64 sector_of_bio(struct bio *bio, u64 sector)
{
#if HAVE_BIO_BI_BDEV && HAVE_BLOCK_DEVICE_BD_START_SECT
	return sector - KP(KR(bio, bi_bdev), bd_start_sect);
#else
	return sector;
#endif
}

static __always_inline void freed_owners(struct bio *bio, struct bio_ctx *c)
{
	struct freed_key at = {.dev = device_of_bio(bio, c->dev), .sector = sector_of_bio(bio, c->sector)};
	struct freed *f = freed.lookup(&at), rest = {};
	u32 left = c->left >> 9, n, first;

	first = f ? f->actor : discard_of_unknown(at.dev);
#pragma nounroll
	for (int i = 0; i < FREED_PARTS; i++) {
		f = freed.lookup(&at);
		if (!f || !left)
			break;
		n = min_flat(f->sectors, left);
		part_add(c, f->actor, n << 9);
		at.sector += n;
		left -= n;
		/* a discard may be cut into bios */
		rest.sectors = f->sectors - n;
		if (rest.sectors) {
			rest.actor = f->actor;
			freed.update(&at, &rest);
			break;
		}
	}
	if (!left)
		return;
	/* free neighbours are discarded with what was freed; more parts than we follow: by shares */
	f = freed.lookup(&at);
	part_add(c, f ? POOL_ID(POOL_FREED, POOL_DEV(at.dev)) : first, left << 9);
}

static __always_inline void discard_owners(struct bio *bio, struct bio_ctx *c)
{
	u32 dev = device_of_bio(bio, c->dev), pool, all = c->left >> 9, known;

	if (freed_devs.lookup(&dev)) {
		freed_owners(bio, c);
		return;
	}
	pool = btrfs_discard_pool();
	known = btrfs_discard_known(pool, all);
	if (known)
		part_add(c, pool, known << 9);
	if (known < all)
		part_add(c, ACTOR_BEFORE, (all - known) << 9);
}
