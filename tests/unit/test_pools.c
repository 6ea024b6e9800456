/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pools - journals, metadata and stacked disks split over their owners. */
#include "ledger_world.h"

#include <stdlib.h>

/* ---- pools ---- */

/* Journal bytes of one transaction: who dirtied how many blocks, and who gets what. */
struct split_case {
	const char *name;
	uint64_t total;
	struct { __u32 actor; __u64 blocks, expected; } part[4];
};

static const struct split_case splits[] = {
	{ "proportion", 40960, { { A, 1, 10240 }, { B, 3, 30720 } } },
	{ "largest remainder: 33.3 33.3 33.3, tie to the lowest pid", 100,
	  { { A, 1, 33 }, { B, 1, 33 }, { C, 1, 34 } } },
	{ "two left over: 0.67 each, the two lowest pids", 2, { { A, 1, 0 }, { B, 1, 1 }, { C, 1, 1 } } },
	{ "the remainder wins over the pid: 0.75 and 2.25", 3, { { A, 1, 1 }, { B, 3, 2 } } },
	{ "a kernel thread's share has pid 0", 3, { { ACTOR_BACKGROUND, 1, 2 }, { C, 1, 1 } } },
	{ "one owner", 12345, { { B, 17, 12345 } } },
	{ "beyond 64 bits of product", 1ull << 62, { { A, 1ull << 40, 1ull << 61 }, { C, 1ull << 40, 1ull << 61 } } },
	{ "the smallest weight gets nothing", 10, { { A, 1, 0 }, { B, 1000000, 10 } } },
};

static uint64_t bytes_of(const struct world *w, __u32 actor)
{
	const struct row *r;

	for (size_t i = 0; i < COUNT(people); i++)
		if (people[i].id == actor && people[i].target)
			for (size_t j = 0; j < w->out.nr_rows; j++)
				if (w->out.rows[j].pid == people[i].tgid)
					return w->out.rows[j].device.write.bytes;
	r = row_of_kind(w, ROW_BACKGROUND);
	return actor == ACTOR_BACKGROUND && r ? r->device.write.bytes : 0;
}

static void check_split(const struct split_case *c, bool sole)
{
	struct world w;

	world_new(&w);
	for (size_t i = 0; i < COUNT(c->part) && c->part[i].blocks; i++) {
		/* the first of a transaction stands in its own record when that fits */
		if (!i && sole && c->part[i].blocks < UINT32_MAX)
			add_txn(&w, TXN(5), c->part[i].actor, (__u32)c->part[i].blocks);
		else
			add_share(&w, TXN(5), c->part[i].actor, c->part[i].blocks);
	}
	add_device(&w, TXN(5), SDA, CLASS_JOURNAL, c->total);
	build(&w);
	for (size_t i = 0; i < COUNT(c->part) && c->part[i].blocks; i++)
		if (bytes_of(&w, c->part[i].actor) != c->part[i].expected)
			fail_msg("%s: part %zu is %lu", c->name, i, bytes_of(&w, c->part[i].actor));
	assert_int_equal(w.out.totals.device.shared_bytes, 0);
	assert_int_equal(w.out.totals.device.write_class[CLASS_JOURNAL] +
			 bytes_of(&w, ACTOR_BACKGROUND), c->total);
	ledger_free(&w.out);
}

static void test_journal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(splits); i++) {
		check_split(&splits[i], false);
		check_split(&splits[i], true);
	}
}

static void test_journal_sole_in_both(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	/* the same process in the record and in the shares: 2 + 1 against 1 */
	add_txn(&w, TXN(1), A, 2);
	add_share(&w, TXN(1), A, 1);
	add_share(&w, TXN(1), B, 1);
	/* another transaction has nothing to do with it */
	add_txn(&w, TXN(2), C, 1000);
	add_share(&w, TXN(2), C, 1000);
	add_device(&w, TXN(1), SDA, CLASS_JOURNAL, 4000);
	build(&w);
	assert_int_equal(bytes_of(&w, A), 3000);
	assert_int_equal(bytes_of(&w, B), 1000);
	assert_int_equal(w.out.nr_rows, 2);
	ledger_free(&w.out);
}

