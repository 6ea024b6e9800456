/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_out - the writers: numbers and names by table, whole outputs against golden
 * files of tests/data (RECORD_GOLDEN=1 in the environment re-records them), JSON
 * against the schema, and what a stream that fails reports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report/csv.h"
#include "report/json.h"
#include "report/out.h"
#include "base/units.h"
#include "base/utf8.h"

#ifndef TEST_DATA
#define TEST_DATA	"tests/data"	/* from the root of the tree */
#endif
#ifndef TEST_CHECK_SCHEMA
#define TEST_CHECK_SCHEMA	"tests/unit/check_schema.py"
#endif

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define SKIP_STATUS	77
#define KNOWN(n)	{ (n), true }

/* Names no one should have, all legal for the kernel. */
#define HOSTILE_COMM	"e\"v\\i\nl,\033[2J\xff"
#define HOSTILE_FILE	"/mnt/\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80/\xc3\xa9\xe2" \
			"\x82\xac\xf0\x9f\x98\x80\t\xe2\x80\xae.txt"

/* Fixtures */

static struct io io(uint64_t ops, uint64_t bytes)
{
	return (struct io){ .ops = ops, .bytes = bytes };
}

static struct io timed(uint64_t ops, uint64_t bytes, uint64_t ns)
{
	return (struct io){ ops, bytes, ns, true };
}

/* product.md section 3: 1000 writes of 100 bytes with a sync each, on ext4. */
static struct row contract_row(enum row_by by)
{
	struct row row = {
		.by = by, .system = "other", .comm = "sqlite", .has_pid = true, .pid = 4242,
		.cgroup = "/user.slice",
		.cache = {
			.hit = KNOWN(0), .miss = KNOWN(0), .readahead = KNOWN(0),
			.dirtied = KNOWN(4194304), .cancelled = KNOWN(0), .pending = KNOWN(0),
		},
	};

	row.app.write = timed(1000, 100000, 5000000);
	row.app.sync = timed(1000, 0, 3000000000);
	row.app.iface[IFACE_PWRITE64] = timed(1000, 100000, 5000000);
	row.app.iface[IFACE_FSYNC] = timed(1000, 0, 3000000000);
	row.app.iface[IFACE_MMAP] = io(1, 4096);
	row.vfs.write = io(1000, 100000);
	row.vfs.sync = io(1000, 0);
	row.fs_write[CLASS_DATA] = io(1024, 4194304);
	row.fs_write[CLASS_METADATA] = io(8, 32768);
	row.fs_write[CLASS_JOURNAL] = io(2000, 12509184);
	row.block.write = io(3032, 16736256);
	row.block.flush = io(1000, 0);
	row.device.write = timed(3030, 16736256, 2500000000);
	row.device.flush = timed(1000, 0, 400000000);
	row.device.write_class[CLASS_DATA] = 4194304;
	row.device.write_class[CLASS_METADATA] = 32768;
	row.device.write_class[CLASS_JOURNAL] = 12509184;
	row.device.shared_bytes = 4096;
	return row;
}

struct fixture {
	struct summary s;
	struct row rows[6];
	struct disk_row disks[3];
};

static const char *const contract_argv[] = { "sqlite", "insert 1000.sql", NULL };

static void fill_contract(struct fixture *x)
{
	*x = (struct fixture){ .s = {
		.tool = "ioamp-stat", .version = "1.0.0", .kernel = "6.1.0-50-cloud-amd64",
		.types = "btf", .start = { 1795420800, 123456789 },
		.duration_s = 3.21, .settle_s = 0.4, .interval_s = -1, .complete = true,
		.nr_rows = 1, .nr_disks = 1, .argv = (char *const *)contract_argv,
	} };
	for (int l = 0; l < LAYER_MAX; l++)
		x->s.layers[l] = (struct layer_state){ true, "tp_btf", NULL };
	x->rows[0] = contract_row(BY_PROCESS);
	x->s.totals = contract_row(BY_TOTAL);
	x->s.totals.system = x->s.totals.comm = x->s.totals.cgroup = NULL;
	x->s.totals.has_pid = false;
	x->disks[0] = (struct disk_row){
		.name = "loop0", .major = 7, .leaf = true, .write_bytes = 16736256,
		.kernel_read_bytes = KNOWN(0), .kernel_write_bytes = KNOWN(16736256),
		.write_by_kind = { 16736256 },
	};
	x->s.rows = x->rows;
	x->s.disks = x->disks;
}

