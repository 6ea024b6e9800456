/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_ledger_any - what holds for any input: every device byte in exactly one row; and the time
 * that many processes take.
 */
#include "ledger_world.h"

#include <stdio.h>
#include <time.h>

/* ---- many ---- */

#define MANY		10000
#define PATIENCE_S	2.0	/* of CPU time; a clock on the wall would count the neighbours, too */

static void test_many(void **state)
{
	static struct ledger_actor actors[MANY];
	static struct count counts[4 * MANY + 16];
	static struct share shares[2 * MANY];
	const struct disk disk[] = { machine[0], machine[2] };
	struct ledger_disk disks[] = { { .disk = &disk[0], .selected = true },
				       { .disk = &disk[1], .selected = true } };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_any_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
