/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_ledger - rows, totals and disks against truth stated by hand, and what
 * must hold for any input: every device byte in exactly one row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/ledger.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define DEV(major, minor) ((uint32_t)(major) << 20 | (minor))
#define SDA		DEV(8, 0)
#define SDB		DEV(8, 16)
#define LOOP0		DEV(7, 0)	/* on a file of sda */
#define LOOP1		DEV(7, 1)	/* on a file of loop0 */
#define ZRAM		DEV(252, 0)
#define NOWHERE		DEV(99, 9)	/* no disk of ours */
#define META(dev)	POOL_ID(POOL_META, POOL_DEV(dev))
#define STACK(dev)	POOL_ID(POOL_STACK, POOL_DEV(dev))
#define TXN(n)		POOL_ID(POOL_TXN, n)

/* Processes; pids in the other order than ids, so that the two are told apart. */
enum { A = ACTOR_FIRST, B, C, D };

#define LINES	64
struct world {
	struct ledger_input in;
	struct ledger out;
	struct count counts[LINES];
	struct ledger_actor actors[4];
	struct share shares[LINES];
	struct txn_entry txns[LINES];
	struct pending pending[8];
	struct ledger_file files[6];
	struct disk disk[5];
	struct ledger_disk disks[5];
};

static const struct ledger_actor people[] = {
	{ .id = A, .process = A, .tgid = 400, .target = true, .comm = "alpha", .cgroup = "/one", .container = "lxc:x" },
	{ .id = B, .process = B, .tgid = 300, .target = true, .comm = "beta", .cgroup = "/two" },
	{ .id = C, .process = C, .tgid = 200, .target = true, .comm = "gamma", .cgroup = "/one", .container = "lxc:x" },
	{ .id = D, .process = D, .tgid = 100, .target = false, .comm = "delta", .cgroup = "/two", .container = "lxc:y" },
};
static const struct disk machine[] = {
	{ .name = "sda", .dev = SDA, .leaf = true, .above = { LOOP0 } },
	{ .name = "sdb", .dev = SDB, .leaf = true },
	{ .name = "loop0", .dev = LOOP0, .below = { SDA }, .above = { LOOP1 } },
	{ .name = "loop1", .dev = LOOP1, .below = { LOOP0 } },
	{ .name = "zram0", .dev = ZRAM, .leaf = true, .memory = true },
};

static void world_new(struct world *w)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->actors, people, sizeof(people));
	memcpy(w->disk, machine, sizeof(machine));
	for (size_t i = 0; i < COUNT(machine); i++)
		w->disks[i] = (struct ledger_disk){ &w->disk[i], true, false, { 0 }, "not read" };
	w->in = (struct ledger_input){
		.by = BY_PROCESS, .has_app = true, .exact_pages = true, .counts = w->counts, .actors = w->actors,
		.nr_actors = COUNT(people), .shares = w->shares, .txns = w->txns,
		.pending = w->pending, .disks = w->disks, .nr_disks = COUNT(machine),
		.files = w->files,
	};
}

/* The members that matter here; nr and ns may be added to the result. */
static struct count *add(struct world *w, __u32 actor, enum layer layer, __u8 op, __u8 cls,
			 __u32 dev, __u64 ops, __u64 bytes)
{
	struct count *c = &w->counts[w->in.nr_counts++];

	assert_true(w->in.nr_counts <= LINES);
	c->key = (struct agg_key){ .actor = actor, .dev = dev, .layer = layer, .op = op, .cls = cls };
	c->val = (struct agg_val){ .ops = ops, .bytes = bytes };
	return c;
}

static struct count *add_device(struct world *w, __u32 actor, __u32 dev, enum io_class cls,
				__u64 bytes)
{
	return add(w, actor, LAYER_DEVICE, OP_WRITE, cls, dev, 1, bytes);
}

static void add_share(struct world *w, __u32 pool, __u32 actor, __u64 weight)
{
	w->shares[w->in.nr_shares++] = (struct share){ { pool, actor }, weight };
}

static void add_txn(struct world *w, __u32 pool, __u32 sole, __u32 blocks)
{
	w->txns[w->in.nr_txns++] = (struct txn_entry){
		{ SDA, 7 }, { .sole = sole, .sole_blocks = blocks, .pool = pool } };
}

static void build(struct world *w)
{
	ledger_free(&w->out);
	assert_int_equal(ledger_build(&w->in, &w->out), 0);
}

static struct row *row_of(const struct world *w, uint32_t pid)
{
	for (size_t i = 0; i < w->out.nr_rows; i++)
		if (w->out.rows[i].has_pid && w->out.rows[i].pid == pid)
			return &w->out.rows[i];
	fail_msg("no row of pid %u", pid);
	return NULL;
}

static const struct row *row_of_kind(const struct world *w, enum row_kind kind)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < w->out.nr_rows; i++) {
		if (w->out.rows[i].kind != kind)
			continue;
		if (found)
			fail_msg("two rows of kind %s", row_kind_name(kind));
		found = &w->out.rows[i];
	}
	return found;
}

static const struct disk_row *disk_row_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->out.nr_disks; i++)
		if (!strcmp(w->out.disks[i].name, name))
			return &w->out.disks[i];
	return NULL;
}

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

