/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_retire - tables that must not fill up, on maps of our own: whatever is retired when, the sums
 * of a window are those of what was counted in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "session/window.h"
#include "tables/file_ids.h"
#include "tables/idle.h"
#include "tables/kept_shares.h"
#include "tables/waits.h"
#include "tests/unit/fake_maps.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define CPUS		2
#define ACTORS		16
#define NOBODY		0x7ffffff0u	/* a process number above the kernel's limit: kill() finds none */
#define ROUNDS		4000
#define META		POOL_ID(POOL_META, 1)
#define TXN(i)		POOL_ID(POOL_TXN, i)

static struct engine engine;

static int setup(void **state)
{
	(void)state;
	engine = (struct engine){ .nr_cpus = CPUS };
	for (int i = 0; i < MAP_COUNT; i++)
		engine.maps[i] = -1;
	engine.maps[MAP_AGG] = fake_new(sizeof(struct agg_key), CPUS * sizeof(struct agg_val));
	engine.maps[MAP_ACTORS] = fake_new(sizeof(__u32), sizeof(struct actor));
	engine.maps[MAP_SHARES] = fake_new(sizeof(struct share_key), sizeof(__u64));
	engine.maps[MAP_TXNS] = fake_new(sizeof(struct txn_key), sizeof(struct txn));
	engine.maps[MAP_LATS] = fake_new(sizeof(struct lat_key), CPUS * sizeof(struct lat_val));
	engine.maps[MAP_FILES] = fake_new(sizeof(__u32), sizeof(struct file_entry));
	engine.maps[MAP_FILE_IDS] = fake_new(sizeof(struct file_key), sizeof(__u32));
	engine.text.agg_entries = 64;
	engine.text.actor_entries = 16;
	engine.text.lat_entries = 64;
	engine.text.file_entries = 16;
	engine.text.latency = engine.text.by_file = true;
	fake_take = true;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_free();
	return 0;
}

/* ---- what the kernel side does ---- */

static uint32_t rnd_state;

static uint32_t rnd(uint32_t below)
{
	rnd_state = rnd_state * 1664525 + 1013904223;
	return (rnd_state >> 8) % below;
}

static struct actor *actor_at(__u32 id)
{
	return fake_at(engine.maps[MAP_ACTORS], &id);
}

static void actor_new(__u32 id)
{
	struct actor *a = actor_at(id);

	a->tgid = NOBODY;
	a->process = id;
}

static void count(const struct agg_key *k, const struct agg_val *v)
{
	struct agg_val *cpu = fake_at(engine.maps[MAP_AGG], k);

	assert_non_null(cpu);
	counts_add(&cpu[rnd(CPUS)], v);
}

static struct agg_key key_of(__u32 actor, __u32 file)
{
	return (struct agg_key){ .actor = actor, .dev = 1, .layer = LAYER_DEVICE, .op = OP_WRITE, .file = file };
}

static bool counted(const struct agg_key *k)
{
	return fake_find(engine.maps[MAP_AGG], k);
}

/* ---- counters: whatever is retired when ---- */

struct run {
	struct window window;
	struct idle idle;
	struct departed departed;
	struct counts truth;	/* of the window; not merged */
	size_t retired;
};

static void truth_add(struct counts *c, const struct agg_key *k, const struct agg_val *v)
{
	struct count *p = realloc(c->v, (c->n + 1) * sizeof(*p));

	assert_non_null(p);
	c->v = p;
	p[c->n++] = (struct count){ *k, *v };
}

static void work(struct run *r)
{
	struct agg_key k = key_of(ACTOR_FIRST + rnd(ACTORS), rnd(4));
	struct agg_val v = { .ops = 1 + rnd(3), .bytes = rnd(8) * 512, .ns = rnd(100), .queue_ns = rnd(100) };

	if (!rnd(16))	/* some have no process */
		k.actor = rnd(2) ? ACTOR_BACKGROUND : META;
	count(&k, &v);
	truth_add(&r->truth, &k, &v);
}

