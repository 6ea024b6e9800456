/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_amp - amplification, chain and apportioning against truth stated by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "ledger/amp.h"
#include "ledger/apportion.h"
#include "ledger/row.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define K		1024ull
#define NONE		-1.0	/* expected: unknown */

/* What of each stage was written (or read), and which layers are dark. */
struct chain_case {
	const char *name;
	uint64_t app, cache, fs, block, device;
	unsigned int dark;	/* bits of enum layer */
	bool dirtied_unknown;
	double total;
	struct { const char *from, *to; double factor; } steps[5];
};

#define DARK(layer)	(1u << LAYER_##layer)

static const struct chain_case chain_cases[] = {
	{ "the contract's example: 1000 syncs of 100 bytes",
	  100000, 4194304, 16736256, 16736256, 16736256, 0, false, 167.36256, {
	  { "application", "cache", 41.94304 }, { "cache", "filesystem", 3.9902343750 },
	  { "filesystem", "block", 1 }, { "block", "device", 1 } } },
	{ "the seed's example", 1048576, 1048576, 8716288, 8716288, 8716288, 0, false, 8.3125, {
	  { "application", "cache", 1 }, { "cache", "filesystem", 8.3125 },
	  { "filesystem", "block", 1 }, { "block", "device", 1 } } },
	{ "a dark cache merges with the next", 1000, 77, 4000, 4000, 8000, DARK(CACHE), false, 8, {
	  { "application", "filesystem", 4 }, { "filesystem", "block", 1 },
	  { "block", "device", 2 } } },
	{ "so does an unknown figure of it", 1000, 0, 4000, 4000, 8000, 0, true, 8, {
	  { "application", "filesystem", 4 }, { "filesystem", "block", 1 },
	  { "block", "device", 2 } } },
	{ "three dark in a row", 1000, 1, 1, 1, 500, DARK(CACHE) | DARK(FILESYSTEM) | DARK(BLOCK),
	  false, 0.5, { { "application", "device", 0.5 } } },
	{ "no application layer: no total, the rest stands", 7, 1000, 2000, 2000, 1000,
	  DARK(APPLICATION), false, NONE, { { "cache", "filesystem", 2 },
	  { "filesystem", "block", 1 }, { "block", "device", 0.5 } } },
	{ "no device layer: no total", 1000, 2000, 2000, 2000, 9, DARK(DEVICE), false, NONE, {
	  { "application", "cache", 2 }, { "cache", "filesystem", 1 },
	  { "filesystem", "block", 1 } } },
	{ "nothing written: nothing to divide by", 0, 4096, 4096, 4096, 4096, 0, false, NONE, {
	  { "application", "cache", NONE }, { "cache", "filesystem", NONE },
	  { "filesystem", "block", NONE }, { "block", "device", NONE } } },
	{ "still dirty: the chain ends with 0", 1000, 4096, 0, 0, 0, 0, false, 0, {
	  { "application", "cache", 4.096 }, { "cache", "filesystem", 0 },
	  { "filesystem", "block", NONE }, { "block", "device", NONE } } },
	{ "a 0 in the middle hides what follows", 1000, 0, 4096, 4096, 4096, 0, false, 4.096, {
	  { "application", "cache", 0 }, { "cache", "filesystem", NONE },
	  { "filesystem", "block", NONE }, { "block", "device", NONE } } },
	{ "absorbed", 8192, 4096, 4096, 4096, 4096, 0, false, 0.5, {
	  { "application", "cache", 0.5 }, { "cache", "filesystem", 1 },
	  { "filesystem", "block", 1 }, { "block", "device", 1 } } },
	{ "everything dark", 1, 1, 1, 1, 1, ~0u, false, NONE, { { 0 } } },
};

static void light(struct layer_state layers[LAYER_MAX], unsigned int dark)
{
	for (int l = 0; l < LAYER_MAX; l++)
		layers[l] = (struct layer_state){ .available = !(dark & 1u << l) };
}