static void test_no_claims(void **state)
{
	const __u32 pools[] = { TXN(9), META(SDB), STACK(LOOP1) };
	struct world w;

	(void)state;
	world_new(&w);
	for (size_t i = 0; i < COUNT(pools); i++)
		add_device(&w, pools[i], SDA, CLASS_JOURNAL, 4096);
	build(&w);
	assert_int_equal(w.out.nr_rows, 1);
	assert_int_equal(row_of_kind(&w, ROW_BACKGROUND)->device.write.bytes, 3 * 4096);
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

/* ---- kinds, filters, totals ---- */

static void add_everyone(struct world *w)
{
	static const __u32 who[] = { A, B, C, D, ACTOR_SELF, ACTOR_BACKGROUND, ACTOR_OUTSIDE,
		ACTOR_UNATTRIBUTED, ACTOR_NONE, ACTOR_PENDING, 4711 };

	for (size_t i = 0; i < COUNT(who); i++) {
		add_device(w, who[i], SDA, CLASS_DATA, 1ull << i);
		add(w, who[i], LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 1ull << i);
	}
}

static void test_kinds(void **state)
{
	static const uint64_t expected[ROW_KIND_MAX] = {
		[ROW_SELF] = 1 << 4, [ROW_BACKGROUND] = 1 << 5,
		[ROW_OUTSIDE] = 1 << 3 | 1 << 6,	/* the filtered one, too */
		/* nobody, not met yet, and one whose name was lost */
		[ROW_UNATTRIBUTED] = 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10,
	};
	struct world w;

	(void)state;
	world_new(&w);
	add_everyone(&w);
	build(&w);
	assert_int_equal(w.out.nr_rows, 3 + 4);
	for (size_t i = 0; i < 3; i++) {
		const struct row *r = row_of(&w, people[i].tgid);

		assert_int_equal(r->kind, ROW_OWNER);
		assert_int_equal(r->device.write.bytes, 1 << i);
		assert_string_equal(r->comm, people[i].comm);
		assert_string_equal(r->cgroup, people[i].cgroup);
		assert_string_equal(r->system, "other");
		assert_int_equal(r->absent, 0);
	}
	for (int k = ROW_SELF; k < ROW_KIND_MAX; k++) {
		const struct row *r = row_of_kind(&w, (enum row_kind)k);

		assert_int_equal(r->device.write.bytes, expected[k]);
		assert_int_equal(r->app.write.bytes, expected[k]);
		assert_false(r->has_pid);
		assert_null(r->comm);
		assert_int_equal(disk_row_of(&w, "sda")->write_by_kind[k], expected[k]);
	}
	assert_int_equal(disk_row_of(&w, "sda")->write_by_kind[ROW_OWNER], 7);
	assert_int_equal(disk_row_of(&w, "sda")->write_bytes, (1 << 11) - 1);
	/* the target's rows alone; the largest first */
	assert_int_equal(w.out.totals.by, BY_TOTAL);
	assert_int_equal(w.out.totals.device.write.bytes, 7);
	assert_int_equal(w.out.totals.app.write.bytes, 7);
	for (size_t i = 1; i < w.out.nr_rows; i++)
		assert_true(w.out.rows[i - 1].device.write.bytes >= w.out.rows[i].device.write.bytes);
	/* -a: everything */
	w.in.all = true;
	build(&w);
	assert_int_equal(w.out.totals.device.write.bytes, (1 << 11) - 1);
	assert_int_equal(w.out.totals.app.write.bytes, (1 << 11) - 1);
	ledger_free(&w.out);
}

static void test_by_cgroup(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.in.by = BY_CGROUP;
	add_everyone(&w);
	build(&w);
	assert_int_equal(w.out.nr_rows, 2 + 4);
	for (size_t i = 0; i < w.out.nr_rows; i++) {
		const struct row *r = &w.out.rows[i];

		assert_int_equal(r->by, BY_CGROUP);
		assert_false(r->has_pid);
		assert_null(r->comm);
		if (r->kind == ROW_OWNER)
			assert_int_equal(r->device.write.bytes, strcmp(r->cgroup, "/one") ? 2 : 1 + 4);
		else
			assert_null(r->cgroup);
	}
	/* unknown cgroups are one row, apart from the rest */
	w.actors[0].cgroup = w.actors[1].cgroup = NULL;
	build(&w);
	assert_int_equal(w.out.nr_rows, 2 + 4);
	ledger_free(&w.out);
}

/* Files 3, 5 and 8; 9 is 5 met again at another address, 7 has the name of 3. */
static void add_files(struct world *w)
{
	static const struct ledger_file files[] = {
		{ 3, 3, "/a" }, { 5, 5, "/b" }, { 7, 7, "/a" }, { 8, 8, "/c" }, { 9, 5, "/b" },
	};

	memcpy(w->files, files, sizeof(files));
	w->in.nr_files = COUNT(files);
	w->in.by = BY_FILE;
}

/* One row per file over all processes, one for what is no file's data, one per other kind. */
static void test_by_file(void **state)
{
	static const struct { __u32 actor, file; uint64_t bytes; } device[] = {
		{ A, 3, 1 }, { B, 3, 2 }, { A, 5, 4 }, { A, 9, 8 }, { C, 7, 16 }, { A, 0, 32 },
		{ B, 4711, 64 },	/* its name was lost */
		{ D, 3, 128 }, { ACTOR_BACKGROUND, 5, 256 }, { ACTOR_BACKGROUND, 0, 512 },
	};
	static const struct { const char *file; uint64_t bytes; } rows[] = {
		{ NULL, 32 + 64 }, { "/a", 16 }, { "/b", 12 }, { "/a", 3 }, { "/c", 0 },
	};
	struct world w;
	size_t owners = 0;

	(void)state;
	world_new(&w);
	add_files(&w);
	for (size_t i = 0; i < COUNT(device); i++)
		add_device(&w, device[i].actor, SDA, CLASS_DATA, device[i].bytes)->key.file =
			device[i].file;
	add(&w, B, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 10)->key.file = 8;
	w.pending[0] = (struct pending){ A, 5, 1000 };
	w.pending[1] = (struct pending){ A, 9, 100 };
	w.pending[2] = (struct pending){ D, 5, 10 };
	w.in.nr_pending = 3;
	build(&w);
	for (size_t i = 0; i < w.out.nr_rows; i++) {
		const struct row *r = &w.out.rows[i];

		assert_int_equal(r->by, BY_FILE);
		assert_false(r->has_pid);
		assert_null(r->comm);
		if (r->kind != ROW_OWNER) {
			assert_null(r->file);
			continue;
		}
		assert_true(owners < COUNT(rows));
		assert_int_equal(r->device.write.bytes, rows[owners].bytes);
		if (rows[owners].file)
			assert_string_equal(r->file, rows[owners].file);
		else
			assert_null(r->file);
		assert_int_equal(r->cache.pending.v, rows[owners].bytes == 12 ? 1100 : 0);
		assert_int_equal(r->app.write.bytes, rows[owners].bytes ? 0 : 10);
		owners++;
	}
	assert_int_equal(owners, COUNT(rows));
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->device.write.bytes, 128);
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->cache.pending.v, 10);
	assert_int_equal(row_of_kind(&w, ROW_BACKGROUND)->device.write.bytes, 256 + 512);
	assert_int_equal(w.out.totals.device.write.bytes, 127);
	assert_int_equal(w.out.totals.cache.pending.v, 1100);
	ledger_free(&w.out);
}