static void retire(struct run *r, const struct counts *now, bool hurry)
{
	const struct retired_window w = { &r->window.base.counts, &r->window.retired };

	if (!idle_due(&r->idle, engine.text.agg_entries, now->n, hurry))
		return;
	assert_int_equal(idle_retire(&r->idle, &engine, &r->departed, &w, now), 0);
	r->retired += r->idle.retired.n;
	if (!rnd(2))
		r->idle.earlier_at.tv_sec -= 2;	/* a second goes by */
}

static void retire_midway(struct run *r)
{
	struct counts now;

	assert_int_equal(sample_counts(&engine, &now), 0);
	retire(r, &now, !rnd(4));
	counts_free(&now);
}

static void check_window(struct run *r)
{
	static const struct disks none;

	assert_int_equal(window_end(&r->window, &engine, &none, false), 0);
	window_mark_end(&r->window, &engine);
	assert_int_equal(window_count(&r->window), 0);
	counts_merge(&r->truth);
	assert_int_equal(r->window.counts.n, r->truth.n);
	for (size_t i = 0; i < r->truth.n; i++)
		assert_memory_equal(&r->window.counts.v[i], &r->truth.v[i], sizeof(r->truth.v[i]));
	counts_free(&r->truth);
	window_next(&r->window);
	retire(r, &r->window.base.counts, !rnd(4));
}

static void run_counters(uint32_t seed)
{
	static const struct disks none;
	struct run r = { 0 };
	__u32 id;

	rnd_state = seed;
	for (__u32 i = 0; i < ACTORS; i++)
		actor_new(ACTOR_FIRST + i);
	assert_int_equal(window_begin(&r.window, &engine, &none), 0);
	window_mark_begin(&r.window, &engine);
	for (int i = 0; i < ROUNDS; i++) {
		id = ACTOR_FIRST + rnd(ACTORS);
		switch (rnd(40)) {
		case 0:
			check_window(&r);
			break;
		case 1: case 2:
			retire_midway(&r);
			break;
		case 3:	/* it ends, or another one gets the number */
			actor_at(id)->flags ^= ACTOR_F_EXITED;
			break;
		default:
			work(&r);
		}
	}
	check_window(&r);
	assert_true(r.retired > 20);
	counts_free(&r.truth);
	window_free(&r.window);
	idle_free(&r.idle);
}

static void test_counters(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 8; seed++) {
		teardown(NULL);
		setup(NULL);
		/* before 5.14 the kernel cannot read and delete in one; nothing moves in between here */
		fake_take = seed % 2;
		run_counters(seed);
	}
}

/* A second after the one before, in a hurry. */
static void look(struct run *r)
{
	struct counts now;

	assert_int_equal(sample_counts(&engine, &now), 0);
	r->idle.earlier_at.tv_sec -= 2;
	retire(r, &now, true);
	counts_free(&now);
}

/* What is retired and what stays. */
static void test_idle(void **state)
{
	const struct agg_key ended = key_of(16, 0), idle = key_of(17, 0), moved = key_of(18, 0);
	const struct agg_key pool = key_of(TXN(1), 0), nobody = key_of(ACTOR_BACKGROUND, 0);
	const struct agg_key of_file = key_of(ACTOR_BACKGROUND, 7);
	const struct agg_val v = { .ops = 1, .bytes = 512 };
	struct run r = { 0 };

	(void)state;
	for (__u32 id = 16; id < 19; id++)
		actor_new(id);
	count(&ended, &v);
	count(&idle, &v);
	count(&moved, &v);
	count(&pool, &v);
	count(&nobody, &v);
	count(&of_file, &v);
	actor_at(16)->flags |= ACTOR_F_EXITED;
	look(&r);
	assert_int_equal(r.idle.retired.n, 1);
	assert_false(counted(&ended));
	assert_true(counted(&idle));
	count(&moved, &v);
	look(&r);
	assert_int_equal(r.idle.retired.n, 2);
	assert_false(counted(&idle));
	assert_false(counted(&of_file));
	assert_true(counted(&moved));
	assert_true(counted(&pool));
	assert_true(counted(&nobody));
	counts_free(&r.window.retired.counters);
	idle_free(&r.idle);
}

