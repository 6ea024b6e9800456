/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_units - numbers with their units, names made safe, and UTF-8. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))

static void test_units(void **state)
{
	static const struct { uint64_t v; const char *bytes, *count; } cases[] = {
		{ 0, "0", "0" }, { 1023, "1023", "1023" }, { 1024, "1.0K", "1024" },
		{ 4096, "4.0K", "4096" }, { 100000, "97.7K", "100000" },
		{ 10485760, "10.0M", "10.5M" }, { 9999999, "9.5M", "9999999" },
		{ 1048524, "1023.9K", "1048524" }, { 1048525, "1.0M", "1048525" },
		{ 1048575, "1.0M", "1048575" }, { 999950000, "953.6M", "1.0G" },
		{ 1ull << 40, "1.0T", "1.1T" }, { UINT64_MAX, "16.0E", "18.4E" },
	};
	char out[UNITS_MAX], raw[UNITS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		units_bytes(out, cases[i].v, false);
		assert_string_equal(out, cases[i].bytes);
		units_count(out, cases[i].v, false);
		assert_string_equal(out, cases[i].count);
		snprintf(raw, sizeof(raw), "%llu", (unsigned long long)cases[i].v);
		units_bytes(out, cases[i].v, true);
		assert_string_equal(out, raw);
	}
	units_signed_bytes(out, -4096, false);
	assert_string_equal(out, "-4.0K");
	units_signed_bytes(out, INT64_MIN, true);
	assert_string_equal(out, "-9223372036854775808");
	units_rfc3339(out, 1795420800, 5);
	assert_string_equal(out, "2026-11-23T08:00:00.000000005Z");
}

static void test_factor(void **state)
{
	static const struct { double v; const char *text; } cases[] = {
		{ 0, "0.00x" }, { 0.5, "0.50x" }, { 3.14159, "3.14x" }, { 41.94304, "41.94x" },
		{ 99.994, "99.99x" }, { 99.996, "100x" }, { 100, "100x" }, { 167.36, "167x" },
	};
	char out[UNITS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		units_factor(out, cases[i].v);
		assert_string_equal(out, cases[i].text);
	}
}

static void test_double(void **state)
{
	static const struct { double v; const char *text; } cases[] = {
		{ 0, "0" }, { 0.1, "0.1" }, { 3.21, "3.21" }, { 1.0 / 3, "0.3333333333333333" },
		{ 167.36256, "167.36256" }, { 1e300, "1e+300" },
		{ 0.1 + 0.2, "0.30000000000000004" }, { 5e-324, "4.94065645841247e-324" },
	};
	char out[UNITS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		units_double(out, cases[i].v);
		assert_string_equal(out, cases[i].text);
		assert_true(strtod(out, NULL) == cases[i].v);
	}
}

/* From the Unicode standard, table 3-7, at and beyond every edge. */
static void test_utf8(void **state)
{
	static const char *const valid[] = {
		"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xec\xbf\xbf",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
	};
	static const char *const invalid[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2g", "\xe0\x9f\xbf",
		"\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82g", "\xf8\x88\x80\x80\x80",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(valid); i++)
		if (!utf8_valid(valid[i]))
			fail_msg("valid[%zu] is refused", i);
	for (size_t i = 0; i < COUNT(invalid); i++)
		if (utf8_valid(invalid[i]))
			fail_msg("invalid[%zu] is taken", i);
}

static void test_name_safe(void **state)
{
	static const struct { const char *name, *safe; size_t columns; } cases[] = {
		{ NULL, "-", 1 }, { "", "''", 2 }, { "dd", "dd", 2 }, { "a\nb", "a\\x0ab", 6 },
		{ "\033[2J", "\\x1b[2J", 7 }, { "\xff", "\\xff", 4 }, { "\x7f", "\\x7f", 4 },
		{ "\xc3\xa9", "\xc3\xa9", 1 }, { "\xc2\x9b", "\\xc2\\x9b", 8 },	/* C1: CSI */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae", 12 },	/* right-to-left override */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", 12 }, { "\xe6\xbc\xa2", "\xe6\xbc\xa2", 2 },
	};
	char out[64], tiny[6];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		utf8_safe(out, sizeof(out), cases[i].name);
		assert_string_equal(out, cases[i].safe);
		assert_int_equal(utf8_columns(out), cases[i].columns);
	}
	utf8_safe(tiny, sizeof(tiny), "ab\xff");	/* \xff would not fit */
	assert_string_equal(tiny, "ab");
	utf8_safe(tiny, sizeof(tiny), "abcdefgh");
	assert_string_equal(tiny, "abcde");
	utf8_safe(tiny, sizeof(tiny), "abcd\xc3\xa9");	/* nor would half of a character */
	assert_string_equal(tiny, "abcd");
}