static struct row hostile_row(void)
{
	struct row row = {
		.system = "MinIO", .role = "data\x80", .comm = HOSTILE_COMM,
		.cgroup = "/a\\x2db\x7f", .file = HOSTILE_FILE, .has_pid = true, .pid = 7,
		.cache = { .hit = KNOWN(1500000), .filled = 4096 },
	};

	row.app.read = io(3, 1504096);
	row.fs_read[CLASS_DATA] = row.block.read = row.device.read = io(1, 4096);
	return row;
}

/* Everything odd at once: dark and partial layers, losses, odd names, stacked disks. */
static void fill_odd(struct fixture *x)
{
	static const char *const argv[] = { "sh", "-c", "echo \xff\n", NULL };

	fill_contract(x);
	x->s.argv = (char *const *)argv;
	x->s.exit_status = 3;
	x->s.complete = false;
	x->s.incomplete_reason = "the map of counters was full";
	x->s.losses = (struct losses){ .map_full = 3, .compat_tasks = 12 };
	x->s.layers[LAYER_VFS] = (struct layer_state){ false, "fentry",
		"no kprobes, and fentry is refused (lockdown)" };
	x->s.layers[LAYER_CACHE].reason = "huge pages of tmpfs are not seen";
	x->rows[1] = hostile_row();
	x->rows[2] = (struct row){ .kind = ROW_BACKGROUND, .device.write = { .ops = 1, .bytes = 4096 } };
	x->rows[3] = (struct row){ .kind = ROW_UNATTRIBUTED, .absent = 1u << LAYER_DEVICE };
	x->s.nr_rows = 4;
	x->s.totals.cache.pending = (struct maybe)KNOWN(2048);
	x->s.totals.cache.hit.known = false;
	x->s.totals.app.read = io(3, 1504096);
	x->s.totals.cache.filled = 4096;
	x->s.totals.fs_read[CLASS_DATA] = x->s.totals.block.read = io(1, 4096);
	x->s.totals.device.read = io(1, 4096);
	x->s.totals.device.discard = io(2, 1048576);
	x->disks[0].parents[0] = "dm-0";
	x->disks[0].parents[1] = "md\033[0m";
	x->disks[0].kernel_write_bytes.v = 16736256 + 65536 - 4096;
	x->disks[0].zeroes_bytes = 65536;
	x->disks[0].write_by_kind[ROW_BACKGROUND] = 4096;
	x->disks[0].error_bytes = 512;
	x->disks[1] = (struct disk_row){ .name = "dm-0", .major = 253, .read_bytes = 4096,
		.kernel_reason = "iostats of this queue is 0" };
	x->disks[2] = (struct disk_row){ .name = "sdb", .major = 8, .minor = 16, .leaf = true,
		.kernel_read_bytes = KNOWN(0), .kernel_write_bytes = KNOWN(0) };
	x->s.nr_disks = 3;
}

/* Nothing could be seen, nothing is known. */
static void fill_dark(struct fixture *x)
{
	fill_contract(x);
	for (int l = 0; l < LAYER_MAX; l++)
		x->s.layers[l] = (struct layer_state){ false, NULL, "lockdown" };
	x->s.nr_rows = x->s.nr_disks = 0;
	x->s.argv = NULL;
	x->s.settle_s = -1;
	x->s.interval_s = 1;
}