static void test_idle_due(void **state)
{
	struct idle i = { 0 };

	(void)state;
	assert_false(idle_due(&i, 64, 15, false));
	assert_true(idle_due(&i, 64, 16, false));
	assert_true(idle_due(&i, 64, 0, true));
	assert_false(idle_second_look_due(&i));
	i.earlier.v = calloc(1, sizeof(*i.earlier.v));
	clock_gettime(CLOCK_MONOTONIC, &i.earlier_at);
	/* a look just now: only a table that is half full cannot wait */
	assert_false(idle_due(&i, 64, 31, false));
	assert_false(idle_due(&i, 64, 31, true));
	assert_true(idle_due(&i, 64, 32, false));
	assert_false(idle_second_look_due(&i));
	i.earlier_at.tv_sec -= 2;
	assert_true(idle_due(&i, 64, 31, false));
	assert_true(idle_second_look_due(&i));
	/* far from full: it begins anew */
	assert_false(idle_due(&i, 64, 15, false));
	assert_null(i.earlier.v);
	idle_free(&i);
}

/* ---- processes ---- */

static void retire_actors(struct departed *d)
{
	struct actor_entry *all;
	size_t n;

	assert_int_equal(departed_all(d, &engine, &all, &n), 0);
	assert_int_equal(departed_retire(d, &engine, all, n), 0);
	free(all);
}

static void test_departed(void **state)
{
	struct departed d = { 0 };
	struct actor_entry *all;
	size_t n;

	(void)state;
	for (__u32 id = 16; id < 19; id++)
		actor_new(id);
	actor_at(18)->flags |= ACTOR_F_EXITED;
	actor_at(17)->process = 16;	/* a thread */
	retire_actors(&d);		/* three of sixteen: not yet */
	assert_int_equal(d.n, 0);
	actor_new(20);
	retire_actors(&d);
	assert_int_equal(d.n, 2);
	assert_true(departed_has(&d, 17) && departed_has(&d, 18));
	assert_false(departed_has(&d, 16) || departed_has(&d, 19));
	assert_null(fake_find(engine.maps[MAP_ACTORS], &(__u32){ 18 }));
	/* both lists, by id */
	assert_int_equal(departed_all(&d, &engine, &all, &n), 0);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(all[i].id, ((const __u32[]){ 16, 17, 18, 20 })[i]);
	free(all);
	assert_true(departed_ended(&d, &engine, 18));
	assert_false(departed_ended(&d, &engine, 16));
	assert_true(departed_ended(&d, &engine, 99));	/* nobody knows it */
	assert_false(departed_ended(&d, &engine, ACTOR_BACKGROUND));
	assert_false(departed_ended(&d, &engine, TXN(1)));
	departed_free(&d);
}

static void test_departed_forget(void **state)
{
	struct actor_entry *v = calloc(8, sizeof(*v));
	struct departed d = { v, 7 };
	struct count c = { .key = key_of(18, 3) };
	struct pending p = { .actor = 21, .file = 5 };
	const struct counts counts = { &c, 1 };
	const struct pending_list pending = { .v = &p, .n = 1 };

	(void)state;
	for (__u32 i = 0; i < 8; i++)
		v[i].id = 16 + i;
	assert_int_equal(departed_forget(&d, 2, &counts, &pending), 0);
	assert_int_equal(d.n, 7);
	d.n = 8;
	assert_int_equal(departed_forget(&d, 2, &counts, &pending), 0);
	assert_int_equal(d.n, 2);
	assert_true(departed_has(&d, 18) && departed_has(&d, 21));
	departed_free(&d);
}

/* ---- shares ---- */