/* The cache and file system stages are spread over all that must be added up. */
static void fill_write(struct row *row, const struct chain_case *c)
{
	row->app.write.bytes = c->app;
	row->cache.dirtied = (struct maybe){ c->cache - c->cache / 4, !c->dirtied_unknown };
	row->cache.direct_write = c->cache / 4;
	for (int i = 1; i < CLASS_MAX; i++)
		row->fs_write[i].bytes = c->fs / 8;
	row->fs_write[CLASS_DATA].bytes = c->fs - 5 * (c->fs / 8);
	row->block.write.bytes = c->block;
	row->device.write.bytes = c->device;
}

static void fill_read(struct row *row, const struct chain_case *c)
{
	row->app.read.bytes = c->app;
	row->cache.filled = c->cache - c->cache / 4;
	row->cache.direct_read = c->cache / 4;
	row->fs_read[CLASS_METADATA].bytes = c->fs / 2;
	row->fs_read[CLASS_DATA].bytes = c->fs - c->fs / 2;
	row->block.read.bytes = c->block;
	row->device.read.bytes = c->device;
}

static void assert_factor(const char *name, double expected, bool known, double got)
{
	if (known != (expected >= 0))
		fail_msg("%s: known is %d, expected %g, got %g", name, known, expected, got);
	if (known && fabs(got - expected) > 1e-9 * (1 + expected))
		fail_msg("%s: expected %.17g, got %.17g", name, expected, got);
}

static void assert_chain(const struct chain_case *c, const struct amplification *amp)
{
	size_t steps = 0;

	assert_factor(c->name, c->total, amp->has_bytes, amp->bytes);
	for (; c->steps[steps].from; steps++) {
		const struct chain_step *got = &amp->chain[steps];

		if (steps >= amp->steps)
			fail_msg("%s: only %zu steps", c->name, amp->steps);
		assert_string_equal(names_layer(got->from), c->steps[steps].from);
		assert_string_equal(names_layer(got->to), c->steps[steps].to);
		assert_factor(c->name, c->steps[steps].factor, got->known, got->factor);
	}
	assert_int_equal(amp->steps, steps);
}

static void assert_product(const struct chain_case *c, const struct amplification *amp)
{
	double product = 1;

	for (size_t i = 0; i < amp->steps; i++) {
		if (!amp->chain[i].known)
			return;
		product *= amp->chain[i].factor;
	}
	if (amp->has_bytes)
		assert_factor(c->name, amp->bytes, true, product);
}

static void test_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(chain_cases); i++) {
		const struct chain_case *c = &chain_cases[i];
		struct layer_state layers[LAYER_MAX];
		struct amplification amp;
		struct row row = { 0 };

		light(layers, c->dark);
		fill_write(&row, c);
		amp_compute(&row, layers, OP_WRITE, &amp);
		assert_chain(c, &amp);
		assert_product(c, &amp);
		if (c->dirtied_unknown)
			continue;
		amp_compute(&row, layers, OP_READ, &amp);
		assert_false(amp.has_bytes);	/* nothing was read */
		memset(&row, 0, sizeof(row));
		fill_read(&row, c);
		amp_compute(&row, layers, OP_READ, &amp);
		assert_chain(c, &amp);
	}
}

/* What --by device leaves out of a row is dark for that row only. */
static void test_absent(void **state)
{
	struct row row = { .app.write.bytes = 10, .device.write.bytes = 20,
			   .absent = DARK(DEVICE) };
	struct layer_state layers[LAYER_MAX];
	struct amplification amp;

	(void)state;
	light(layers, 0);
	amp_compute(&row, layers, OP_WRITE, &amp);
	assert_false(amp.has_bytes);
	row.absent = 0;
	amp_compute(&row, layers, OP_WRITE, &amp);
	assert_true(amp.has_bytes);
}

struct ops_case {
	uint64_t app, vfs, block;
	unsigned int dark;
	double expected;
};

