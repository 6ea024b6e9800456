/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_world - four processes, five disks, and counters to add: what tests of the ledger begin with. */
#ifndef IOAMP_LEDGER_WORLD_H
#define IOAMP_LEDGER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

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
#define FREED(dev)	POOL_ID(POOL_FREED, POOL_DEV(dev))
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

static inline void world_new(struct world *w)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->actors, people, sizeof(people));
	memcpy(w->disk, machine, sizeof(machine));
	for (size_t i = 0; i < COUNT(machine); i++)
		w->disks[i] = (struct ledger_disk){ .disk = &w->disk[i], .selected = true,
						      .kernel_reason = "not read" };
	w->in = (struct ledger_input){
		.by = BY_PROCESS, .has_app = true, .exact_pages = true, .counts = w->counts, .actors = w->actors,
		.nr_actors = COUNT(people), .shares = w->shares, .txns = w->txns,
		.pending = w->pending, .disks = w->disks, .nr_disks = COUNT(machine),
		.files = w->files,
	};
}

/* The members that matter here; nr and ns may be added to the result. */
static inline struct count *add(struct world *w, __u32 actor, enum layer layer, __u8 op, __u8 cls,
			 __u32 dev, __u64 ops, __u64 bytes)
{
	struct count *c = &w->counts[w->in.nr_counts++];

	assert_true(w->in.nr_counts <= LINES);
	c->key = (struct agg_key){ .actor = actor, .dev = dev, .layer = layer, .op = op, .cls = cls };
	c->val = (struct agg_val){ .ops = ops, .bytes = bytes };
	return c;
}

static inline struct count *add_device(struct world *w, __u32 actor, __u32 dev, enum io_class cls,
				__u64 bytes)
{
	return add(w, actor, LAYER_DEVICE, OP_WRITE, cls, dev, 1, bytes);
}

static inline void add_share(struct world *w, __u32 pool, __u32 actor, __u64 weight)
{
	w->shares[w->in.nr_shares++] = (struct share){ { pool, actor }, weight };
}

static inline void add_txn(struct world *w, __u32 pool, __u32 sole, __u32 blocks)
{
	w->txns[w->in.nr_txns++] = (struct txn_entry){
		{ SDA, 7 }, { .sole = sole, .sole_blocks = blocks, .pool = pool } };
}

static inline void build(struct world *w)
{
	ledger_free(&w->out);
	assert_int_equal(ledger_build(&w->in, &w->out), 0);
}

static inline struct row *row_of(const struct world *w, uint32_t pid)
{
	for (size_t i = 0; i < w->out.nr_rows; i++)
		if (w->out.rows[i].has_pid && w->out.rows[i].pid == pid)
			return &w->out.rows[i];
	fail_msg("no row of pid %u", pid);
	return NULL;
}

static inline const struct row *row_of_kind(const struct world *w, enum row_kind kind)
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

static inline const struct disk_row *disk_row_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->out.nr_disks; i++)
		if (!strcmp(w->out.disks[i].name, name))
			return &w->out.disks[i];
	return NULL;
}

/* Files 3, 5 and 8; 9 is 5 met again at another address, 7 has the name of 3. */
static inline void add_files(struct world *w)
{
	static const struct ledger_file files[] = {
		{ 3, 3, "/a" }, { 5, 5, "/b" }, { 7, 7, "/a" }, { 8, 8, "/c" }, { 9, 5, "/b" },
	};

	memcpy(w->files, files, sizeof(files));
	w->in.nr_files = COUNT(files);
	w->in.by = BY_FILE;
}

#endif
