/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_kscan - the scanner of C headers, and names of the list of fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "types/kfields.h"
#include "types/kscan.h"
#include "types/ktypes.h"

#include "tests/unit/old_headers.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))

static const struct {
	const char *tag;
	const char *member;
	bool present;
} member_cases[] = {
	{ "bio", "bi_disk", true },
	{ "bio", "bi_bdev", false },	/* only in a comment */
	{ "bio", "fake", false },
	{ "bio", "head", false },	/* bio_list's */
	{ "bio", "a", true },
	{ "bio", "bi_b", true },
	{ "bio", "bi_bits", true },
	{ "bio", "bi", false },
	{ "bio", "gendisk", false },	/* a type, not a member */
	{ "journal_s", "j_flags", true },
};

static void test_scan_member(void **state)
{
	char *text = strdup(old_bio);

	(void)state;
	kscan_strip(text);
	for (size_t i = 0; i < COUNT(member_cases); i++) {
		size_t len = 0;
		const char *body = kscan_body(text, member_cases[i].tag, &len);

		assert_non_null(body);
		print_message("%s.%s\n", member_cases[i].tag, member_cases[i].member);
		assert_int_equal(kscan_member(body, len, member_cases[i].member),
				 member_cases[i].present);
	}
	free(text);
}

static void test_scan_body_absent(void **state)
{
	size_t len;

	(void)state;
	assert_null(kscan_body("struct folio;\nstruct folio *f;\n", "folio", &len));
	assert_null(kscan_body("struct folio { int open;\n", "folio", &len));
	assert_null(kscan_body("", "folio", &len));
}

static const struct {
	const char *event;
	const char *tag;
	int arg;
} arg_cases[] = {
	{ "block_rq_insert", "request", 0 },
	{ "block_bio_queue", "bio", 1 },
	{ "block_bio_queue", "request_queue", 0 },
	{ "block_bio_queue", "request", -ENOENT },	/* request_queue is not it */
	{ "block_bio_frontmerge", "bio", 2 },
	{ "block_bio_frontmerge", "request", 1 },
	{ "block_plug", "bio", -ENOENT },
	{ "block_rq", "request", -ENOENT },	/* a class, not an event */
	{ "block_split", "bio", -ENOENT },
};

static void test_scan_tp_arg(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(arg_cases); i++) {
		print_message("%s(%s)\n", arg_cases[i].event, arg_cases[i].tag);
		assert_int_equal(kscan_tp_arg(events, arg_cases[i].event, arg_cases[i].tag),
				 arg_cases[i].arg);
	}
	assert_true(kscan_tp(events, "block_plug"));
	assert_false(kscan_tp(events, "block_unplug"));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ktypes_source_name(KTYPES_BTF), "btf");
	assert_string_equal(kfields_tag("struct bio"), "bio");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan_member),
		cmocka_unit_test(test_scan_body_absent),
		cmocka_unit_test(test_scan_tp_arg),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
