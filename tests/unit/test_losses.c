/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_losses - the list of kinds of loss: sources, sums, and what makes a summary incomplete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/losses.h"

/* Each kind is the growth of its own source. */
static void test_between(void **state)
{
	struct losses_counters before, after;
	struct losses l;

	(void)state;
	for (unsigned int i = 0; i <= LOSS_MAX; i++) {
		before.n[i] = 1000 + i;
		after.n[i] = before.n[i] + (1u << i);
	}
	losses_between(&l, &before, &after);
	assert_int_equal(l.events, 1u << LOSS_EVENTS);
	assert_int_equal(l.map_full, 1u << LOSS_MAP_FULL);
	assert_int_equal(l.recursion, 1u << LOSS_RECURSION);
	assert_int_equal(l.owner_evicted, 1u << LOSS_OWNER_EVICTED);
	assert_int_equal(l.compat_tasks, 1u << LOSS_COMPAT_TASKS);
	assert_int_equal(l.async_calls, 1u << LOSS_ASYNC_CALLS);
}

/* No two kinds have one name, one source, or the same words. */
static void test_list(void **state)
{
	(void)state;
	for (int i = 0; i < LOSSES_KINDS; i++) {
		const struct losses_kind *a = &losses_kinds[i];

		assert_true(*a->name && *a->words && a->source <= LOSS_MAX);
		assert_true(!*a->remedy || strstr(a->incomplete, a->remedy));
		for (int j = 0; j < i; j++) {
			const struct losses_kind *b = &losses_kinds[j];

			assert_true(a->source != b->source && strcmp(a->name, b->name) &&
				    strcmp(a->words, b->words));
		}
	}
}

static void test_sums(void **state)
{
	struct losses sum = { 0 };
	const struct losses one = {
		.events = 1, .map_full = 2, .recursion = 4, .owner_evicted = 8, .compat_tasks = 16,
		.async_calls = 32,
	};

	(void)state;
	losses_add(&sum, &one);
	losses_add(&sum, &one);
	assert_int_equal(losses_sum(&one, LOWERS_NOTHING), 63);
	assert_int_equal(losses_sum(&one, LOWERS_CALLS), 62);
	assert_int_equal(losses_sum(&one, LOWERS_ALL), 14);
	assert_int_equal(losses_sum(&sum, LOWERS_ALL), 28);
	assert_int_equal(sum.async_calls, 64);
}

/* Totals do not come from events, so lost lines alone leave a summary complete. */
static void test_incomplete(void **state)
{
	(void)state;
	assert_null(losses_incomplete(&(struct losses){ 0 }));
	assert_null(losses_incomplete(&(struct losses){ .events = 7 }));
	assert_string_equal(losses_incomplete(&(struct losses){ .map_full = 1, .recursion = 1 }),
			    "a table of the kernel side was full; try a larger --map-size");
	assert_string_equal(losses_incomplete(&(struct losses){ .recursion = 1, .async_calls = 1 }),
			    "the kernel skipped runs of a probe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_between), cmocka_unit_test(test_list), cmocka_unit_test(test_sums),
		cmocka_unit_test(test_incomplete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