static void share(__u32 pool, __u32 actor, __u64 weight)
{
	const struct share_key k = { pool, actor };

	*(__u64 *)fake_at(engine.maps[MAP_SHARES], &k) += weight;
}

static void check_since(const struct share *before, size_t nr_before, struct share *now, size_t n,
			const uint64_t *expected)
{
	struct share_list is = { now, n }, was = { (struct share *)before, nr_before };

	kept_shares_since(&is, &was);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(now[i].weight, expected[i]);
}

static void test_shares_since(void **state)
{
	const struct share before[] = { { { TXN(1), 16 }, 4 }, { { META, 16 }, 70 }, { { META, 17 }, 30 } };
	struct share first[] = { { { META, 16 }, 70 }, { { META, 17 }, 30 } };
	struct share grown[] = { { { META, 16 }, 75 }, { { META, 17 }, 30 }, { { META, 18 }, 2 } };
	struct share still[] = { { { META, 16 }, 70 }, { { META, 17 }, 30 }, { { META + 1, 16 }, 5 } };
	struct share txn[] = { { { TXN(1), 16 }, 9 } };

	(void)state;
	check_since(NULL, 0, first, 2, (uint64_t[]){ 70, 30 });
	check_since(before, 3, grown, 3, (uint64_t[]){ 5, 0, 2 });
	/* nobody added any: what is written now was changed before; another pool is not asked */
	check_since(before, 3, still, 3, (uint64_t[]){ 70, 30, 5 });
	/* a transaction is split as a whole */
	check_since(before, 3, txn, 1, (uint64_t[]){ 9 });
}

static __u64 weight(const struct share_list *l, __u32 actor)
{
	const struct share_key k = { META, actor };

	return counts_share_weight(l->v, l->n, &k);
}

/* Shares of ended processes leave the table midway and count on; of the window after that they do not. */
static void test_shares_retired(void **state)
{
	struct actor_entry ended[] = { { .id = 20 }, { .id = 21 } };
	const struct departed d = { ended, 2 };
	struct kept_shares k = { 0 };
	struct share_list now;

	(void)state;
	for (__u32 id = 16; id < 22; id++)
		share(META, id, id);
	share(TXN(1), 20, 5);
	assert_int_equal(kept_shares_next(&k, &engine), 0);
	share(META, 20, 100);
	share(META, 16, 1);
	assert_int_equal(kept_shares_retire_midway(&k, &engine, &d), 0);
	assert_int_equal(k.kept.n, 2);
	assert_null(fake_find(engine.maps[MAP_SHARES], &(struct share_key){ META, 20 }));
	share(META, 20, 3);	/* it comes back, and is retired once more */
	assert_int_equal(kept_shares_retire_midway(&k, &engine, &d), 0);
	assert_int_equal(k.kept.n, 2);
	assert_int_equal(kept_shares_of_window(&k, &engine, &now), 0);
	assert_int_equal(weight(&now, 20), 103);
	assert_int_equal(weight(&now, 16), 1);
	assert_int_equal(weight(&now, 21), 0);
	free(now.v);
	/* 8 shares are half of the table: the one that did not grow is retired for good */
	for (__u32 id = 30; id < 32; id++)
		share(META, id, 1);
	assert_int_equal(kept_shares_next(&k, &engine), 0);
	kept_shares_retire(&k, &engine, &d);
	assert_int_equal(k.kept.n, 1);
	assert_int_equal(k.kept.v[0].key.actor, 20);
	assert_int_equal(weight(&k.base, 21), 0);
	assert_int_equal(weight(&k.base, 20), 123);
	assert_int_equal(kept_shares_read(&k, &engine, &now), 0);
	assert_int_equal(weight(&now, 20), 123);
	assert_int_equal(weight(&now, 21), 0);
	free(now.v);
	kept_shares_free(&k);
}

/* ---- transactions ---- */

