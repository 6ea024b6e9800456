/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_window - a measurement's window, target and answer, from arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/answer.h"
#include "session/sync_list.h"
#include "tables/unheard.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define SDA		(8u << 20)
#define SDB		(8u << 20 | 16)
#define BTRFS		52u	/* an anonymous device number */
#define UNKNOWN		(7u << 20)	/* a block device that is none of the disks */
#define A		16u
#define B		17u

#define LINE(of, at, what, on, size) \
	{ { .actor = of, .dev = on, .layer = at, .op = what }, { .ops = 1, .bytes = size, .ns = size / 2 } }

static struct counts copy(const struct count *v, size_t n)
{
	struct counts c = { malloc(n * sizeof(*v)), n };

	assert_non_null(c.v);
	memcpy(c.v, v, n * sizeof(*v));
	return c;
}

/* ---- the window ---- */

static const struct count at_start[] = {
	LINE(A, LAYER_CACHE, CACHE_DIRTIED, SDA, 100), LINE(B, LAYER_DEVICE, OP_WRITE, SDA, 1000),
};
static const struct count at_end[] = {
	LINE(A, LAYER_CACHE, CACHE_DIRTIED, SDA, 100), LINE(B, LAYER_CACHE, CACHE_DIRTIED, SDA, 40),
	{ { .actor = B, .dev = SDA, .layer = LAYER_DEVICE, .op = OP_WRITE }, { 3, 5000, 900, 70 } },
};

static void test_window_count(void **state)
{
	struct window w = { .base.counts = copy(at_start, 2), .end.counts = copy(at_end, 3) };
	const struct retired_window of = { &w.base.counts, &w.retired };
	const struct agg_key *retired = &at_start[0].key;
	const struct agg_val left = { 3, 700, 60, 5 };

	(void)state;
	counts_merge(&w.end.counts);
	counts_merge(&w.base.counts);
	assert_int_equal(window_count(&w), 0);
	assert_int_equal(w.counts.n, 2);
	assert_int_equal(w.counts.v[0].val.bytes, 40);
	assert_int_equal(w.counts.v[1].val.ops, 2);
	assert_int_equal(w.counts.v[1].val.bytes, 4000);
	assert_int_equal(w.counts.v[1].val.ns, 400);
	assert_int_equal(w.counts.v[1].val.queue_ns, 70);
	/* a counter that is retired with 700 had 100 at the start, and came back with 100 at the end */
	assert_int_equal(retired_take(&of, retired, &left), 0);
	assert_int_equal(window_count(&w), 0);
	assert_int_equal(w.counts.n, 3);
	assert_int_equal(w.counts.v[0].key.actor, A);
	assert_int_equal(w.counts.v[0].val.bytes, 700 - 100 + 100);
	assert_int_equal(w.counts.v[0].val.ops, 3);
	/* of the next window nothing of that is left */
	window_next(&w);
	assert_int_equal(w.base.counts.n, 3);
	assert_int_equal(w.end.counts.n, 0);
	assert_int_equal(w.retired.counters.n, 0);
	window_free(&w);
}

/* Requests that were counted when they were submitted, and not done, or done in part. */
static void test_undone(void **state)
{
	static const struct count v[] = {
#define REQUEST(of, what, bits, n, size) \
	{ { .actor = of, .dev = SDA, .layer = LAYER_APPLICATION, .op = what, .cls = IFACE_LIBAIO, .flags = bits }, \
	  { .ops = n, .bytes = size } }
		REQUEST(A, OP_READ, KEY_DIRECT, 9, 9000), REQUEST(A, OP_READ, KEY_DIRECT | KEY_UNDONE, 2, 2500),
		REQUEST(A, OP_WRITE, 0, 5, 5000), REQUEST(A, OP_WRITE, KEY_UNDONE, 1, 1500),
		REQUEST(A, OP_SYNC, KEY_AGAIN, 5, 0), REQUEST(A, OP_SYNC, KEY_AGAIN | KEY_UNDONE, 1, 0),
		/* of an earlier interval: more than this one has, and all of it */
		REQUEST(B, OP_READ, 0, 1, 100), REQUEST(B, OP_READ, KEY_UNDONE, 3, 300),
		REQUEST(B, OP_WRITE, KEY_UNDONE, 3, 300),
	};
	struct window w = { .end.counts = copy(v, COUNT(v)) };

	(void)state;
	counts_merge(&w.end.counts);
	assert_int_equal(window_count(&w), 0);
	assert_int_equal(w.counts.n, 4);
	assert_int_equal(w.counts.v[0].val.ops, 7);
	assert_int_equal(w.counts.v[0].val.bytes, 6500);
	assert_int_equal(w.counts.v[1].val.ops, 4);
	assert_int_equal(w.counts.v[1].val.bytes, 3500);
	assert_int_equal(w.counts.v[2].val.ops, 4);
	assert_int_equal(w.counts.v[3].val.ops, 0);
	assert_int_equal(w.counts.v[3].val.bytes, 0);
	window_free(&w);
}