/* Below a loop device bytes are of the files above, not of the image; a journal's of none. */
static void test_by_file_stack(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_files(&w);
	add_device(&w, A, LOOP0, CLASS_DATA, 3000)->key.file = 3;
	add_device(&w, A, LOOP0, CLASS_DATA, 1000)->key.file = 5;
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 8000)->key.file = 8;
	add_share(&w, TXN(1), A, 1);
	add_device(&w, TXN(1), SDA, CLASS_JOURNAL, 50);
	build(&w);
	assert_int_equal(w.out.nr_rows, 3);
	assert_string_equal(w.out.rows[0].file, "/a");
	assert_int_equal(w.out.rows[0].device.write.bytes, 6000);
	assert_string_equal(w.out.rows[1].file, "/b");
	assert_int_equal(w.out.rows[1].device.write.bytes, 2000);
	assert_null(w.out.rows[2].file);
	assert_int_equal(w.out.rows[2].device.write.bytes, 50);
	ledger_free(&w.out);
}

static void test_by_container(void **state)
{
	size_t none = 0;
	struct world w;

	(void)state;
	world_new(&w);
	w.in.by = BY_CONTAINER;
	add_everyone(&w);
	build(&w);
	/* those in a container, those in none, and the four other kinds */
	assert_int_equal(w.out.nr_rows, 2 + 4);
	for (size_t i = 0; i < w.out.nr_rows; i++) {
		const struct row *r = &w.out.rows[i];

		assert_int_equal(r->by, BY_CONTAINER);
		assert_false(r->has_pid);
		assert_null(r->comm);
		assert_null(r->cgroup);
		if (r->kind != ROW_OWNER) {
			assert_null(r->container);
		} else if (!r->container) {
			none++;
			assert_int_equal(r->device.write.bytes, 2);
		} else {
			assert_string_equal(r->container, "lxc:x");
			assert_int_equal(r->device.write.bytes, 1 + 4);
		}
	}
	assert_int_equal(none, 1);
	/* the same name in another place of memory is the same container */
	w.actors[1].container = strdup("lxc:x");
	build(&w);
	assert_int_equal(w.out.nr_rows, 1 + 4);
	free((char *)w.actors[1].container);
	w.in.by = BY_PROCESS;
	w.actors[1].container = NULL;
	build(&w);
	assert_string_equal(row_of(&w, 400)->container, "lxc:x");
	assert_null(row_of(&w, 300)->container);
	ledger_free(&w.out);
}

#define ASKED_FOR (1u << LAYER_APPLICATION | 1u << LAYER_VFS | 1u << LAYER_CACHE)

