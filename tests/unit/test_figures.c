/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_figures - the list of the figures of a row: whole, in order, with the names of the writers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/row.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define BEGIN	offsetof(struct row, app)	/* of the figures, up to the end of a row */

static size_t size_of(const struct figures_entry *f)
{
	switch (f->kind) {
	case FIGURE_IO:
	case FIGURE_HIDDEN_IO: return sizeof(struct io);
	case FIGURE_IFACES: return IFACE_MAX * sizeof(struct io);
	case FIGURE_MAYBE:
	case FIGURE_LEVEL: return sizeof(struct maybe);
	case FIGURE_BYTES:
	case FIGURE_STATE:
	case FIGURE_HIDDEN: return sizeof(uint64_t);
	case FIGURE_DERIVED: break;
	}
	return 0;
}

/* A member of struct row without a line would be missing in sums; one with two would count twice. */
static void test_whole(void **state)
{
	unsigned char lines[sizeof(struct row)] = { 0 };

	(void)state;
	for (size_t i = 0; i < figures_nr; i++)
		for (size_t b = 0; b < size_of(&figures_list[i]); b++)
			lines[figures_list[i].offset + b]++;
	for (size_t b = 0; b < sizeof(lines); b++)
		assert_int_equal(lines[b], b >= BEGIN);
}

/* The JSON writer opens a layer and a group once. */
static void test_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < figures_nr; i++) {
		const struct figures_entry *a = &figures_list[i - 1], *b = &figures_list[i];

		assert_true(a->layer <= b->layer);
		for (size_t j = 0; j + 1 < i && b->group && a->group && strcmp(a->group, b->group); j++)
			assert_true(figures_list[j].layer != b->layer || !figures_list[j].group ||
				    strcmp(figures_list[j].group, b->group));
	}
}

static void test_names(void **state)
{
	static const struct {
		size_t offset;
		const char *member, *unit, *column;
	} names[] = {
		{ offsetof(struct row, app.read), "read", "ns", "application_read_ns" },
		{ offsetof(struct row, cache.cancelled), "cancelled_bytes", "bytes", "cache_cancelled_bytes" },
		{ offsetof(struct row, fs_write[CLASS_JOURNAL]), "journal", "ops",
		  "filesystem_write_journal_ops" },
		{ offsetof(struct row, device.write_class[CLASS_SWAP]), "swap", "bytes",
		  "device_write_swap_bytes" },
		{ offsetof(struct row, device.shared_bytes), "shared_bytes", "bytes", "device_shared_bytes" },
	};
	char buf[FIGURES_NAME];
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < figures_nr; i++)
		for (size_t n = 0; n < COUNT(names); n++) {
			if (figures_list[i].offset != names[n].offset)
				continue;
			found++;
			figures_member(buf, &figures_list[i]);
			assert_string_equal(buf, names[n].member);
			figures_column(buf, &figures_list[i], names[n].unit);
			assert_string_equal(buf, names[n].column);
		}
	assert_int_equal(found, COUNT(names));
}

/* Each counter of the cache feeds one figure. */
static void test_cache(void **state)
{
	static const struct row none;

	(void)state;
	for (int op = CACHE_FILL; op <= CACHE_REPLACED; op++) {
		struct row r = none;
		uint64_t sum = 0;

		figures_post_cache(&r, op, 7);
		for (size_t i = 0; i < figures_nr; i++)
			if (figures_list[i].layer == LAYER_CACHE)
				sum += *(uint64_t *)((char *)&r + figures_list[i].offset);
		assert_int_equal(sum, 7);
	}
}

static void test_known(void **state)
{
	struct row r = { 0 };

	(void)state;
	figures_know_cache(&r, false, true);
	assert_true(r.cache.dirtied.known && r.cache.cancelled.known && r.cache.pending.known);
	assert_false(r.cache.hit.known || r.cache.miss.known || r.cache.readahead.known);
	r.cache.replaced = 1;	/* nothing tells which pages were written */
	figures_know_cache(&r, true, true);
	assert_true(r.cache.dirtied.known && r.cache.hit.known);
	assert_false(r.cache.cancelled.known || r.cache.pending.known);
}

/* Every number counts in a sum, and leaves a difference; what is a state is no sum over time. */
static void test_sums(void **state)
{
	struct row one, sum;

	(void)state;
	memset(&one, 0, sizeof(one));
	for (size_t i = 0; i < figures_nr; i++)
		for (size_t b = 0; b < size_of(&figures_list[i]); b += sizeof(uint64_t))
			*(uint64_t *)((char *)&one + figures_list[i].offset + b) = 1;
	figures_zero(&sum);
	figures_add(&sum, &one);
	figures_add(&sum, &one);
	figures_subtract(&sum, &one);
	assert_int_equal(sum.cache.pending.v, 2);
	assert_int_equal(sum.device.in_flight_read, 2);
	figures_levels(&sum, &one);
	for (size_t i = 0; i < figures_nr; i++) {
		const uint64_t *n = (const void *)((const char *)&sum + figures_list[i].offset);

		assert_int_equal(n[0], 1);	/* ops, or the number itself */
		if (figures_list[i].kind == FIGURE_IO)
			assert_true(n[1] == 1 && n[2] == 1);
	}
	figures_levels(&sum, NULL);
	assert_true(!sum.cache.pending.v && !sum.device.in_flight_write && sum.cache.dirtied.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_order), cmocka_unit_test(test_names),
		cmocka_unit_test(test_cache), cmocka_unit_test(test_known), cmocka_unit_test(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