static void test_window_next(void **state)
{
	struct window w = { .began = { 1, 0 }, .ran = { 4, 0 }, .ended = { 5, 0 }, .wall = { 100, 0 },
		.wall_ended = { 104, 0 } };
	struct answer a = { 0 };

	(void)state;
	w.lost_base.n[LOSS_MAP_FULL] = 3;
	w.lost_end.n[LOSS_MAP_FULL] = 10;
	answer_mark(&a, &w);
	assert_true(a.seconds == 3 && a.window_s == 4);
	assert_int_equal(a.wall.tv_sec, 100);
	assert_int_equal(a.losses.map_full, 7);
	window_next(&w);
	assert_int_equal(w.began.tv_sec, 5);
	assert_int_equal(w.wall.tv_sec, 104);
	assert_int_equal(w.ran.tv_sec, 0);
	assert_int_equal(w.lost_base.n[LOSS_MAP_FULL], 10);
	/* what was asked about the ended window stays as it was */
	assert_int_equal(a.losses.map_full, 7);
}

/* ---- ends that no program heard ---- */

#define BIO(at, on, what, size, who) \
	{ at, { .queued_ns = at, .dev = on, .left = size, .op = what, .parts = 1, .part = { { who, size } } } }

static void test_unheard(void **state)
{
	struct bio_entry v[] = {
		BIO(5, SDA, OP_WRITE, 4096, B), BIO(1, SDB, OP_WRITE, 4096, B), BIO(2, SDA, OP_DISCARD, 4096, B),
		BIO(3, SDA, OP_WRITE, 0, B), BIO(4, SDA, OP_READ, 8192, A), BIO(7, SDA, OP_WRITE, 4096, A),
		BIO(6, SDA, OP_WRITE, 65536, A),
	};
	struct counts c = { 0 };

	(void)state;
	/* two writes are missing: the oldest and, as the next is larger than what is missing, the newest */
	assert_int_equal(unheard_choose(v, COUNT(v), SDA, (struct disk_stat){ .write_bytes = 8192 }), 2);
	assert_int_equal(v[0].bio, 5);
	assert_int_equal(v[1].bio, 7);
	/* what the disk of no missing bytes still has on its way stays */
	assert_int_equal(unheard_choose(v, 2, SDA, (struct disk_stat){ .read_bytes = 8192 }), 0);
	/* two owners and what nobody has; the first bytes were caused before the window, and came from above */
	v[0].r.left = 1000;
	v[0].r.parts = 2;
	v[0].r.part[0] = (struct bio_part){ ACTOR_BEFORE, 600 };
	v[0].r.part[1] = (struct bio_part){ A, 300 };
	assert_int_equal(bios_count(&v[0].r, LAYER_DEVICE, &c), 0);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.v[0].key.actor, ACTOR_BACKGROUND);
	assert_int_equal(c.v[0].key.flags, KEY_BELOW | KEY_BEFORE);
	assert_int_equal(c.v[0].val.ops, 1);
	assert_int_equal(c.v[1].key.actor, A);
	assert_int_equal(c.v[1].val.bytes, 300);
	assert_int_equal(c.v[1].val.ops, 0);
	assert_int_equal(c.v[2].key.actor, ACTOR_UNATTRIBUTED);
	assert_int_equal(c.v[2].val.bytes, 100);
	counts_free(&c);
}

/* ---- the target ---- */