static void test_by_device(void **state)
{
	static const struct { const char *disk; uint64_t device, block; unsigned int absent; } rows[] = {
		{ "sda", 9000, 100, ASKED_FOR }, { "sdb", 50, 0, ASKED_FOR },
		{ "loop0", 0, 4000, ASKED_FOR | 1u << LAYER_DEVICE },
		{ "zram0", 0, 0, ASKED_FOR | 1u << LAYER_DEVICE },
	};
	struct world w;

	(void)state;
	world_new(&w);
	w.in.by = BY_DEVICE;
	add_device(&w, A, LOOP0, CLASS_DATA, 4000);
	add(&w, A, LAYER_BLOCK, OP_WRITE, CLASS_DATA, LOOP0, 1, 4000);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 8000);
	add_device(&w, B, SDA, CLASS_DATA, 1000);
	add(&w, B, LAYER_BLOCK, OP_WRITE, CLASS_DATA, SDA, 1, 100);
	add_device(&w, C, SDB, CLASS_DATA, 50);
	add_device(&w, C, ZRAM, CLASS_SWAP, 77);
	add(&w, A, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 10);
	add(&w, ACTOR_OUTSIDE, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 90);
	build(&w);
	assert_int_equal(w.out.nr_rows, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = NULL;

		for (size_t j = 0; j < w.out.nr_rows; j++)
			if (!strcmp(w.out.rows[j].disk, rows[i].disk))
				r = &w.out.rows[j];
		if (!r)
			fail_msg("no row of %s", rows[i].disk);
		assert_int_equal(r->by, BY_DEVICE);
		assert_int_equal(r->device.write.bytes, rows[i].device);
		assert_int_equal(r->block.write.bytes, rows[i].block);
		assert_int_equal(r->fs_write[CLASS_DATA].bytes, rows[i].block);
		assert_int_equal(r->absent, rows[i].absent);
		assert_int_equal(r->app.write.bytes, 0);
		assert_false(r->has_pid);
	}
	/* the totals add the leaves; who asked for it is not told apart on either side */
	assert_int_equal(w.out.totals.absent, 0);
	assert_int_equal(w.out.totals.device.write.bytes, 9050);
	assert_int_equal(w.out.totals.app.write.bytes, 100);
	ledger_free(&w.out);
}

/* ---- disks ---- */

static void test_memory_disks(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, A, ZRAM, CLASS_SWAP, 4096);
	add_device(&w, A, SDB, CLASS_DATA, 100);
	add(&w, A, LAYER_BLOCK, OP_WRITE, CLASS_SWAP, ZRAM, 1, 4096);
	build(&w);
	assert_int_equal(w.out.totals.device.write.bytes, 100);
	assert_int_equal(w.out.totals.device.write.ops, 1);
	assert_int_equal(w.out.totals.device.write_class[CLASS_SWAP], 0);
	assert_int_equal(w.out.totals.block.write.bytes, 4096);
	assert_int_equal(disk_row_of(&w, "zram0")->write_bytes, 4096);
	assert_int_equal(disk_row_of(&w, "zram0")->write_by_kind[ROW_OWNER], 4096);
	ledger_free(&w.out);
}

static void test_disks_listed(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.disks[2].has_kernel = true;
	w.disks[2].kernel = (struct disk_stat){ 11, 22 };
	add_device(&w, A, LOOP0, CLASS_DATA, 1);
	build(&w);
	/* itself, the one below, the one above; nothing else */
	assert_int_equal(w.out.nr_disks, 3);
	assert_null(disk_row_of(&w, "sdb"));
	assert_null(disk_row_of(&w, "zram0"));
	assert_string_equal(disk_row_of(&w, "sda")->parents[0], "loop0");
	assert_null(disk_row_of(&w, "sda")->parents[1]);
	assert_string_equal(disk_row_of(&w, "loop0")->parents[0], "loop1");
	assert_null(disk_row_of(&w, "loop1")->parents[0]);
	assert_true(disk_row_of(&w, "sda")->leaf);
	assert_false(disk_row_of(&w, "loop0")->leaf);
	assert_int_equal(disk_row_of(&w, "loop1")->major, 7);
	assert_int_equal(disk_row_of(&w, "loop1")->minor, 1);
	assert_true(disk_row_of(&w, "loop0")->kernel_read_bytes.known);
	assert_int_equal(disk_row_of(&w, "loop0")->kernel_read_bytes.v, 11);
	assert_int_equal(disk_row_of(&w, "loop0")->kernel_write_bytes.v, 22);
	assert_null(disk_row_of(&w, "loop0")->kernel_reason);
	assert_false(disk_row_of(&w, "sda")->kernel_write_bytes.known);
	assert_string_equal(disk_row_of(&w, "sda")->kernel_reason, "not read");
	/* far from any I/O */
	w.counts[0].key.dev = SDB;
	build(&w);
	assert_int_equal(w.out.nr_disks, 1);
	ledger_free(&w.out);
}

/* -d: what other disks did is in no row, total or list; owners of a stack stay right. */
static void test_disks_selected(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (size_t i = 1; i < COUNT(machine); i++)
		w.disks[i].selected = false;
	add_device(&w, A, LOOP0, CLASS_DATA, 1000);
	add_device(&w, B, SDB, CLASS_DATA, 5);
	add(&w, B, LAYER_BLOCK, OP_WRITE, CLASS_DATA, SDB, 1, 5);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 3000);
	build(&w);
	assert_int_equal(w.out.nr_disks, 1);
	assert_int_equal(w.out.nr_rows, 1);
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 3000);
	assert_int_equal(w.out.totals.device.write.bytes, 3000);
	assert_int_equal(w.out.totals.block.write.bytes, 0);
	ledger_free(&w.out);
}