/* Rows per system, for the table of iosnoop-amp: the seed's operations. */
static void fill_systems(struct fixture *x)
{
	static const struct { const char *system; uint64_t ops[6]; } seed[] = {
		{ "MinIO", { 45, 120, 67, 145, 89, 178 } }, { "etcd", { 156, 89, 234, 156, 267, 189 } },
		{ "MinIO", { 1, 2, 3, 4, 5, 6 } },
	};

	fill_contract(x);
	x->s.tool = "iosnoop-amp";
	x->s.totals = (struct row){ .by = BY_TOTAL };
	for (size_t i = 0; i < COUNT(seed); i++) {
		struct row *row = &x->rows[i];

		*row = (struct row){ .by = BY_PROCESS, .system = seed[i].system };
		row->app.read = io(seed[i].ops[0], 1048576);
		row->app.write = io(seed[i].ops[1], 1048576);
		row->vfs.read = io(seed[i].ops[2], 0);
		row->vfs.write = io(seed[i].ops[3], 0);
		row->block.read = io(seed[i].ops[4], 0);
		row->block.write = io(seed[i].ops[5], 0);
		row->device.write = io(1, 8716288);
	}
	x->rows[3] = (struct row){ .kind = ROW_BACKGROUND, .device.write = { .ops = 1, .bytes = 512 } };
	x->rows[4] = (struct row){ .app.write = { .ops = 1, .bytes = 100 } };
	x->rows[5] = (struct row){ .kind = ROW_BACKGROUND, .device.write = { .ops = 1, .bytes = 512 } };
	x->s.nr_rows = 6;
}

/* Capture and compare */


struct capture {
	FILE *f;
	char *buf;
	size_t len;
};

static FILE *capture_open(struct capture *c)
{
	c->f = open_memstream(&c->buf, &c->len);
	assert_non_null(c->f);
	return c->f;
}

static const char *capture_text(struct capture *c)
{
	assert_int_equal(fflush(c->f), 0);
	return c->buf;
}

static void capture_close(struct capture *c)
{
	fclose(c->f);
	free(c->buf);
}

static void record_golden(const char *path, const struct capture *c)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(c->buf, 1, c->len, f), c->len);
	assert_int_equal(fclose(f), 0);
}

static void assert_golden(const char *name, struct capture *c)
{
	char path[512], *want = calloc(1, 1 << 20);
	size_t len;
	FILE *f;

	capture_text(c);
	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	if (getenv("RECORD_GOLDEN"))
		record_golden(path, c);
	f = fopen(path, "r");
	if (!f || !want)
		fail_msg("%s: %s", path, strerror(errno));
	len = fread(want, 1, (1 << 20) - 1, f);
	fclose(f);
	if (len != c->len || memcmp(want, c->buf, len))
		fail_msg("differs from %s; it is now:\n%s", path, c->buf);
	free(want);
}

/* Nothing a terminal acts on, and no line of 80 columns or more. */
static void assert_plain(const char *text, size_t columns)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		char copy[8192];

		assert_true(len < sizeof(copy));
		memcpy(copy, line, len);
		copy[len] = '\0';
		for (size_t i = 0; i < len; i++)
			assert_true((unsigned char)copy[i] >= 0x20 && copy[i] != 0x7f);
		assert_true(utf8_valid(copy));
		if (utf8_columns(copy) >= columns)
			fail_msg("%zu columns: %s", utf8_columns(copy), copy);
		line += len + (line[len] == '\n');
	}
}