/* The counts of the seed's example; its factors for the first two are 3.47 and 2.69. */
static const struct ops_case ops_cases[] = {
	{ 45, 67, 89, 0, 3.4666666666666668 }, { 120, 145, 178, 0, 2.6916666666666669 },
	{ 23, 78, 95, 0, 7.5217391304347823 }, { 85, 234, 267, 0, 5.8941176470588239 },
	{ 156, 234, 267, 0, 3.2115384615384617 }, { 89, 156, 189, 0, 3.8764044943820224 },
	{ 0, 10, 10, 0, NONE }, { 10, 10, 10, DARK(VFS), NONE }, { 10, 10, 10, DARK(BLOCK), NONE },
	{ 10, 10, 10, DARK(APPLICATION), NONE }, { 10, 10, 10, DARK(CACHE) | DARK(DEVICE), 2 },
	{ 10, 0, 0, 0, 0 },
};

static void test_ops(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ops_cases); i++) {
		const struct ops_case *c = &ops_cases[i];
		struct layer_state layers[LAYER_MAX];
		struct row row = { 0 };
		struct amplification amp;

		light(layers, c->dark);
		row.app.write.ops = c->app;
		row.vfs.write.ops = c->vfs;
		row.block.write.ops = c->block;
		amp_compute(&row, layers, OP_WRITE, &amp);
		assert_factor("write ops", c->expected, amp.has_ops, amp.ops);
		amp_compute(&row, layers, OP_READ, &amp);
		assert_false(amp.has_ops);	/* there were no reads */
		row = (struct row){ .app.read.ops = c->app, .vfs.read.ops = c->vfs,
				    .block.read.ops = c->block };
		amp_compute(&row, layers, OP_READ, &amp);
		assert_factor("read ops", c->expected, amp.has_ops, amp.ops);
	}
}

struct apportion_case {
	uint64_t total;
	size_t n;
	uint64_t weight[4], part[4];
};

#define TOP	(1ull << 63)

static const struct apportion_case apportion_cases[] = {
	{ 100, 2, { 1, 1 }, { 50, 50 } },
	{ 100, 3, { 1, 1, 1 }, { 34, 33, 33 } },	/* tie: lowest index */
	{ 2, 3, { 1, 1, 1 }, { 1, 1, 0 } },
	{ 10, 3, { 1, 2, 3 }, { 2, 3, 5 } },		/* 1.67 3.33 5: the largest remainder */
	{ 7, 4, { 3, 0, 3, 1 }, { 3, 0, 3, 1 } },
	{ 1, 3, { 1, 5, 5 }, { 0, 1, 0 } },
	{ 5, 2, { 0, 7 }, { 0, 5 } },			/* no weight, no part */
	{ 0, 2, { 3, 4 }, { 0, 0 } },
	{ 9, 3, { 0, 0, 0 }, { 9, 0, 0 } },
	{ 9, 1, { 123456789 }, { 9 } },
	{ TOP, 2, { TOP, TOP }, { TOP / 2, TOP / 2 } },
	{ TOP, 3, { UINT64_MAX, UINT64_MAX, UINT64_MAX },
	  { 3074457345618258603ull, 3074457345618258603ull, 3074457345618258602ull } },
	{ UINT64_MAX, 2, { UINT64_MAX, 1 }, { UINT64_MAX - 1, 1 } },
	{ UINT64_MAX, 4, { 1, 1, 1, 1 },
	  { 1ull << 62, 1ull << 62, 1ull << 62, (1ull << 62) - 1 } },
};

static void test_apportion(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(apportion_cases); i++) {
		const struct apportion_case *c = &apportion_cases[i];
		uint64_t part[4] = { 77, 77, 77, 77 };

		apportion(c->total, c->weight, part, c->n);
		for (size_t k = 0; k < c->n; k++)
			if (part[k] != c->part[k])
				fail_msg("case %zu part %zu: expected %llu, got %llu", i, k,
					 (unsigned long long)c->part[k],
					 (unsigned long long)part[k]);
		for (size_t k = c->n; k < 4; k++)
			assert_int_equal(part[k], 77);
	}
	apportion(5, NULL, NULL, 0);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed ^ *seed >> 29;
}

