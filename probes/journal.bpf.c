/* SPDX-License-Identifier: GPL-3.0-or-later OR GPL-2.0-only */
/*
 * journal - who fills a jbd2 transaction, and which one its thread commits.
 * Hooks: jbd2_handle_stats (in the task, at the end of each handle; the sum of
 * dirtied_blocks over a transaction is its rs_blocks), jbd2_run_stats (the
 * transaction is over, in the commit), jbd2_commit_flushing
 * (no handle is open any more, no journal block written yet), jbd2_end_commit;
 * ext4_sync_file_enter.
 */
BPF_TABLE("hash", struct txn_key, struct txn, txns, 16384);
BPF_TABLE("hash", u32, u8, met_journals, 1024);	/* fs device: handles or commits since the window began */
BPF_TABLE("hash", u32, u32, last_sync, 256);	/* fs device -> last fsync caller */

static __always_inline struct txn *txn_get(struct txn_key *k, u32 actor)
{
	struct txn fresh = {}, *t = txns.lookup(k);
	u32 slot = 1, dev = k->dev;
	u8 one = 1;
	u64 *next, number;

	if (t)
		return t;
	next = next_ids.lookup(&slot);
	number = next ? number_new(next, NUMBER_TXN) : 0;
	if (!number)
		return 0;
	fresh.sole = actor;
	/* perhaps it was open before: the commit tells */
	fresh.early = !met_journals.lookup(&dev);
	met_journals.update(&dev, &one);
	fresh.pool = POOL_ID(POOL_TXN, number);
	txns.insert(k, &fresh);
	return txns.lookup(k);
}

int tp__jbd2_handle_stats(void *ctx)
{
	struct txn_key k = {.dev = TP_ARG(ctx, 0), .tid = TP_ARG(ctx, 1)};
	u32 blocks = TP_ARG(ctx, 7), actor;
	struct txn *t;

	if (!blocks || !active())
		return 0;
	actor = actor_cause();
	share_add(POOL_ID(POOL_META, POOL_DEV(k.dev)), actor, blocks);
	t = txn_get(&k, actor);
	if (!t) {
		lose(LOSS_MAP_FULL);
		return 0;
	}
	if (t->early)
		__sync_fetch_and_add(&t->early, blocks);
	if (t->sole == actor) {
		__sync_fetch_and_add(&t->sole_blocks, blocks);
	} else {
		t->shared = 1;
		share_add(t->pool, actor, blocks);
	}
	return 0;
}

static __always_inline bool commit_key(void *ctx, struct txn_key *k)
{
	struct journal_s *journal = (struct journal_s *)TP_ARG(ctx, 0);
	struct transaction_s *tx = (struct transaction_s *)TP_ARG(ctx, 1);
	struct block_device *bdev = KR(journal, j_fs_dev);

	if (!bdev)
		return false;
	k->dev = KR(bdev, bd_dev);
	k->tid = KR(tx, t_tid);
	return true;
}

/* Was the transaction that is committed open when the window began? */
static __always_inline bool txn_is_older(void *ctx)
{
	struct transaction_s *tx = (struct transaction_s *)TP_ARG(ctx, 1);
	u64 began = config_get(CFG_ACTIVE);

	return began && (u64)KR(tx, t_start_time) < began;
}

int tp__jbd2_commit_flushing(void *ctx)
{
	u32 tid = bpf_get_current_pid_tgid(), actor = ACTOR_BACKGROUND, *caller;
	struct txn_key k = {};
	struct txn *t;
	bool older;

	if (!commit_key(ctx, &k))
		return 0;
	t = txns.lookup(&k);
	older = txn_is_older(ctx);
	if (t) {
		/* what it holds of before is known when it is over: until then it is a pool's */
		t->early = older ? t->early : 0;
		t->shared |= t->early != 0;
		actor = t->shared ? t->pool : t->sole;
	} else if (older) {
		actor = ACTOR_BEFORE;
	} else {
		caller = last_sync.lookup(&k.dev);
		if (caller)
			actor = *caller;
	}
	kctx.update(&tid, &actor);
	return 0;
}

/*
 * A transaction is over: its number of blocks less those that were noted is what was changed before
 * the window (the sum over the handles is exactly that number).
 */
int tp__jbd2_run_stats(void *ctx)
{
	struct txn_key k = {.dev = TP_ARG(ctx, 0), .tid = TP_ARG(ctx, 1)};
	struct txn *t = txns.lookup(&k);
	u32 noted, blocks;

	if (!t || !t->early)
		return 0;
	noted = t->early - 1;
	blocks = KP((struct transaction_run_stats_s *)TP_ARG(ctx, 2), rs_blocks);
	if (blocks <= noted)
		return 0;
	share_add(t->pool, ACTOR_BEFORE, blocks - noted);
	share_add(POOL_ID(POOL_META, POOL_DEV(k.dev)), ACTOR_BEFORE, blocks - noted);
	return 0;
}

int tp__jbd2_end_commit(void *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();
	u8 one = 1;
	struct txn_key k = {};
	struct txn *t;

	kctx.delete(&tid);
	if (!commit_key(ctx, &k))
		return 0;
	last_sync.delete(&k.dev);
	if (active())
		met_journals.update(&k.dev, &one);
	journal_ended(k.dev, k.tid);
	t = txns.lookup(&k);
	if (!t)
		return 0;
	if (t->shared)
		t->state = 1;
	else
		txns.delete(&k);
	return 0;
}

int tp__ext4_sync_file_enter(void *ctx)
{
	struct file *file = (struct file *)TP_ARG(ctx, 0);
	struct inode *inode = KR(file, f_inode);
	struct super_block *sb = KR(inode, i_sb);
	u32 dev = KR(sb, s_dev), actor;

	kthread_on_inode(inode);	/* a loop device's flush */
	actor = actor_cause();
	last_sync.update(&dev, &actor);
	wait_sync(dev, address_of((u64)inode), TP_ARG(ctx, 1));
	return 0;
}