/* As wcwidth() counts in a UTF-8 locale; the tests run in the C locale. */
static void test_utf8_columns(void **state)
{
	static const struct { const char *text; size_t columns; } cases[] = {
		{ "", 0 }, { "abc", 3 }, { "\xe2\x82\xac", 1 },	/* euro sign: 3 bytes, 1 column */
		{ "\xe0\xb8\x81\xe0\xb8\xb3", 2 }, { "\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88", 1 },	/* Thai */
		{ "e\xcc\x81", 1 }, { "\xe6\xbc\xa2", 2 }, { "\xf0\x9f\x98\x80", 2 },	/* accent, CJK, emoji */
		{ "\x01", 1 }, { "\x7f", 1 }, { "\xc2\x85", 1 }, { "\xff", 1 }, { "\xe2\x82", 2 },
		{ "\xed\xa0\x80", 3 },
	};
	uint32_t code;
	size_t columns;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (utf8_columns(cases[i].text) != cases[i].columns)
			fail_msg("case %zu: %zu columns", i, utf8_columns(cases[i].text));
	assert_int_equal(utf8_next("\x1b[m", &code, &columns), 1);
	assert_int_equal(code, '?');
	assert_int_equal(utf8_next("\xe2\x82\xac", &code, &columns), 3);
	assert_int_equal(code, 0x20ac);
}

#define HAN	"\xe6\xbc\xa2"
#define EURO	"\xe2\x82\xac"
#define ACCENT	"e\xcc\x81"

static void test_utf8_clip(void **state)
{
	static const struct { const char *name; size_t columns; bool tail; const char *dots, *out; } cases[] = {
		{ "abcdef", 6, false, "...", "abcdef" }, { "abcdefg", 6, false, "...", "abc..." },
		{ "abcdefg", 6, true, "...", "...efg" }, { "abcdefg", 2, false, "...", "ab" },
		{ "abcdefg", 2, true, "...", "fg" }, { "abcdefg", 3, true, "...", "..." },
		{ "abcdefg", 0, false, "...", "" }, { "abcdefg", 0, true, "...", "" },
		{ HAN HAN HAN, 5, false, "...", HAN "..." }, { HAN HAN HAN, 5, true, "...", "..." HAN },
		{ HAN HAN HAN, 4, true, "...", "..." }, { HAN HAN HAN, 4, false, "...", "..." },
		{ EURO EURO EURO EURO EURO, 5, false, "...", EURO EURO EURO EURO EURO },
		{ EURO EURO EURO EURO EURO, 4, false, "...", EURO "..." },
		{ ACCENT ACCENT ACCENT, 2, false, ".", ACCENT "." },
		{ ACCENT ACCENT ACCENT, 2, true, ".", "." ACCENT },
		{ "ab", 1, true, "\xe2\x80\xa6", "\xe2\x80\xa6" }, { "abc", 2, false, "\xe2\x80\xa6", "a\xe2\x80\xa6" },
		{ "a\xff\xff" "b", 3, false, ".", "a\xff." },
	};
	char small[] = "ab";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[64];

		strcpy(name, cases[i].name);
		utf8_clip(name, sizeof(name), cases[i].columns, cases[i].dots, cases[i].tail);
		assert_string_equal(name, cases[i].out);
	}
	utf8_clip(small, sizeof(small), 1, "\xe2\x80\xa6", true);	/* no room for the sign */
	assert_string_equal(small, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_factor),
		cmocka_unit_test(test_double),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_name_safe),
		cmocka_unit_test(test_utf8_columns),
		cmocka_unit_test(test_utf8_clip),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