static void test_metadata_pool(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_share(&w, META(SDA), A, 1);
	add_share(&w, META(SDA), B, 4);
	add_share(&w, META(SDB), C, 100);
	/* shared are bytes that were written */
	add(&w, META(SDA), LAYER_DEVICE, OP_READ, CLASS_METADATA, SDA, 1, 500);
	add_device(&w, META(SDA), SDA, CLASS_METADATA, 5000);
	add(&w, META(SDA), LAYER_BLOCK, OP_WRITE, CLASS_METADATA, SDA, 5, 5000);
	add_device(&w, A, SDA, CLASS_DATA, 8);
	build(&w);
	assert_int_equal(w.out.nr_rows, 2);
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 1008);
	assert_int_equal(row_of(&w, 400)->device.read.bytes, 100);
	assert_int_equal(row_of(&w, 400)->device.shared_bytes, 1000);
	assert_int_equal(row_of(&w, 300)->device.write.bytes, 4000);
	assert_int_equal(row_of(&w, 300)->device.shared_bytes, 4000);
	assert_int_equal(row_of(&w, 300)->fs_write[CLASS_METADATA].bytes, 4000);
	assert_int_equal(row_of(&w, 300)->fs_write[CLASS_METADATA].ops, 4);
	assert_int_equal(row_of(&w, 300)->block.write.bytes, 4000);
	assert_int_equal(row_of(&w, 300)->device.write_class[CLASS_METADATA], 4000);
	ledger_free(&w.out);
}

/* Freed by A, and by workers that finish the writes of B and C. */
static void test_freed_pool(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_share(&w, META(SDA), B, 3);
	add_share(&w, META(SDA), C, 1);
	add_share(&w, FREED(SDA), A, 6);
	add_share(&w, FREED(SDA), META(SDA), 4);
	add(&w, FREED(SDA), LAYER_DEVICE, OP_DISCARD, CLASS_OTHER, SDA, 1, 1000);
	add(&w, FREED(SDA), LAYER_BLOCK, OP_DISCARD, CLASS_OTHER, SDA, 1, 1000);
	build(&w);
	assert_int_equal(row_of(&w, 400)->device.discard.bytes, 600);
	assert_int_equal(row_of(&w, 400)->block.discard.bytes, 600);
	assert_int_equal(row_of(&w, 300)->device.discard.bytes, 300);
	assert_int_equal(w.out.totals.device.discard.bytes, 1000);
	ledger_free(&w.out);
}

static void test_no_claims(void **state)
{
	const __u32 pools[] = { TXN(9), META(SDB), STACK(LOOP1), FREED(SDB) };
	struct world w;

	(void)state;
	world_new(&w);
	for (size_t i = 0; i < COUNT(pools); i++)
		add_device(&w, pools[i], SDA, CLASS_JOURNAL, 4096);
	build(&w);
	assert_int_equal(w.out.nr_rows, 1);
	assert_int_equal(row_of_kind(&w, ROW_BACKGROUND)->device.write.bytes, 4 * 4096);
	assert_int_equal(w.out.totals.device.write.bytes, 0);
	ledger_free(&w.out);
}

/* Operations are a pool's, too; so is the time, to the nanosecond. */
static void test_pool_ops_and_time(void **state)
{
	struct count *flush;
	struct world w;

	(void)state;
	world_new(&w);
	w.in.has_times = true;
	add_share(&w, TXN(1), A, 1);
	add_share(&w, TXN(1), B, 1);
	add_share(&w, TXN(1), C, 2);
	add(&w, TXN(1), LAYER_DEVICE, OP_WRITE, CLASS_JOURNAL, SDA, 6, 4096)->val.ns = 999;
	flush = add(&w, TXN(1), LAYER_DEVICE, OP_FLUSH, CLASS_OTHER, SDA, 1, 0);
	flush->val.ns = 500000;
	build(&w);
	assert_int_equal(row_of(&w, 200)->device.write.ops, 3);
	assert_int_equal(row_of(&w, 300)->device.write.ops, 2);	/* 1.5 each: the tie goes down */
	assert_int_equal(row_of(&w, 400)->device.write.ops, 1);
	assert_int_equal(w.out.totals.device.write.ns, 999);
	assert_int_equal(w.out.totals.device.flush.ops, 1);
	assert_int_equal(w.out.totals.device.flush.bytes, 0);
	assert_int_equal(row_of(&w, 200)->device.flush.ops, 1);
	assert_int_equal(w.out.totals.device.flush.ns, 500000);
	ledger_free(&w.out);
}