static void transaction(__u32 tid, __u32 state, __u64 of_16, __u64 of_17)
{
	const struct txn_key k = { 1, tid };
	const struct agg_key journal = { .actor = TXN(tid), .dev = 1, .layer = LAYER_BLOCK, .op = OP_WRITE,
		.cls = CLASS_JOURNAL };
	const struct agg_val v = { .ops = 1, .bytes = 1000 };

	*(struct txn *)fake_at(engine.maps[MAP_TXNS], &k) = (struct txn){ .sole = 16, .shared = 1, .pool = TXN(tid), .state = state };
	share(TXN(tid), 16, of_16);
	share(TXN(tid), 17, of_17);
	count(&journal, &v);
}

static void test_transactions(void **state)
{
	struct retired r = { 0 };
	const struct counts base = { 0 };
	struct counts c = { 0 };

	(void)state;
	transaction(1, 1, 1, 3);
	transaction(2, 0, 1, 1);
	assert_int_equal(retired_transactions(&r, &engine, &base, 2), 0);
	assert_int_equal(r.counters.n, 0);
	assert_int_equal(retired_transactions(&r, &engine, &base, 1), 0);
	assert_int_equal(retired_add(&r, &c), 0);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.v[0].key.actor, 16);
	assert_int_equal(c.v[0].val.bytes, 250);
	assert_int_equal(c.v[1].key.actor, 17);
	assert_int_equal(c.v[1].val.bytes, 750);
	counts_free(&c);
	/* the open one stays, with its shares */
	assert_int_equal(fake_of(engine.maps[MAP_TXNS])->n, 1);
	assert_int_equal(fake_of(engine.maps[MAP_SHARES])->n, 2);
	assert_int_equal(fake_of(engine.maps[MAP_AGG])->n, 1);
	retired_free(&r);
}

/* ---- waits ---- */

static void wait_for(__u32 actor, __u64 ns)
{
	const struct lat_key k = { .actor = actor, .dev = 1, .op = OP_READ };
	struct lat_val *cpu = fake_at(engine.maps[MAP_LATS], &k);

	assert_non_null(cpu);
	cpu += rnd(CPUS);
	cpu->part[PART_DEVICE] += ns;
	cpu->wait_ns += ns;
	cpu->slot[0]++;
	if (cpu->max_ns < ns)
		cpu->max_ns = ns;
}

static void check_waits(struct waits *w, __u64 *truth)
{
	struct lat_entry v[64];
	size_t n;

	assert_int_equal(waits_end(w, &engine), 0);
	assert_true(w->end.n <= COUNT(v));
	n = waits_of_window(w, v);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(v[i].val.wait_ns, truth[v[i].key.actor]);
		assert_int_equal(v[i].val.part[PART_DEVICE], truth[v[i].key.actor]);
		truth[v[i].key.actor] = 0;
	}
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(truth[i], 0);
	waits_next(w);
}

static void run_waits(uint32_t seed)
{
	struct departed d = { 0 };
	struct waits w = { 0 };
	__u64 truth[64] = { 0 };
	size_t fewest = 64;

	rnd_state = seed;
	for (__u32 id = 16; id < 48; id++)
		actor_new(id);
	assert_int_equal(waits_begin(&w, &engine), 0);
	for (int i = 0; i < ROUNDS; i++) {
		__u32 id = ACTOR_FIRST + rnd(40);
		__u64 ns = 1 + rnd(1000);
		size_t before = fake_of(engine.maps[MAP_LATS])->n;

		switch (rnd(60)) {
		case 0:
			check_waits(&w, truth);
			assert_int_equal(waits_retire(&w, &engine, &d), 0);
			break;
		case 1:
			assert_int_equal(waits_retire_midway(&w, &engine, &d), 0);
			break;
		case 2:
			actor_at(16 + rnd(32))->flags ^= ACTOR_F_EXITED;
			break;
		default:
			wait_for(id, ns);
			truth[id] += ns;
		}
		if (fake_of(engine.maps[MAP_LATS])->n < before && before - fake_of(engine.maps[MAP_LATS])->n < fewest)
			fewest = before - fake_of(engine.maps[MAP_LATS])->n;
	}
	check_waits(&w, truth);
	assert_true(fewest < 64);	/* some were retired */
	waits_free(&w);
}

