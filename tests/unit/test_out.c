/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_out - summaries as JSON, CSV and text: facts, whole outputs against golden files, JSON
 * against the schema, and what a stream that fails reports.
 */
#include "summaries.h"

#include <locale.h>
#include <math.h>

#include "report/csv.h"
#include "report/json.h"
#include "report/out.h"

/* JSON */

static void test_json_strings(void **state)
{
	static const struct { const char *name, *json; } cases[] = {
		{ NULL, "{\"n\":null}" }, { "", "{\"n\":\"\"}" },
		{ "a\"\\/", "{\"n\":\"a\\\"\\\\/\"}" },
		{ "\n\t\x01\x1f", "{\"n\":\"\\u000a\\u0009\\u0001\\u001f\"}" },
		{ "\x7f\xc2\x9b", "{\"n\":\"\\u007f\\u009b\"}" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "{\"n\":\"\xc3\xa9\xf0\x9f\x98\x80\"}" },
		{ "\xff", "{\"n\":\"\xef\xbf\xbd\",\"n_b64\":\"/w==\"}" },
		{ "a\xff", "{\"n\":\"a\xef\xbf\xbd\",\"n_b64\":\"Yf8=\"}" },
		{ "\xc0\xaf.", "{\"n\":\"\xef\xbf\xbd\xef\xbf\xbd.\",\"n_b64\":\"wK8u\"}" },
		{ "\xe2\x82", "{\"n\":\"\xef\xbf\xbd\xef\xbf\xbd\",\"n_b64\":\"4oI=\"}" },
		{ "\xef\xbf\xbd", "{\"n\":\"\xef\xbf\xbd\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct capture c;
		struct json j = { .f = capture_open(&c) };

		json_open(&j, NULL, '{');
		json_name(&j, "n", cases[i].name);
		json_close(&j, '}');
		assert_string_equal(capture_text(&c), cases[i].json);
		capture_close(&c);
	}
}

static void test_json_structure(void **state)
{
	struct capture c;
	struct json j = { .f = capture_open(&c) };

	(void)state;
	json_open(&j, NULL, '{');
	json_open(&j, "a", '[');
	json_close(&j, ']');
	json_open(&j, "b", '[');
	json_u64(&j, NULL, UINT64_MAX);
	json_i64(&j, NULL, INT64_MIN);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_bool(&j, NULL, true);
	json_close(&j, ']');
	json_double(&j, "c", (double)NAN);
	json_double(&j, "d", (double)INFINITY);
	json_double(&j, "e", 0.5);
	json_close(&j, '}');
	assert_string_equal(capture_text(&c), "{\"a\":[],\"b\":[18446744073709551615,"
			    "-9223372036854775808,{},true],\"c\":null,\"d\":null,\"e\":0.5}");
	capture_close(&c);
}

static void test_summary_json(void **state)
{
	static const struct {
		const char *golden;
		void (*fill)(struct fixture *);
	} cases[] = { { "contract.json", fill_contract }, { "odd.json", fill_odd } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture x;
		struct capture c;

		cases[i].fill(&x);
		assert_int_equal(out_summary_json(capture_open(&c), &x.s, NULL), 0);
		assert_golden(cases[i].golden, &c);
		capture_close(&c);
	}
}

/* Stated here once more, by hand, so that re-recording cannot bless them away. */
static void test_summary_json_facts(void **state)
{
	static const char *const facts[] = {
		"\"complete\":false,\"incomplete_reason\":\"the map of counters was full\"",
		"\"vfs\":{\"available\":false,\"via\":null,\"reason\":\"no kprobes",
		"\"comm\":\"e\\\"v\\\\i\\u000al,\\u001b[2J\xef\xbf\xbd\",\"comm_b64\":\"ZSJ2XGkKbCwbWzJK/w==\"",
		"\"role_b64\":\"ZGF0YYA=\"", "\"cgroup\":\"/a\\\\x2db\\u007f\"",
		"\"mmap\":{\"ops\":1,\"bytes\":4096,\"ns\":null,\"estimate\":true}",
		"\"hit_bytes\":1500000,\"miss_bytes\":null", "\"vfs\":null",
		"\"parents\":[\"dm-0\",\"md\\u001b[0m\"]",
		"\"unexplained_write_bytes\":-4096", "\"zeroes_bytes\":65536",
		"\"kernel_write_bytes\":null,\"unexplained_read_bytes\":null,\"unexplained_write_bytes\":null",
		"\"kernel_reason\":\"iostats of this queue is 0\"",
		"\"command\":{\"argv\":[\"sh\",\"-c\",\"echo \xef\xbf\xbd\\u000a\"],\"exit_status\":3}"
		",\"argv_b64\":[null,null,\"ZWNobyD/Cg==\"]",
		"\"chain\":[{\"from\":\"application\",\"to\":\"filesystem\",\"factor\":167.36256}",
		"\"ops\":null", "\"device\":null",
	};
	struct fixture x;
	struct capture c;
	const char *line;

	(void)state;
	fill_odd(&x);
	x.rows[0].cache.dirtied.known = false;
	assert_int_equal(out_summary_json(capture_open(&c), &x.s, NULL), 0);
	line = capture_text(&c);
	for (size_t i = 0; i < COUNT(facts); i++)
		if (!strstr(line, facts[i]))
			fail_msg("%s\nis not in\n%s", facts[i], line);
	assert_ptr_equal(strchr(line, '\n'), line + c.len - 1);
	capture_close(&c);
}

static void write_all_json(FILE *f)
{
	struct fixture x;

	fill_contract(&x);
	assert_int_equal(out_summary_json(f, &x.s, NULL), 0);
	fill_odd(&x);
	assert_int_equal(out_summary_json(f, &x.s, NULL), 0);
	fill_dark(&x);
	assert_int_equal(out_summary_json(f, &x.s, NULL), 0);
	fill_systems(&x);
	assert_int_equal(out_summary_json(f, &x.s, NULL), 0);
}

static void test_schema(void **state)
{
	(void)state;
	assert_schema(write_all_json);
}

/* CSV */

static void test_csv_strings(void **state)
{
	struct capture c;
	struct csv csv = { .f = capture_open(&c) };

	(void)state;
	csv_str(&csv, "plain");
	csv_str(&csv, "a,b");
	csv_str(&csv, "a\"b");
	csv_str(&csv, "a\r\nb");
	csv_str(&csv, NULL);
	csv_str(&csv, "\xff,");
	csv_b64(&csv, "\xff,");
	csv_b64(&csv, "fine");
	csv_u64(&csv, UINT64_MAX);
	csv_i64(&csv, -1);
	csv_double(&csv, 0.5);
	csv_double(&csv, (double)NAN);
	csv_end(&csv);
	csv_empty(&csv);
	csv_u64(&csv, 1);
	csv_end(&csv);
	assert_string_equal(capture_text(&c), "plain,\"a,b\",\"a\"\"b\",\"a\r\nb\",,"
			    "\"\xef\xbf\xbd,\",/yw=,,18446744073709551615,-1,0.5,\r\n,1\r\n");
	capture_close(&c);
}

/* Every figure of a row under the name of its column. */
#define FIGURE(column, member)	{ column, offsetof(struct row, member) }
static const struct { const char *column; size_t offset; } csv_figures[] = {
	FIGURE("application_read", app.read), FIGURE("application_write", app.write),
	FIGURE("application_sync", app.sync), FIGURE("vfs_read", vfs.read),
	FIGURE("vfs_write", vfs.write), FIGURE("vfs_sync", vfs.sync),
	FIGURE("filesystem_read_data", fs_read[CLASS_DATA]),
	FIGURE("filesystem_read_metadata", fs_read[CLASS_METADATA]),
	FIGURE("filesystem_read_other", fs_read[CLASS_OTHER]),
	FIGURE("filesystem_write_data", fs_write[CLASS_DATA]),
	FIGURE("filesystem_write_metadata", fs_write[CLASS_METADATA]),
	FIGURE("filesystem_write_journal", fs_write[CLASS_JOURNAL]),
	FIGURE("filesystem_write_swap", fs_write[CLASS_SWAP]),
	FIGURE("filesystem_write_raid", fs_write[CLASS_RAID]),
	FIGURE("filesystem_write_other", fs_write[CLASS_OTHER]),
	FIGURE("block_read", block.read), FIGURE("block_write", block.write),
	FIGURE("block_flush", block.flush), FIGURE("block_discard", block.discard),
	FIGURE("device_read", device.read), FIGURE("device_write", device.write),
	FIGURE("device_flush", device.flush), FIGURE("device_discard", device.discard),
};

/* Field number `index` of a record without quotes. */
static const char *csv_field(const char *record, size_t index)
{
	while (index--)
		record = strchr(record, ',') + 1;
	return record;
}

static void assert_column(const char *text, const char *column, const char *suffix, uint64_t want)
{
	char name[64];
	size_t len = (size_t)snprintf(name, sizeof(name), "%s_%s", column, suffix);
	const char *at = text, *record;
	size_t index = 0;

	csv_fields(text, &record);
	while (strncmp(at, name, len) || !strchr(",\r", at[len])) {
		at = csv_field(at, 1);
		index++;
	}
	assert_int_equal(strtoull(csv_field(record, index), NULL, 10), want);
}

static void test_csv_columns(void **state)
{
	const struct out_style style = { 0 };
	struct fixture x;
	struct capture c;

	(void)state;
	fill_contract(&x);
	for (size_t i = 0; i < COUNT(csv_figures); i++)
		*(struct io *)((char *)&x.rows[0] + csv_figures[i].offset) =
			timed(1000 + i, 2000 + i, 3000 + i);
	for (size_t i = 0; i < CLASS_MAX; i++)
		x.rows[0].device.write_class[i] = 4000 + i;
	assert_int_equal(out_summary_csv(capture_open(&c), &x.s, &style), 0);
	for (size_t i = 0; i < COUNT(csv_figures); i++) {
		assert_column(capture_text(&c), csv_figures[i].column, "ops", 1000 + i);
		assert_column(c.buf, csv_figures[i].column, "bytes", 2000 + i);
		assert_column(c.buf, csv_figures[i].column, "ns", 3000 + i);
	}
	assert_column(c.buf, "device_write_raid", "bytes", 4000 + CLASS_RAID);
	assert_column(c.buf, "device_shared", "bytes", 4096);
	capture_close(&c);
}

static void test_summary_csv(void **state)
{
	const struct out_style style = { 0 }, bare = { .no_header = true };
	struct fixture x;
	struct capture c, d;
	const char *rest;
	size_t columns;

	(void)state;
	fill_odd(&x);
	assert_int_equal(out_summary_csv(capture_open(&c), &x.s, &style), 0);
	assert_golden("odd.csv", &c);
	columns = csv_fields(capture_text(&c), &rest);
	assert_int_equal(out_summary_csv(capture_open(&d), &x.s, &bare), 0);
	assert_string_equal(capture_text(&d), rest);
	for (size_t records = 0; records < x.s.nr_rows + 1; records++)
		assert_int_equal(csv_fields(rest, &rest), columns);
	assert_string_equal(rest, "");
	capture_close(&c);
	capture_close(&d);
}

/* Text */

static void test_summary_text(void **state)
{
	static const struct {
		const char *golden;
		void (*fill)(struct fixture *);
		struct out_style style;
	} cases[] = {
		{ "contract.txt", fill_contract, { 0 } },
		{ "contract-raw.txt", fill_contract, { .raw = true, .timestamp = true } },
		{ "odd.txt", fill_odd, { .extra = true } },
		{ "dark.txt", fill_dark, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture x;
		struct capture c;

		cases[i].fill(&x);
		assert_int_equal(out_summary_text(capture_open(&c), &x.s, &cases[i].style), 0);
		assert_golden(cases[i].golden, &c);
		assert_plain(c.buf, cases[i].style.raw ? 100 : 80);
		capture_close(&c);
	}
}

static void assert_words(const struct fixture *x, const char *words, bool present)
{
	const struct out_style style = { .wide = true };
	struct capture c;

	assert_int_equal(out_summary_text(capture_open(&c), &x->s, &style), 0);
	if (!strstr(capture_text(&c), words) == present)
		fail_msg("'%s' is %sin\n%s", words, present ? "not " : "", c.buf);
	capture_close(&c);
}

/* The sentence that explains, for every step that can be the largest. */
static void test_words(void **state)
{
	struct fixture x;
	struct row *t = &x.s.totals;

	(void)state;
	fill_contract(&x);
	assert_words(&x, "Write amplification 167x: high. Largest step: application -> cache "
		     "41.94x: small writes dirty whole pages of 4 KiB or more (100 B per write).", true);
	assert_words(&x, "Read amplification", false);
	t->app.write = io(100, 4194304);
	assert_words(&x, "3.99x: fair. Largest step: cache -> filesystem 3.99x: journal 74.7 % and "
		     "metadata 0.2 % added to the data (1000 syncs).", true);
	x.s.layers[LAYER_CACHE].available = false;
	t->app.write = io(1000, 100000);
	assert_words(&x, "application -> filesystem 167x: small writes dirty whole pages of 4 KiB or "
		     "more (100 B per write); journal", true);
	fill_contract(&x);
	t->app.write = io(1000, 4194304);
	t->fs_write[CLASS_JOURNAL] = t->fs_write[CLASS_METADATA] = io(0, 0);
	t->block.write = io(1, 4194304);
	t->device.write_class[CLASS_RAID] = 8368128;
	assert_words(&x, "block -> device 3.99x: mirrors, parity or metadata of stacked devices "
		     "(raid 50.0 %).", true);
	t->device.write = io(1, 4194304);
	assert_words(&x, "Write amplification 1.00x: perfect. No step adds bytes.", true);
	t->fs_write[CLASS_DATA] = t->block.write = t->device.write = io(0, 0);
	assert_words(&x, "0.00x: perfect. Absorbed most: cache -> filesystem 0.00x: overwritten or "
		     "cancelled before writeback.", true);
	t->cache.pending.v = 4194304;
	assert_words(&x, "still dirty: 4.0M.", true);
	t->app.write = io(0, 0);
	t->device.write = io(1, 512);
	assert_words(&x, "Writes reached the device with no application write behind them (bg).", true);
	fill_odd(&x);
	assert_words(&x, "Read amplification 0.00x: perfect. Absorbed most: application -> cache "
		     "0.00x: answered from the page cache.", true);
}

static void test_color(void **state)
{
	const struct out_style color = { .color = true };
	struct fixture x;
	struct capture c;

	(void)state;
	fill_odd(&x);
	assert_int_equal(out_summary_text(capture_open(&c), &x.s, &color), 0);
	assert_non_null(strstr(capture_text(&c), "\033[31m167x\033[0m"));
	assert_non_null(strstr(c.buf, "\033[32m0.00x\033[0m"));
	assert_null(strstr(c.buf, "\033[2J"));
	capture_close(&c);
}

/* A stream that fails */

static void assert_all_fail(FILE *f, int expected)
{
	const struct out_style style = { 0 };
	struct fixture x;

	assert_non_null(f);
	fill_contract(&x);
	assert_int_equal(out_summary_json(f, &x.s, NULL), expected);
	assert_int_equal(out_summary_csv(f, &x.s, &style), expected);
	assert_int_equal(out_summary_text(f, &x.s, &style), expected);
	assert_int_equal(stream_finish(f), expected);
	fclose(f);
}

static void test_failing_streams(void **state)
{
	(void)state;
	each_failing_stream(assert_all_fail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_json_structure),
		cmocka_unit_test(test_summary_json),
		cmocka_unit_test(test_summary_json_facts),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_csv_strings),
		cmocka_unit_test(test_csv_columns),
		cmocka_unit_test(test_summary_csv),
		cmocka_unit_test(test_summary_text),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_failing_streams),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