static void test_errors_and_others(void **state)
{
	const struct row *r;
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, A, SDA, CLASS_DATA, 1000);
	add_device(&w, A, SDA, CLASS_DATA, 24)->key.flags = KEY_ERROR;
	add(&w, A, LAYER_DEVICE, OP_READ, CLASS_DATA, SDA, 1, 8)->key.flags = KEY_ERROR;
	add(&w, A, LAYER_DEVICE, OP_ZEROES, CLASS_DATA, SDA, 1, 65536);
	add(&w, A, LAYER_DEVICE, OP_DISCARD, CLASS_DATA, SDA, 2, 1 << 20);
	add(&w, A, LAYER_DEVICE, OP_FLUSH, CLASS_OTHER, SDA, 3, 0);
	add(&w, A, LAYER_BLOCK, OP_ZEROES, CLASS_DATA, SDA, 1, 65536);
	add(&w, A, LAYER_BLOCK, OP_DISCARD, CLASS_DATA, SDA, 2, 1 << 20);
	add(&w, A, LAYER_BLOCK, OP_FLUSH, CLASS_OTHER, SDA, 3, 4096);
	add_device(&w, A, NOWHERE, CLASS_DATA, 3);	/* gone before it was looked at */
	build(&w);
	r = row_of(&w, 400);
	/* failed bytes are in the total, discarded and zeroed ones never */
	assert_int_equal(r->device.write.bytes, 1024 + 3);
	assert_int_equal(r->device.read.bytes, 8);
	assert_int_equal(r->device.discard.ops, 3);
	assert_int_equal(r->device.discard.bytes, 65536 + (1 << 20));
	assert_int_equal(r->device.flush.ops, 3);
	assert_int_equal(r->device.shared_bytes, 0);
	assert_int_equal(r->block.discard.bytes, 65536 + (1 << 20));
	assert_int_equal(r->block.flush.ops, 3);
	assert_int_equal(r->block.flush.bytes, 0);
	assert_int_equal(r->block.write.bytes, 0);
	assert_int_equal(r->fs_write[CLASS_DATA].bytes, 0);
	assert_int_equal(disk_row_of(&w, "sda")->write_bytes, 1024);
	assert_int_equal(disk_row_of(&w, "sda")->read_bytes, 8);
	assert_int_equal(disk_row_of(&w, "sda")->error_bytes, 32);
	assert_int_equal(disk_row_of(&w, "sda")->zeroes_bytes, 65536);
	ledger_free(&w.out);
}

/* ---- what was asked for ---- */

static void test_application(void **state)
{
	const struct row *r;
	struct world w;

	(void)state;
	world_new(&w);
	add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_PREAD64, SDA, 3, 300)->val.ns = 7;
	/* ten O_SYNC writes: once in write, once in sync, once in the interface */
	add(&w, A, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 10, 1000)->val.ns = 20;
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_WRITE, SDA, 10, 0)->key.flags = KEY_AGAIN;
	/* of a ring: a sync of its own */
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_IO_URING, SDA, 4, 0);
	add(&w, A, LAYER_APPLICATION, OP_ALTER, IFACE_FALLOCATE, SDA, 5, 0);
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_FSYNC, SDA, 2, 0)->val.ns = 3;
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_MSYNC, SDA, 1, 0);
	add(&w, A, LAYER_VFS, OP_READ, 0, SDA, 4, 40);
	add(&w, A, LAYER_VFS, OP_WRITE, 0, SDA, 5, 50);
	add(&w, A, LAYER_VFS, OP_SYNC, 0, SDA, 6, 0);
	build(&w);
	r = row_of(&w, 400);
	assert_int_equal(r->app.read.ops, 3);
	assert_int_equal(r->app.read.bytes, 300);
	assert_int_equal(r->app.write.ops, 10);
	assert_int_equal(r->app.write.bytes, 1000);
	assert_int_equal(r->app.sync.ops, 17);
	assert_int_equal(r->app.sync.bytes, 0);
	assert_int_equal(r->app.iface[IFACE_IO_URING].ops, 4);
	assert_int_equal(r->app.iface[IFACE_FALLOCATE].ops, 5);
	assert_int_equal(r->app.iface[IFACE_WRITE].ops, 10);
	assert_int_equal(r->app.iface[IFACE_WRITE].bytes, 1000);
	assert_int_equal(r->app.iface[IFACE_FSYNC].ops, 2);
	assert_int_equal(r->app.iface[IFACE_MSYNC].ops, 1);
	assert_int_equal(r->app.iface[IFACE_PREAD64].bytes, 300);
	assert_int_equal(r->vfs.read.ops, 4);
	assert_int_equal(r->vfs.write.bytes, 50);
	assert_int_equal(r->vfs.sync.ops, 6);
	assert_true(r->app.read.has_ns && r->app.write.has_ns && r->app.sync.has_ns);
	assert_int_equal(r->app.write.ns, 20);
	assert_int_equal(r->app.sync.ns, 3);
	assert_false(r->device.write.has_ns || r->block.write.has_ns);
	ledger_free(&w.out);
}