static void test_waits(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 8; seed++) {
		teardown(NULL);
		setup(NULL);
		run_waits(seed);
	}
}

/* ---- files ---- */

static void test_files(void **state)
{
	struct file_ids f = { 0 };
	struct count c = { .key = key_of(16, 3) };
	struct pending p = { .actor = 21, .file = 5 };
	const struct counts counts = { &c, 1 };
	const struct pending_list pending = { .v = &p, .n = 1 };
	struct used_ids used;

	(void)state;
	for (__u32 id = 1; id <= 9; id++) {
		struct file_entry e = { .key.ino = id };

		assert_int_equal(bpf_map_update_elem(engine.maps[MAP_FILES], &id, &e, 0), 0);
		assert_int_equal(bpf_map_update_elem(engine.maps[MAP_FILE_IDS], &e.key, &id, 0), 0);
	}
	assert_false(file_ids_pressed(&f, &engine, 7));
	assert_true(file_ids_pressed(&f, &engine, 8));
	assert_int_equal(used_ids_files(&used, &counts, &pending), 0);
	/* files met after the newest that is known stay */
	assert_int_equal(file_ids_retire(&f, &engine, 8, &used), 0);
	assert_int_equal(f.removed, 6);
	for (__u32 id = 1; id <= 9; id++)
		assert_int_equal(fake_find(engine.maps[MAP_FILES], &id) != NULL, id == 3 || id == 5 || id == 9);
	assert_int_equal(fake_of(engine.maps[MAP_FILE_IDS])->n, 3);
	/* 2 are left of those known; the next look is when 2 more are there and half of the table is full */
	assert_int_equal(f.expected, 4);
	assert_false(file_ids_pressed(&f, &engine, 13));
	assert_true(file_ids_pressed(&f, &engine, 14));
	used_ids_free(&used);
	engine.text.by_file = false;
	assert_false(file_ids_pressed(&f, &engine, 100));
}

static void test_used(void **state)
{
	struct count c[] = { { .key = key_of(18, 3) }, { .key = key_of(16, 0) }, { .key = key_of(18, 2) } };
	struct pending p[] = { { .actor = 17, .file = 9 }, { .actor = 18, .file = 3 } };
	const struct counts counts = { c, 3 };
	const struct pending_list pending = { .v = p, .n = 2 };
	struct used_ids u;

	(void)state;
	assert_int_equal(used_ids_actors(&u, &counts, &pending), 0);
	assert_int_equal(u.n, 3);
	assert_true(used_ids_has(&u, 16) && used_ids_has(&u, 17) && used_ids_has(&u, 18));
	assert_false(used_ids_has(&u, 19));
	used_ids_free(&u);
	assert_int_equal(used_ids_files(&u, &counts, &pending), 0);
	assert_int_equal(u.n, 3);
	assert_true(used_ids_has(&u, 2) && used_ids_has(&u, 3) && used_ids_has(&u, 9));
	assert_false(used_ids_has(&u, 0));
	used_ids_free(&u);
}

static void test_pending_merge(void **state)
{
	struct pending v[] = { { 17, 1, 4096 }, { 16, 2, 512 }, { 17, 1, 100 }, { 16, 1, 1 } };
	struct pending_list l = { .v = v, .n = COUNT(v) };

	(void)state;
	pending_merge(&l);
	assert_int_equal(l.n, 3);
	assert_int_equal(v[0].file, 1);
	assert_int_equal(v[1].bytes, 512);
	assert_int_equal(v[2].bytes, 4196);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_counters), TEST(test_idle), TEST(test_idle_due),
		TEST(test_departed), TEST(test_departed_forget),
		TEST(test_shares_since), TEST(test_shares_retired), TEST(test_transactions),
		TEST(test_waits), TEST(test_files), TEST(test_used), TEST(test_pending_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