/* ---- stacks ---- */

static void test_stack(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	/* upper disk: A 3000 data, B 1000 journal; A's reads weigh nothing for writes */
	add_device(&w, A, LOOP0, CLASS_DATA, 3000)->val.ns = 50;
	add_device(&w, B, LOOP0, CLASS_JOURNAL, 1000);
	add(&w, A, LAYER_DEVICE, OP_READ, CLASS_DATA, LOOP0, 1, 1 << 30);
	/* below: the file's data, and its file system's own metadata */
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 8000)->val.ns = 70;
	add_device(&w, STACK(LOOP0), SDA, CLASS_METADATA, 400);
	add(&w, STACK(LOOP0), LAYER_BLOCK, OP_WRITE, CLASS_DATA, SDA, 2, 8000);
	add(&w, STACK(LOOP0), LAYER_CACHE, CACHE_DIRTIED, 0, SDA, 1, 8000);
	add(&w, STACK(LOOP0), LAYER_VFS, OP_WRITE, 0, 0, 1, 0);
	add(&w, A, LAYER_BLOCK, OP_WRITE, CLASS_DATA, LOOP0, 1, 3000);
	w.in.has_times = true;
	build(&w);
	/* A: 6000 data + 300 metadata; B: 2000 of its journal + 100 metadata */
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 6300);
	assert_int_equal(row_of(&w, 400)->device.write_class[CLASS_DATA], 6000);
	assert_int_equal(row_of(&w, 400)->device.write_class[CLASS_METADATA], 300);
	assert_int_equal(row_of(&w, 300)->device.write.bytes, 2100);
	assert_int_equal(row_of(&w, 300)->device.write_class[CLASS_JOURNAL], 2000);
	assert_int_equal(row_of(&w, 300)->device.write_class[CLASS_METADATA], 100);
	assert_int_equal(w.out.totals.device.shared_bytes, 8400);
	/* reads of the upper disk reached no disk; what went down shows at `device` only */
	assert_int_equal(w.out.totals.device.read.bytes, 0);
	assert_int_equal(w.out.totals.block.write.bytes, 3000);
	assert_int_equal(w.out.totals.cache.dirtied.v, 0);
	assert_int_equal(w.out.totals.vfs.write.ops, 0);
	/* the block layer's time ends where the bio was queued */
	assert_int_equal(w.out.totals.block.write.ns, 50);
	assert_int_equal(w.out.totals.device.write.ns, 70);
	assert_int_equal(disk_row_of(&w, "loop0")->write_bytes, 4000);
	assert_int_equal(disk_row_of(&w, "sda")->write_bytes, 8400);
	ledger_free(&w.out);
}

/* Owners by the bytes of the operation; without any by all bytes; then by operations. */
static void test_stack_weights(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add(&w, A, LAYER_DEVICE, OP_READ, CLASS_DATA, LOOP0, 1, 1000);
	add(&w, B, LAYER_DEVICE, OP_READ, CLASS_METADATA, LOOP0, 1, 3000);
	add(&w, STACK(LOOP0), LAYER_DEVICE, OP_READ, CLASS_DATA, SDA, 4, 4000);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 400);
	add(&w, C, LAYER_DEVICE, OP_FLUSH, CLASS_OTHER, LOOP1, 3, 0);
	add(&w, A, LAYER_DEVICE, OP_FLUSH, CLASS_OTHER, LOOP1, 1, 0);
	add_device(&w, STACK(LOOP1), SDB, CLASS_DATA, 4096);
	build(&w);
	assert_int_equal(row_of(&w, 400)->device.read.bytes, 1000);
	assert_int_equal(row_of(&w, 300)->device.read.bytes, 3000);
	assert_int_equal(row_of(&w, 300)->device.read.ops, 3);
	assert_int_equal(row_of(&w, 300)->device.write.bytes, 300);
	assert_int_equal(row_of(&w, 200)->device.write.bytes, 3072);
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 100 + 1024);
	/* no class to take over from a flush */
	assert_int_equal(row_of(&w, 200)->device.write_class[CLASS_DATA], 3072);
	ledger_free(&w.out);
}