/* Numbers and names */

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
		name_safe(out, sizeof(out), cases[i].name);
		assert_string_equal(out, cases[i].safe);
		assert_int_equal(utf8_columns(out), cases[i].columns);
	}
	name_safe(tiny, sizeof(tiny), "ab\xff");	/* \xff would not fit */
	assert_string_equal(tiny, "ab");
	name_safe(tiny, sizeof(tiny), "abcdefgh");
	assert_string_equal(tiny, "abcde");
	name_safe(tiny, sizeof(tiny), "abcd\xc3\xa9");	/* nor would half of a character */
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
	struct fixture x;
	struct capture c;

	(void)state;
	fill_contract(&x);
	assert_int_equal(out_summary_json(capture_open(&c), &x.s), 0);
	assert_golden("contract.json", &c);
	capture_close(&c);
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
	assert_int_equal(out_summary_json(capture_open(&c), &x.s), 0);
	line = capture_text(&c);
	for (size_t i = 0; i < COUNT(facts); i++)
		if (!strstr(line, facts[i]))
			fail_msg("%s\nis not in\n%s", facts[i], line);
	assert_ptr_equal(strchr(line, '\n'), line + c.len - 1);
	capture_close(&c);
}

static struct out_event hostile_event(const struct ioamp_event *e)
{
	return (struct out_event){ .e = e, .wall_s = 1795420800, .wall_ns = 123456789,
				   .comm = HOSTILE_COMM, .file = HOSTILE_FILE, .pid = 1 };
}

static void write_all_json(FILE *f)
{
	const struct ioamp_event nothing = { .lat_ns = UINT64_MAX, .offset = UINT64_MAX };
	const struct out_event ev = hostile_event(&nothing);
	struct fixture x;

	fill_contract(&x);
	assert_int_equal(out_summary_json(f, &x.s), 0);
	fill_odd(&x);
	assert_int_equal(out_summary_json(f, &x.s), 0);
	fill_dark(&x);
	assert_int_equal(out_summary_json(f, &x.s), 0);
	assert_int_equal(out_event_json(f, &ev), 0);
	assert_int_equal(out_lost_json(f, 3, 4), 0);
	fill_systems(&x);
	assert_int_equal(out_summary_json(f, &x.s), 0);
}

static void test_schema(void **state)
{
	char path[] = "/tmp/test_out.XXXXXX", command[1024];
	int fd = mkstemp(path), status;
	FILE *f = fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	write_all_json(f);
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof(command), "python3 %s %s %s/summary.schema.json",
		 TEST_CHECK_SCHEMA, path, TEST_DATA);
	status = system(command);
	unlink(path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP_STATUS)
		skip();
	assert_int_equal(status, 0);
}

/* CSV */

/* Fields of the first record of RFC 4180 text; *rest is what follows it. */
static size_t csv_fields(const char *text, const char **rest)
{
	size_t fields = 1;
	bool quoted = false;

	for (; *text && (quoted || *text != '\r'); text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (*text == ',' && !quoted)
			fields++;
	}
	assert_int_equal(strncmp(text, "\r\n", 2), 0);
	*rest = text + 2;
	return fields;
}

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

static void test_snoop_table(void **state)
{
	const struct out_style style = { 0 };
	struct fixture x;
	struct capture c;

	(void)state;
	fill_systems(&x);
	assert_int_equal(out_snoop_table(capture_open(&c), &x.s, &style), 0);
	assert_golden("snoop.txt", &c);
	assert_plain(c.buf, 80);
	capture_close(&c);
	x.s.layers[LAYER_VFS] = (struct layer_state){ false, NULL, "no kprobes" };
	assert_int_equal(out_snoop_table(capture_open(&c), &x.s, &style), 0);
	assert_golden("snoop-no-vfs.txt", &c);
	capture_close(&c);
}

/* Events */