static void test_actors(void **state)
{
	static const struct { uint32_t actor; bool some, all; } cases[] = {
		{ A, true, true }, { ACTOR_SELF, false, false }, { ACTOR_BACKGROUND, false, true },
		{ ACTOR_OUTSIDE, false, true }, { ACTOR_FIRST - 1, false, true }, { POOL_ID(POOL_META, 1), false, true },
	};
	struct target t = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		t.wish.all = false;
		assert_int_equal(target_has_actor(&t, cases[i].actor), cases[i].some);
		t.wish.all = true;
		assert_int_equal(target_has_actor(&t, cases[i].actor), cases[i].all);
	}
}

static struct disk two_disks[] = { { .name = "sda", .dev = SDA }, { .name = "sdb", .dev = SDB } };
static struct mount_entry mounts[] = {
	{ .dev = SDA, .source = SDA }, { .dev = BTRFS, .source = SDB }, { .dev = SDB, .source = SDB },
	{ .dev = UNKNOWN, .source = SDB },
};
static const struct storage storage = {
	.disks = { .v = two_disks, .n = 2, .root = "/nonexistent" }, .mounts = { mounts, COUNT(mounts) },
};

static void test_disks(void **state)
{
	static const struct count lines[] = {
		LINE(A, LAYER_APPLICATION, OP_WRITE, SDA, 1), LINE(A, LAYER_APPLICATION, OP_WRITE, SDB, 2),
		LINE(A, LAYER_CACHE, CACHE_DIRTIED, BTRFS, 3), LINE(A, LAYER_VFS, OP_READ, 0, 4),
		LINE(A, LAYER_VFS, OP_READ, 99, 5), LINE(A, LAYER_BLOCK, OP_WRITE, SDA, 6),
		LINE(A, LAYER_DEVICE, OP_WRITE, SDA, 7),
	};
	struct target t = { 0 };
	struct counts c = copy(lines, COUNT(lines));
	struct failure f = { 0 };

	(void)state;
	assert_ptr_equal(storage_disk_of(&storage, BTRFS), &two_disks[1]);
	assert_null(storage_disk_of(&storage, 99));
	assert_null(storage_disk_of(&storage, UNKNOWN));
	assert_true(target_has_disk(&t.wish, "sda"));
	assert_int_equal(target_check_disks(&t, &storage.disks, &f), 0);
	target_keep_disks(&t.wish, &storage, &c);
	assert_int_equal(c.n, COUNT(lines));
	t.wish.disks[t.wish.nr_disks++] = "nvme*";
	assert_int_equal(target_check_disks(&t, &storage.disks, &f), -ENOENT);
	t.wish.disks[t.wish.nr_disks++] = "*b";
	assert_int_equal(target_check_disks(&t, &storage.disks, &f), 0);
	assert_false(target_has_disk(&t.wish, "sda"));
	/* files on another disk go; below the block layer nothing does, nor what is on no disk */
	target_keep_disks(&t.wish, &storage, &c);
	assert_int_equal(c.n, 6);
	for (size_t i = 0; i < c.n; i++)
		assert_int_equal(c.v[i].val.bytes, i + 2);
	counts_free(&c);
}

static void test_flight(void **state)
{
	static const struct count lines[] = {
		LINE(A, LAYER_BLOCK, OP_WRITE, SDA, 1000), LINE(A, LAYER_DEVICE, OP_WRITE, SDA, 300),
		LINE(A, LAYER_BLOCK, OP_READ, SDA, 7), LINE(A, LAYER_DEVICE, OP_READ, SDA, 3),
		LINE(ACTOR_OUTSIDE, LAYER_BLOCK, OP_WRITE, SDA, 50), LINE(A, LAYER_CACHE, CACHE_DIRTIED, SDA, 9),
	};
	struct count below = LINE(A, LAYER_DEVICE, OP_WRITE, SDB, 300);
	const struct count replaced = LINE(A, LAYER_CACHE, CACHE_REPLACED, SDA, 9);
	struct target t = { 0 };
	struct flight f = { 0 };

	(void)state;
	below.key.flags = KEY_BELOW;
	for (size_t i = 0; i < COUNT(lines); i++)
		target_flight_add(&t, &f, &lines[i].key, &lines[i].val);
	target_flight_add(&t, &f, &below.key, &below.val);
	assert_int_equal(f.bytes, 700);
	assert_int_equal(f.reads, 4);
	assert_false(f.replaced);
	target_flight_add(&t, &f, &replaced.key, &replaced.val);
	assert_true(f.replaced);
}