/* product.md section 3: fill, and the rest by arithmetic. */
static void test_cache(void **state)
{
	static const struct {
		const char *name;
		uint64_t read, direct, fill, hit, miss, readahead;
	} cases[] = {
		{ "all from the cache", 1000, 0, 0, 1000, 0, 0 },
		{ "all from the disk", 4096, 0, 4096, 0, 4096, 0 },
		{ "half", 8192, 0, 4096, 4096, 4096, 0 },
		{ "read ahead", 4096, 0, 131072, 0, 4096, 131072 - 4096 },
		{ "faults of exec: nothing was asked for", 0, 0, 65536, 0, 0, 65536 },
		{ "O_DIRECT passes the cache", 9000, 9000, 0, 0, 0, 0 },
		{ "O_DIRECT and cached reads", 10000, 4096, 5904, 0, 5904, 0 },
		{ "O_DIRECT and hits", 10000, 4096, 904, 5000, 904, 0 },
		{ "O_DIRECT and read ahead", 10000, 4096, 8192, 0, 5904, 8192 - 5904 },
		{ "nothing", 0, 0, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row *r;
		struct world w;

		world_new(&w);
		w.in.all = true;
		add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1,
		    cases[i].read - cases[i].direct);
		add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1, cases[i].direct)
			->key.flags = KEY_DIRECT;
		/* direct writes are no reads */
		add(&w, A, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 512)->key.flags = KEY_DIRECT;
		add(&w, A, LAYER_CACHE, CACHE_FILL, 0, SDA, 1, cases[i].fill);
		build(&w);
		r = row_of(&w, 400);
		if (r->cache.hit.v != cases[i].hit || r->cache.miss.v != cases[i].miss ||
		    r->cache.readahead.v != cases[i].readahead)
			fail_msg("%s: hit %lu miss %lu readahead %lu", cases[i].name, r->cache.hit.v,
				 r->cache.miss.v, r->cache.readahead.v);
		assert_true(r->cache.hit.known && r->cache.miss.known && r->cache.readahead.known);
		assert_int_equal(w.out.totals.cache.miss.v, cases[i].miss);
		ledger_free(&w.out);
	}
}

static void test_dirtied_and_pending(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add(&w, A, LAYER_CACHE, CACHE_DIRTIED, 0, SDA, 2, 8192);
	add(&w, A, LAYER_CACHE, CACHE_CANCELLED, 0, SDA, 1, 4096);
	add(&w, A, LAYER_CACHE, CACHE_DIRECT_WRITE, 0, SDA, 1, 512);
	add(&w, A, LAYER_CACHE, CACHE_DIRECT_READ, 0, SDA, 1, 1024);
	w.pending[0] = (struct pending){ A, 0, 100 };
	w.pending[1] = (struct pending){ C, 0, 30 };	/* did nothing else */
	w.pending[2] = (struct pending){ D, 0, 7 };
	w.pending[3] = (struct pending){ META(SDA), 0, 5 };
	w.in.nr_pending = 4;
	build(&w);
	assert_int_equal(row_of(&w, 400)->cache.dirtied.v, 8192);
	assert_int_equal(row_of(&w, 400)->cache.cancelled.v, 4096);
	assert_int_equal(row_of(&w, 400)->cache.direct_write, 512);
	assert_int_equal(row_of(&w, 400)->cache.direct_read, 1024);
	assert_int_equal(row_of(&w, 400)->cache.pending.v, 100);
	assert_int_equal(row_of(&w, 200)->cache.pending.v, 30);
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->cache.pending.v, 7);
	assert_int_equal(w.out.totals.cache.pending.v, 130);
	assert_true(w.out.totals.cache.pending.known && w.out.totals.cache.cancelled.known);
	w.in.all = true;
	build(&w);
	assert_int_equal(w.out.totals.cache.pending.v, 137);
	/* without the application's reads nobody knows what was a hit */
	w.in.has_app = false;
	build(&w);
	assert_false(w.out.totals.cache.hit.known || w.out.totals.cache.miss.known ||
		     w.out.totals.cache.readahead.known);
	/* chunks and inodes do not know */
	w.in.exact_pages = false;
	w.in.nr_pending = 0;
	build(&w);
	assert_false(w.out.totals.cache.pending.known || w.out.totals.cache.cancelled.known);
	assert_true(w.out.totals.cache.dirtied.known);
	ledger_free(&w.out);
}

static void test_nothing(void **state)
{
	struct ledger_input in = { .by = BY_PROCESS };
	struct ledger out;

	(void)state;
	assert_int_equal(ledger_build(&in, &out), 0);
	assert_int_equal(out.nr_rows, 0);
	assert_int_equal(out.nr_disks, 0);
	assert_int_equal(out.totals.device.write.bytes, 0);
	ledger_free(&out);
	assert_null(out.rows);
}

/* ---- many ---- */

#define MANY		10000
#define PATIENCE_S	2.0	/* of CPU time; a clock on the wall would count the neighbours, too */