/* loop1 on loop0 on sda, with a journal on the uppermost file system. */
static void test_two_levels(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_txn(&w, TXN(3), A, 1);
	add_share(&w, TXN(3), D, 1);
	add_device(&w, TXN(3), LOOP1, CLASS_JOURNAL, 2000);
	add_device(&w, C, LOOP1, CLASS_DATA, 2000);
	add_device(&w, STACK(LOOP1), LOOP0, CLASS_DATA, 8000);
	add_device(&w, B, LOOP0, CLASS_DATA, 8000);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 32000);
	build(&w);
	/* half of sda is B's; a quarter C's; an eighth A's and an eighth of the one outside */
	assert_int_equal(row_of(&w, 300)->device.write.bytes, 16000);
	assert_int_equal(row_of(&w, 200)->device.write.bytes, 8000);
	assert_int_equal(row_of(&w, 200)->device.write_class[CLASS_DATA], 8000);
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 4000);
	assert_int_equal(row_of(&w, 400)->device.write_class[CLASS_JOURNAL], 4000);
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->device.write.bytes, 4000);
	assert_int_equal(w.out.totals.device.shared_bytes, 28000);
	assert_int_equal(disk_row_of(&w, "loop0")->write_by_kind[ROW_OUTSIDE], 2000 / 2 * 2);
	assert_int_equal(disk_row_of(&w, "loop1")->write_by_kind[ROW_OUTSIDE], 1000);
	ledger_free(&w.out);
}

/* A worker of a loop device takes part in the transaction of the file system below. */
static void test_pool_in_pool(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, A, LOOP0, CLASS_DATA, 100);
	add_device(&w, B, LOOP0, CLASS_DATA, 300);
	add_txn(&w, TXN(4), C, 1);
	add_share(&w, TXN(4), STACK(LOOP0), 1);
	add_device(&w, TXN(4), SDA, CLASS_JOURNAL, 8000);
	build(&w);
	assert_int_equal(row_of(&w, 200)->device.write.bytes, 4000);
	assert_int_equal(row_of(&w, 200)->device.shared_bytes, 0);
	assert_int_equal(row_of(&w, 300)->device.write.bytes, 3000);
	assert_int_equal(row_of(&w, 300)->device.write_class[CLASS_JOURNAL], 3000);
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 1000);
	ledger_free(&w.out);
}

/* Two disks on each other cannot be; their bytes still have a row. */
static void test_cycle(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, STACK(SDA), SDB, CLASS_DATA, 1000);
	add_device(&w, STACK(SDB), SDA, CLASS_DATA, 500);
	build(&w);
	assert_int_equal(w.out.nr_rows, 1);
	assert_int_equal(row_of_kind(&w, ROW_UNATTRIBUTED)->device.write.bytes, 1500);
	ledger_free(&w.out);
}

static void test_resolve_txns(void **state)
{
	struct ledger_lines lines;
	struct world w;
	uint64_t sum = 0;

	(void)state;
	world_new(&w);
	add_share(&w, TXN(1), A, 1);
	add_share(&w, TXN(1), B, 2);
	add_share(&w, META(SDA), C, 1);
	add_device(&w, TXN(1), SDA, CLASS_JOURNAL, 3000);
	add_device(&w, META(SDA), SDA, CLASS_METADATA, 70);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 7);
	assert_int_equal(ledger_resolve_txns(&w.in, &lines), 0);
	assert_int_equal(lines.n, 4);
	for (size_t i = 0; i < lines.n; i++) {
		const struct ledger_line *l = &lines.v[i];

		sum += l->val.bytes;
		assert_int_equal(l->val.bytes, l->key.actor == A ? 1000 : l->key.actor == B ? 2000 :
				 l->key.actor == META(SDA) ? 70 : 7);
	}
	assert_int_equal(sum, 3077);
	free(lines.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_journal_sole_in_both),
		cmocka_unit_test(test_metadata_pool),
		cmocka_unit_test(test_freed_pool),
		cmocka_unit_test(test_no_claims),
		cmocka_unit_test(test_pool_ops_and_time),
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_stack_weights),
		cmocka_unit_test(test_two_levels),
		cmocka_unit_test(test_pool_in_pool),
		cmocka_unit_test(test_cycle),
		cmocka_unit_test(test_resolve_txns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