static void test_names(void **state)
{
	static const struct { struct target_wish wish; const char *name; } cases[] = {
		{ { .all = true }, "the whole machine" }, { { .tid = 5, .nr_pids = 1, .pids = { 4 } }, "thread 5" },
		{ { .nr_pids = 1, .pids = { 7 } }, "process 7" },
		{ { .nr_pids = 2, .pids = { 7, 8 } }, "process 7 and others" },
		{ { .cgroup = "/a" }, "cgroup /a" }, { { .container = "abc" }, "container abc" },
		{ { .systems = { "etcd" }, .nr_systems = 1 }, "system etcd" },
		{ { .systems = { "etcd", "x" }, .nr_systems = 2 }, "system etcd and others" },
		{ { .comm = "dd" }, "processes named dd" },
	};
	struct target t = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		t.wish = cases[i].wish;
		assert_string_equal(target_name(&t), cases[i].name);
	}
}

static void test_others(void **state)
{
	struct target t = { .targeted = TARGET_ALL };

	(void)state;
	assert_true(target_has_others(&t));
	t.wish.comm = "dd";
	assert_false(target_has_others(&t));
	t.wish.comm = NULL;
	t.wish.container = "a";
	assert_false(target_has_others(&t));
	t.wish.container = NULL;
	t.targeted = TARGET_PIDS;
	assert_false(target_has_others(&t));
}

static void test_written(void **state)
{
	static const struct count lines[] = {
		LINE(A, LAYER_CACHE, CACHE_DIRTIED, SDA, 1), LINE(A, LAYER_APPLICATION, OP_READ, SDB, 1),
		LINE(A, LAYER_APPLICATION, OP_SYNC, SDA, 0), LINE(ACTOR_OUTSIDE, LAYER_CACHE, CACHE_DIRTIED, SDB, 1),
		LINE(A, LAYER_DEVICE, OP_WRITE, SDB, 1), LINE(A, LAYER_APPLICATION, OP_WRITE, 0, 1),
	};
	struct count c[COUNT(lines)];
	struct share shares[] = {
		{ { POOL_ID(POOL_TXN, POOL_DEV(SDB)), A }, 1 }, { { POOL_ID(POOL_META, POOL_DEV(SDA)), ACTOR_OUTSIDE }, 1 },
		{ { POOL_ID(POOL_META, POOL_DEV(BTRFS)), B }, 1 }, { { POOL_ID(POOL_META, 4711), B }, 1 },
	};
	const struct share_list list = { shares, COUNT(shares) };
	struct target t = { 0 };
	struct sync_list w = { 0 };

	(void)state;
	memcpy(c, lines, sizeof(c));
	assert_int_equal(sync_list_add_data(&w, &t, &(struct counts){ c, COUNT(c) }), 0);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.devs[0], SDA);
	assert_int_equal(sync_list_add_metadata(&w, &t, &list, &storage.mounts), 0);
	assert_int_equal(w.n, 2);
	assert_int_equal(w.devs[1], BTRFS);
	sync_list_free(&w);
}

/* ---- the answer ---- */

static void test_compare_disks(void **state)
{
	struct stat_at before[] = { { SDA, true, { 100, 200, 7 }, .moved = { .write_bytes = 1 } } };
	struct stat_at after[] = { { SDA, true, { 150, 1200, 7 }, .moved = { .write_bytes = 2 } },
				   { SDB, true, { 5, 6, 8 }, .moved = { 0 } } };
	struct window w = { .base = { .stats = before, .nr_stats = 1 }, .end = { .stats = after, .nr_stats = 2 } };
	struct target_wish wish = { .disks = { "sda" }, .nr_disks = 1 };
	struct answer a = { 0 };

	(void)state;
	assert_int_equal(answer_compare_disks(&a, &storage, &wish, &w), 0);
	assert_int_equal(a.nr_disks, 2);
	assert_true(a.disks[0].has_kernel && a.disks[0].selected);
	assert_int_equal(a.disks[0].kernel.read_bytes, 50);
	assert_int_equal(a.disks[0].kernel.write_bytes, 1000);
	assert_int_equal(a.disks[0].moved_base.write_bytes, 1);
	assert_int_equal(a.disks[0].moved_end.write_bytes, 2);
	/* it came during the window */
	assert_true(a.disks[1].has_kernel && !a.disks[1].selected);
	assert_int_equal(a.disks[1].kernel.write_bytes, 6);
	after[0].known = false;
	w.end.nr_stats = 1;
	assert_int_equal(answer_compare_disks(&a, &storage, &wish, &w), 0);
	assert_false(a.disks[0].has_kernel || a.disks[1].has_kernel);
	assert_non_null(a.disks[0].kernel_reason);
	answer_close(&a);
}