static void test_event_names(void **state)
{
	static const struct {
		enum layer layer; enum op op; enum io_class cls; const char *name;
	} cases[] = {
		{ LAYER_APPLICATION, OP_READ, CLASS_DATA, "SYSCALL_READ" },
		{ LAYER_APPLICATION, OP_WRITE, (enum io_class)IFACE_MMAP, "SYSCALL_WRITE" },
		{ LAYER_APPLICATION, OP_SYNC, CLASS_DATA, "SYSCALL_SYNC" },
		{ LAYER_VFS, OP_READ, CLASS_DATA, "VFS_READ" }, { LAYER_VFS, OP_WRITE, CLASS_DATA, "VFS_WRITE" },
		{ LAYER_VFS, OP_SYNC, CLASS_DATA, "VFS_SYNC" },
		{ LAYER_FILESYSTEM, OP_WRITE, CLASS_DATA, "FS_DATA" },
		{ LAYER_FILESYSTEM, OP_READ, CLASS_METADATA, "FS_METADATA" },
		{ LAYER_FILESYSTEM, OP_WRITE, CLASS_JOURNAL, "FS_JOURNAL" },
		{ LAYER_FILESYSTEM, OP_WRITE, CLASS_SWAP, "FS_DATA" },
		{ LAYER_FILESYSTEM, OP_WRITE, CLASS_RAID, "FS_METADATA" },
		{ LAYER_BLOCK, OP_READ, CLASS_DATA, "BLOCK_READ" },
		{ LAYER_BLOCK, OP_WRITE, CLASS_DATA, "BLOCK_WRITE" },
		{ LAYER_BLOCK, OP_FLUSH, CLASS_DATA, "BLOCK_FLUSH" },
		{ LAYER_BLOCK, OP_DISCARD, CLASS_DATA, "BLOCK_DISCARD" },
		{ LAYER_BLOCK, OP_ZEROES, CLASS_DATA, "BLOCK_DISCARD" },
		{ LAYER_DEVICE, OP_READ, CLASS_DATA, "DEVICE_READ" },
		{ LAYER_DEVICE, OP_WRITE, CLASS_DATA, "DEVICE_WRITE" },
		{ LAYER_DEVICE, OP_FLUSH, CLASS_DATA, "DEVICE_FLUSH" },
		{ LAYER_DEVICE, OP_DISCARD, CLASS_DATA, "DEVICE_DISCARD" },
		{ LAYER_MAX, OP_READ, CLASS_DATA, "UNKNOWN" }, { LAYER_VFS, OP_MAX, CLASS_DATA, "UNKNOWN" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct ioamp_event e = { .layer = (__u8)cases[i].layer, .op = (__u8)cases[i].op,
					    .cls = (__u8)cases[i].cls };

		assert_string_equal(out_event_name(&e), cases[i].name);
	}
}

static const struct ioamp_event event_write = {
	.ts_ns = 987654321012345, .size = 4096, .offset = 8192, .ret = -28, .lat_ns = 45230,
	.req = 77, .inode = 131, .tid = 12346, .layer = LAYER_APPLICATION, .op = OP_WRITE,
};
static const struct ioamp_event event_sync = {
	.ts_ns = 1, .lat_ns = UINT64_MAX, .layer = LAYER_VFS, .op = OP_SYNC,
};

static const struct out_event event_samples[] = {
	{ .e = &event_write, .wall_s = 1795420800, .wall_ns = 123456789, .system = "MinIO",
	  .role = "data", .comm = "minio", .via = "kworker/u8:2", .disk = "nvme0n1",
	  .file = "/data/part.1", .pid = 12345 },
	{ .e = &event_sync, .wall_s = 1795420800, .wall_ns = 9, .comm = HOSTILE_COMM,
	  .file = HOSTILE_FILE },
};

static void test_event_text(void **state)
{
	const struct out_style narrow = { 0 }, extra = { .extra = true, .millis = true };
	const struct out_style bare = { .no_header = true };
	struct capture c;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	out_event_header(capture_open(&c), &narrow);
	for (size_t i = 0; i < COUNT(event_samples); i++)
		assert_int_equal(out_event_text(c.f, &event_samples[i], &narrow), 0);
	out_event_header(c.f, &extra);
	for (size_t i = 0; i < COUNT(event_samples); i++)
		assert_int_equal(out_event_text(c.f, &event_samples[i], &extra), 0);
	out_event_header(c.f, &bare);
	assert_golden("events.txt", &c);
	assert_plain(c.buf, 400);
	capture_close(&c);
}

static void test_event_json(void **state)
{
	static const char line[] = "{\"type\":\"event\",\"ts_ns\":987654321012345,\"time\":"
		"\"2026-11-23T08:00:00.123456789Z\",\"layer\":\"application\",\"event\":"
		"\"SYSCALL_WRITE\",\"system\":\"MinIO\",\"role\":\"data\",\"pid\":12345,\"tid\":12346,"
		"\"comm\":\"minio\",\"via\":\"kworker/u8:2\",\"size\":4096,\"offset\":8192,"
		"\"lat_ns\":45230,\"ret\":-28,\"disk\":\"nvme0n1\",\"inode\":131,\"file\":"
		"\"/data/part.1\",\"req\":77}\n";
	struct capture c;

	(void)state;
	assert_int_equal(out_event_json(capture_open(&c), &event_samples[0]), 0);
	assert_int_equal(out_event_json(c.f, &event_samples[1]), 0);
	assert_int_equal(out_lost_json(c.f, 3, 1000), 0);
	assert_golden("events.json", &c);
	assert_ptr_equal(strstr(c.buf, line), c.buf);
	assert_non_null(strstr(c.buf, "\"offset\":null,\"lat_ns\":null,\"ret\":0,\"disk\":null,"
			       "\"inode\":null,"));
	assert_non_null(strstr(c.buf, "\n{\"type\":\"lost\",\"events\":3,\"sent\":1000}\n"));
	capture_close(&c);
}

static void test_event_csv(void **state)
{
	struct capture c;
	const char *rest;
	size_t columns;

	(void)state;
	assert_int_equal(out_event_csv_header(capture_open(&c)), 0);
	for (size_t i = 0; i < COUNT(event_samples); i++)
		assert_int_equal(out_event_csv(c.f, &event_samples[i]), 0);
	assert_golden("events.csv", &c);
	columns = csv_fields(c.buf, &rest);
	for (size_t i = 0; i < COUNT(event_samples); i++)
		assert_int_equal(csv_fields(rest, &rest), columns);
	capture_close(&c);
}

/* A stream that fails */

static void assert_all_fail(FILE *f, int expected)
{
	const struct out_style style = { 0 };
	struct fixture x;

	assert_non_null(f);
	fill_contract(&x);
	assert_int_equal(out_summary_json(f, &x.s), expected);
	assert_int_equal(out_summary_csv(f, &x.s, &style), expected);
	assert_int_equal(out_summary_text(f, &x.s, &style), expected);
	assert_int_equal(out_snoop_table(f, &x.s, &style), expected);
	assert_int_equal(out_finish(f), expected);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(out_event_text(f, &event_samples[0], &style), expected);
	assert_int_equal(out_event_json(f, &event_samples[0]), expected);
	assert_int_equal(out_event_csv(f, &event_samples[0]), expected);
	fclose(f);
}

static void test_full_disk(void **state)
{
	(void)state;
	assert_all_fail(fopen("/dev/full", "w"), -ENOSPC);
}

static void test_closed_pipe(void **state)
{
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_all_fail(fdopen(fds[1], "w"), -EPIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units), cmocka_unit_test(test_factor),
		cmocka_unit_test(test_double), cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_name_safe), cmocka_unit_test(test_utf8_columns), cmocka_unit_test(test_utf8_clip),
		cmocka_unit_test(test_json_strings), cmocka_unit_test(test_json_structure),
		cmocka_unit_test(test_summary_json), cmocka_unit_test(test_summary_json_facts),
		cmocka_unit_test(test_schema), cmocka_unit_test(test_csv_strings),
		cmocka_unit_test(test_csv_columns), cmocka_unit_test(test_summary_csv),
		cmocka_unit_test(test_summary_text),
		cmocka_unit_test(test_words), cmocka_unit_test(test_color),
		cmocka_unit_test(test_snoop_table), cmocka_unit_test(test_event_names),
		cmocka_unit_test(test_event_text), cmocka_unit_test(test_event_json),
		cmocka_unit_test(test_event_csv), cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_closed_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