/* Whatever the weights: the sum is exact and no part is a unit or more off its share. */
static void assert_fair(uint64_t total, const uint64_t *weight, const uint64_t *part, size_t n)
{
	unsigned __int128 sum = 0, given = 0;

	for (size_t i = 0; i < n; i++)
		sum += weight[i];
	for (size_t i = 0; i < n; i++) {
		unsigned __int128 share = (unsigned __int128)total * weight[i] / (sum ? sum : 1);

		given += part[i];
		if (sum)
			assert_true(part[i] == share || part[i] == share + 1);
	}
	assert_true(given == total);
}

static void test_apportion_random(void **state)
{
	uint64_t seed = 42, weight[97], part[97];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 1 + next_random(&seed) % COUNT(weight);
		uint64_t total = next_random(&seed) >> next_random(&seed) % 64;

		for (size_t i = 0; i < n; i++)
			weight[i] = next_random(&seed) >> next_random(&seed) % 64;
		apportion(total, weight, part, n);
		assert_fair(total, weight, part, n);
	}
}

static void test_band(void **state)
{
	static const struct { double factor; const char *band; } cases[] = {
		{ 0, "perfect" }, { 1, "perfect" }, { 1.01, "very good" }, { 2, "good" },
		{ 3, "good" }, { 3.01, "fair" }, { 5, "moderate" }, { 10, "moderate" },
		{ 10.01, "high" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(amp_band(cases[i].factor), cases[i].band);
}

/* No enum value may be forgotten in its table of names. */
static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < IFACE_MAX; i++)
		assert_string_not_equal(names_iface((enum iface)i), "?");
	for (int i = 0; i < LAYER_MAX; i++)
		assert_string_not_equal(names_layer((enum layer)i), "?");
	for (int i = 0; i < CLASS_MAX; i++)
		assert_string_not_equal(names_class((enum io_class)i), "?");
	for (int i = 0; i < ROW_KIND_MAX; i++)
		assert_string_not_equal(row_kind_name((enum row_kind)i), "?");
	for (int i = 0; i <= BY_TOTAL; i++)
		assert_string_not_equal(row_by_name((enum row_by)i), "?");
	assert_string_equal(names_layer(LAYER_MAX), "?");
	assert_string_equal(names_iface(IFACE_PWRITE64), "pwrite64");
	assert_string_equal(names_iface(IFACE_MSYNC), "msync");
	assert_string_equal(names_iface(IFACE_IO_URING), "io_uring");
	assert_string_equal(names_iface(IFACE_MMAP), "mmap");
}

static void test_fs_read_other(void **state)
{
	struct row row = { 0 };
	struct io sum;

	(void)state;
	row.fs_read[CLASS_DATA] = (struct io){ 1, 1, 1, true };
	row.fs_read[CLASS_JOURNAL] = (struct io){ 1, 4 * K, 10, true };
	row.fs_read[CLASS_OTHER] = (struct io){ 2, 8 * K, 20, true };
	sum = row_fs_read_other(&row);
	assert_int_equal(sum.ops, 3);
	assert_int_equal(sum.bytes, 12 * K);
	assert_int_equal(sum.ns, 30);
	assert_true(sum.has_ns);
	row.fs_read[CLASS_RAID] = (struct io){ 1, 4 * K, 0, false };
	assert_false(row_fs_read_other(&row).has_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain), cmocka_unit_test(test_absent),
		cmocka_unit_test(test_ops), cmocka_unit_test(test_apportion),
		cmocka_unit_test(test_apportion_random), cmocka_unit_test(test_band),
		cmocka_unit_test(test_names), cmocka_unit_test(test_fs_read_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