/* Removed and added under the same number: other counters, whether they are higher or lower. */
static void test_removed(void **state)
{
	struct stat_at before[] = { { SDA, true, { 100, 200, 7 }, .moved = { 0 } } };
	struct stat_at after[] = { { SDA, true, { 150, 1200, 8 }, .moved = { 0 } } };
	struct window w = { .base = { .stats = before, .nr_stats = 1 }, .end = { .stats = after, .nr_stats = 1 } };
	struct target_wish wish = { 0 };
	struct answer a = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(answer_compare_disks(&a, &storage, &wish, &w), 0);
		assert_true(a.disks[0].removed && !a.disks[0].has_kernel);
		assert_string_equal(a.disks[0].kernel_reason, "removed in the window");
		after[0].stat = (struct disk_stat){ 150, 199, 7 };
	}
	answer_close(&a);
}

/* What the kernel counts as written of a disk: write-zeroes, too. */
static void test_grown(void **state)
{
	const struct count after[] = { LINE(A, LAYER_DEVICE, OP_READ, SDA, 10), LINE(B, LAYER_DEVICE, OP_WRITE, SDA, 1300),
				       LINE(B, LAYER_DEVICE, OP_ZEROES, SDA, 50), LINE(B, LAYER_DEVICE, OP_WRITE, SDB, 9) };
	struct counts a = copy(at_start, 2), b = copy(after, COUNT(after));
	struct disk_stat grown = snapshot_grown(&a, &b, SDA);

	(void)state;
	assert_int_equal(grown.read_bytes, 10);
	assert_int_equal(grown.write_bytes, 350);
	counts_free(&a);
	counts_free(&b);
}

static void test_waits(void **state)
{
	struct lat_entry base[] = { { { .actor = A, .dev = SDA, .op = OP_READ }, { .wait_ns = 10, .part[PART_DEVICE] = 10, .max_ns = 10, .slot[0] = 1 } } };
	struct lat_entry end[] = {
		{ { .actor = A, .dev = SDA, .op = OP_READ }, { .wait_ns = 30, .part[PART_DEVICE] = 30, .max_ns = 20, .slot[0] = 2 } },
		{ { .actor = A, .dev = BTRFS, .op = OP_READ }, { .wait_ns = 5, .part[PART_DEVICE] = 5, .max_ns = 5, .slot[0] = 1 } },
		{ { .actor = A, .dev = 99, .op = OP_READ }, { .wait_ns = 7, .part[PART_DEVICE] = 7, .max_ns = 7, .slot[0] = 1 } },
	};
	struct waits w = { .base = { base, 1 }, .end = { end, COUNT(end) } };
	const struct ledger_actor who = { .id = A, .process = A, .tgid = 1, .target = true, .comm = "dd" };
	struct target_wish wish = { 0 };
	struct answer a = { 0 };

	(void)state;
	w.end.n = latency_merge(end, COUNT(end));
	for (int chosen = 0; chosen < 2; chosen++) {
		struct latency_input in = { .by = BY_DEVICE, .actors = &who, .nr_actors = 1 };

		assert_int_equal(answer_waits(&a, &w, &storage, &wish, &in), 0);
		assert_int_equal(a.latency.total.wait_ns, chosen ? 5 : 20 + 5 + 7);
		assert_int_equal(a.latency.nr_rows, chosen ? 1 : 3);
		if (chosen)
			assert_string_equal(a.latency.rows[0].id.disk, "sdb");
		/* -d leaves out the other disk, and what is on none that is known */
		wish.disks[0] = "sdb";
		wish.nr_disks = 1;
	}
	answer_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_count), cmocka_unit_test(test_undone), cmocka_unit_test(test_window_next),
		cmocka_unit_test(test_unheard), cmocka_unit_test(test_actors), cmocka_unit_test(test_disks), cmocka_unit_test(test_flight),
		cmocka_unit_test(test_names), cmocka_unit_test(test_others), cmocka_unit_test(test_written),
		cmocka_unit_test(test_compare_disks), cmocka_unit_test(test_removed), cmocka_unit_test(test_grown), cmocka_unit_test(test_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