static void test_many(void **state)
{
	static struct ledger_actor actors[MANY];
	static struct count counts[4 * MANY + 16];
	static struct share shares[2 * MANY];
	const struct disk disk[] = { machine[0], machine[2] };
	struct ledger_disk disks[] = { { &disk[0], true, false, { 0 }, NULL },
				       { &disk[1], true, false, { 0 }, NULL } };
	struct ledger_input in = {
		.by = BY_PROCESS, .counts = counts, .actors = actors, .nr_actors = MANY,
		.shares = shares, .nr_shares = 2 * MANY, .disks = disks, .nr_disks = 2,
	};
	uint64_t expected = 0, sum = 0;
	struct ledger out;
	clock_t start;
	double took;
	size_t n = 0;

	(void)state;
	for (__u32 i = 0; i < MANY; i++) {
		__u32 id = ACTOR_FIRST + i;

		actors[i] = (struct ledger_actor){
			.id = id, .process = id, .tgid = MANY + 9 - i, .target = true, .comm = "many", .cgroup = "/" };
		counts[n++] = (struct count){ { id, SDA, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, 0, 0 }, { 1, 100, 0, 0 } };
		counts[n++] = (struct count){ { id, SDA, LAYER_BLOCK, OP_WRITE, CLASS_DATA, 0, 0 }, { 1, 4096, 0, 0 } };
		counts[n++] = (struct count){ { id, SDA, LAYER_DEVICE, OP_WRITE, CLASS_DATA, 0, 0 }, { 1, 4096, 9, 0 } };
		counts[n++] = (struct count){ { id, LOOP0, LAYER_DEVICE, OP_WRITE, CLASS_DATA, 0, 0 }, { 1, 512, 9, 0 } };
		shares[i] = (struct share){ { TXN(1), id }, i % 7 + 1 };
		shares[MANY + i] = (struct share){ { META(SDA), id }, i % 11 + 1 };
		expected += 4096;
	}
	for (int layer = LAYER_BLOCK; layer <= LAYER_DEVICE; layer++) {
		counts[n++] = (struct count){ { TXN(1), SDA, (__u8)layer, OP_WRITE, CLASS_JOURNAL, 0, 0 }, { 77777, 1 << 28, 7, 0 } };
		counts[n++] = (struct count){ { META(SDA), SDA, (__u8)layer, OP_WRITE, CLASS_METADATA, 0, 0 }, { 7777, 1 << 26, 7, 0 } };
		counts[n++] = (struct count){ { STACK(LOOP0), SDA, (__u8)layer, OP_WRITE, CLASS_DATA, 0, 0 }, { 7777, 1 << 25, 7, 0 } };
	}
	expected += (1 << 28) + (1 << 26) + (1 << 25);
	in.nr_counts = n;
	start = clock();
	assert_int_equal(ledger_build(&in, &out), 0);
	took = (double)(clock() - start) / CLOCKS_PER_SEC;
	assert_int_equal(out.nr_rows, MANY);
	for (size_t i = 0; i < out.nr_rows; i++)
		sum += out.rows[i].device.write.bytes;
	assert_int_equal(sum, expected);
	assert_int_equal(out.totals.device.write.bytes, expected);
	ledger_free(&out);
	printf("%d processes with three pools: %.2f s\n", MANY, took);
#ifndef __SANITIZE_ADDRESS__
	assert_true(took < PATIENCE_S);
#endif
}

/* ---- for any input ---- */

#define INPUTS 5000
static uint64_t input, seed;	/* number of the input; state of the generator */

#define SAME(got, expected)                                                    \
	do {                                                                   \
		uint64_t g_ = (got), e_ = (expected);                          \
		if (g_ != e_)                                                  \
			fail_msg("input %lu: %s is %lu, not %lu", input, #got, g_, e_); \
	} while (0)

/* Knuth's MMIX generator: the same numbers everywhere. */
static uint32_t draw(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % below;
}

static __u32 draw_actor(void)
{
	static const __u32 pools[] = { TXN(1), TXN(2), META(SDA), META(LOOP0), STACK(LOOP0),
		STACK(LOOP1), STACK(SDB) };

	switch (draw(4)) {
	case 0:
		return draw(8);
	case 1:
		return pools[draw(COUNT(pools))];
	default:
		return ACTOR_FIRST + draw(5);	/* one of them unknown */
	}
}

static uint64_t draw_bytes(void)
{
	switch (draw(4)) {
	case 0:
		return 0;
	case 1:
		return draw(10);
	case 2:
		return (uint64_t)draw(1 << 20) << draw(20);
	default:
		return 512ull * draw(10000);
	}
}

static void draw_world(struct world *w)
{
	world_new(w);
	for (size_t n = draw(LINES); n; n--) {
		struct count *c = add(w, draw_actor(), (enum layer)draw(LAYER_MAX), (__u8)draw(OP_MAX),
				      (__u8)draw(CLASS_MAX), machine[draw(COUNT(machine))].dev,
				      draw(50), draw_bytes());

		if (draw(2))
			c->key.layer = LAYER_DEVICE;
		if (c->key.op == OP_FLUSH || (c->key.layer == LAYER_APPLICATION && c->key.op == OP_SYNC))
			c->val.bytes = 0;
		c->key.flags = (__u8)draw(4);
		c->key.file = draw(11);
		c->val.ns = draw(1000000);
	}
	for (size_t n = draw(20); n; n--)
		add_share(w, draw(2) ? TXN(1 + draw(2)) : META(draw(2) ? SDA : LOOP0), draw_actor(),
			  draw(100));
	for (size_t n = draw(3); n; n--)
		add_txn(w, TXN(n), draw_actor(), draw(9));
	for (size_t i = 0; i < COUNT(machine); i++)
		w->disks[i].selected = draw(8) != 0;
	w->in.nr_pending = draw(8);
	for (size_t i = 0; i < w->in.nr_pending; i++)
		w->pending[i] = (struct pending){ draw_actor(), draw(11), draw(99999) };
	w->in.all = draw(2);
	if (draw(2))
		add_files(w);
	else
		w->in.by = draw(3) ? BY_PROCESS : draw(2) ? BY_CGROUP : BY_CONTAINER;
}

/* Bytes, operations or time that leaves on -d completed, straight from the input. */
static uint64_t input_sum(const struct world *w, __u8 op, size_t member)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < w->in.nr_counts; i++) {
		const struct agg_key *k = &w->counts[i].key;

		for (size_t d = 0; d < COUNT(machine); d++)
			if (k->layer == LAYER_DEVICE && k->op == op && k->dev == machine[d].dev &&
			    machine[d].leaf && !machine[d].memory && w->disks[d].selected)
				sum += *(const __u64 *)((const char *)&w->counts[i].val + member);
	}
	return sum;
}

struct sums {
	uint64_t bytes[2], ops[2], ns[2], kind[ROW_KIND_MAX], owners, all;
	size_t rows[ROW_KIND_MAX];
};

static void add_rows(const struct world *w, struct sums *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < w->out.nr_rows; i++) {
		const struct row *r = &w->out.rows[i];
		const struct io *io[] = { &r->device.read, &r->device.write };
		uint64_t classes = 0;

		for (int op = OP_READ; op <= OP_WRITE; op++) {
			s->bytes[op] += io[op]->bytes;
			s->ops[op] += io[op]->ops;
			s->ns[op] += io[op]->ns;
		}
		for (int c = 0; c < CLASS_MAX; c++)
			classes += r->device.write_class[c];
		SAME(classes, r->device.write.bytes);
		SAME(r->device.shared_bytes <= r->device.write.bytes, true);
		SAME(r->cache.hit.v + r->cache.miss.v <= r->app.read.bytes, true);
		SAME(r->cache.miss.v + r->cache.readahead.v == r->cache.filled, true);
		s->kind[r->kind] += r->device.write.bytes;
		s->rows[r->kind]++;
	}
	for (int k = ROW_SELF; k < ROW_KIND_MAX; k++)
		SAME(s->rows[k] <= 1, true);
}

static void check_disk_rows(const struct world *w, const struct sums *s)
{
	uint64_t leaves = 0, kind[ROW_KIND_MAX] = { 0 };

	for (size_t i = 0; i < w->out.nr_disks; i++) {
		const struct disk_row *d = &w->out.disks[i];
		uint64_t sum = 0;

		for (int k = 0; k < ROW_KIND_MAX; k++)
			sum += d->write_by_kind[k];
		SAME(sum, d->write_bytes);
		if (!d->leaf || !strcmp(d->name, "zram0"))
			continue;
		leaves += d->write_bytes;
		for (int k = 0; k < ROW_KIND_MAX; k++)
			kind[k] += d->write_by_kind[k];
	}
	SAME(leaves, s->bytes[OP_WRITE]);
	for (int k = 0; k < ROW_KIND_MAX; k++)
		SAME(kind[k], s->kind[k]);
}

static void check_world(struct world *w)
{
	uint64_t write = input_sum(w, OP_WRITE, offsetof(struct agg_val, bytes));
	struct sums s;

	build(w);
	add_rows(w, &s);
	SAME(s.bytes[OP_WRITE], write);
	SAME(s.bytes[OP_READ], input_sum(w, OP_READ, offsetof(struct agg_val, bytes)));
	SAME(s.ops[OP_WRITE], input_sum(w, OP_WRITE, offsetof(struct agg_val, ops)));
	SAME(s.ops[OP_READ], input_sum(w, OP_READ, offsetof(struct agg_val, ops)));
	SAME(s.ns[OP_WRITE], input_sum(w, OP_WRITE, offsetof(struct agg_val, ns)));
	SAME(s.ns[OP_READ], input_sum(w, OP_READ, offsetof(struct agg_val, ns)));
	SAME(w->out.totals.device.write.bytes, w->in.all ? write : s.kind[ROW_OWNER]);
	check_disk_rows(w, &s);
	w->in.by = BY_DEVICE;
	build(w);
	add_rows(w, &s);
	SAME(s.bytes[OP_WRITE], write);
	ledger_free(&w->out);
}

static void test_any_input(void **state)
{
	static struct world w;

	(void)state;
	for (input = 1; input <= INPUTS; input++) {
		seed = input;
		draw_world(&w);
		check_world(&w);
	}
}

/* What one task read ahead is not what another missed. */
static void test_cache_totals(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.in.has_app = true;
	add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1, 4096);
	add(&w, A, LAYER_CACHE, CACHE_FILL, 0, SDA, 1, 8192);
	add(&w, B, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1, 100000);
	build(&w);
	assert_int_equal(w.out.totals.cache.miss.v, 4096);
	assert_int_equal(w.out.totals.cache.readahead.v, 4096);
	assert_int_equal(w.out.totals.cache.hit.v, 100000);
	ledger_free(&w.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_journal_sole_in_both),
		cmocka_unit_test(test_metadata_pool),
		cmocka_unit_test(test_no_claims),
		cmocka_unit_test(test_pool_ops_and_time),
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_stack_weights),
		cmocka_unit_test(test_two_levels),
		cmocka_unit_test(test_pool_in_pool),
		cmocka_unit_test(test_cycle),
		cmocka_unit_test(test_resolve_txns),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_by_cgroup),
		cmocka_unit_test(test_by_container),
		cmocka_unit_test(test_by_device),
		cmocka_unit_test(test_by_file),
		cmocka_unit_test(test_by_file_stack),
		cmocka_unit_test(test_memory_disks),
		cmocka_unit_test(test_disks_listed),
		cmocka_unit_test(test_disks_selected),
		cmocka_unit_test(test_errors_and_others),
		cmocka_unit_test(test_cache_totals),
		cmocka_unit_test(test_application),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_dirtied_and_pending),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_any_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
