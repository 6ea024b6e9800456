/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_top_screen - what ioamp-top prints: whole screens, tables and exports against golden
 * files of tests/data, every size, styles, the saved layout, and how long a frame takes.
 */
#include "tests/unit/top_fixture.h"

#include <locale.h>
#include <stdio.h>
#include <time.h>

#include "base/utf8.h"
#include "tests/unit/golden.h"
#include "tools/ioamp-top/out_top.h"
#include "tools/ioamp-top/top_export.h"
#include "tools/ioamp-top/top_render.h"

/* ---- whole screens ---- */

struct screen {
	const char *name;
	unsigned int rows, cols;
	bool ascii;
	enum top_tab tab;
	const char *keys;
};

static void no_error(void *ctx, unsigned int line, unsigned int column, const char *what)
{
	(void)ctx;
	fail_msg("%u:%u: %s", line, column, what);
}

/* What is usual, as a rule file says it. */
static void know_rules(struct rules *r)
{
	static char text[] =
		"[system \"minio\"]\nexe = minio\nlabel = MinIO\nexpect = wa 1.3-4\n"
		"[system \"postgres\"]\nexe = postgres\nlabel = PostgreSQL\nexpect = wa 1.5-4\n"
		"note = A page is logged whole after each checkpoint.\n"
		"[role \"postgres\" \"data\"]\nfile = */base/*\npurpose = data\n"
		"note = tables and indexes\n";
	FILE *f = fmemopen(text, sizeof(text) - 1, "r");

	assert_non_null(f);
	assert_int_equal(rules_parse(r, f, no_error, NULL), 0);
	fclose(f);
}

static char *shoot(const struct screen *s, size_t *len)
{
	struct top *t = top_new();
	struct rules rules = { 0 };
	struct grid g = { 0 };
	char *text = NULL;
	FILE *f;

	know_rules(&rules);
	t->facts.rules = &rules;
	t->ascii = g.ascii = s->ascii;
	for (int i = 0; i < 4 && s->tab != TAB_CGROUPS; i++)
		feed_all(t);
	top_place_tab(&t->place, &t->layout, s->tab);
	assert_int_equal(grid_resize(&g, s->rows, s->cols), 0);
	assert_int_equal(top_lines_make(t), 0);
	top_render(t, &g);
	type(t, s->keys);
	top_render(t, &g);
	f = open_memstream(&text, len);
	assert_non_null(f);
	grid_dump(&g, f);
	fclose(f);
	grid_free(&g);
	top_gone(t);
	rules_free(&rules);
	return text;
}

static void test_screens(void **state)
{
	static const struct screen screens[] = {
		{ "top-80x24.txt", 24, 80, false, TAB_SYSTEMS, "" },
		{ "top-80x24-ascii.txt", 24, 80, true, TAB_SYSTEMS, "" },
		{ "top-100x24.txt", 24, 100, false, TAB_SYSTEMS, "W" },
		{ "top-200x50.txt", 50, 200, false, TAB_PROCESSES, "" },
		{ "top-files.txt", 24, 100, false, TAB_FILES, "" },
		{ "top-layers.txt", 24, 100, false, TAB_LAYERS, "a" },
		{ "top-explain.txt", 24, 80, false, TAB_SYSTEMS, "jje" },
		{ "top-explain-role.txt", 30, 100, false, TAB_ROLES, "je" },
		{ "top-help.txt", 50, 100, true, TAB_SYSTEMS, "h" },
		{ "top-seen.txt", 24, 80, false, TAB_SYSTEMS, "d" },
		{ "top-columns.txt", 30, 80, false, TAB_SYSTEMS, "c" },
		{ "top-ops.txt", 24, 100, false, TAB_ROLES, "ba" },
		{ "top-empty.txt", 24, 80, false, TAB_CGROUPS, "" },
		{ "top-40x10.txt", 10, 40, false, TAB_SYSTEMS, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(screens); i++) {
		size_t len = 0;
		char *text = shoot(&screens[i], &len);

		golden_compare(screens[i].name, text, len);
		for (size_t c = 0; screens[i].ascii && c < len; c++)
			assert_true((unsigned char)text[c] < 0x7f);
		free(text);
	}
}

/* Every size and every key: nothing lies outside the grid (the sanitizers watch). */
static void test_any_size(void **state)
{
	static const char keys[] = "hkedcsbatoupzx W\\/<>[]+-m";
	static const uint32_t special[] = { KEYS_TAB, KEYS_ENTER, KEYS_BACK, KEYS_END, KEYS_PAGE_UP };

	(void)state;
	for (unsigned int rows = 1; rows < 30; rows += 3)
		for (unsigned int cols = 1; cols < 130; cols += 13) {
			struct top *t = top_new();
			struct grid g = { 0 };

			feed_all(t);
			assert_int_equal(grid_resize(&g, rows, cols), 0);
			for (size_t k = 0; k < COUNT(keys) - 1 + COUNT(special); k++) {
				press(t, k < COUNT(keys) - 1 ? (unsigned char)keys[k] :
				      special[k - COUNT(keys) + 1]);
				top_render(t, &g);
				press(t, KEYS_ESCAPE);
				top_render(t, &g);
			}
			grid_free(&g);
			top_gone(t);
		}
}

/* Colour is by the bands of the contract, and a row that ended is grey. */
static void test_styles(void **state)
{
	static const struct { size_t line; enum grid_style style; } want[] = {
		{ 1, STYLE_FAIR }, { 2, STYLE_PLAIN }, { 3, STYLE_BAD },
	};
	struct top *t = top_new();
	struct grid g = { 0 };

	(void)state;
	t->layout.tree = false;
	feed_all(t);
	assert_int_equal(grid_resize(&g, 24, 100), 0);
	assert_int_equal(top_lines_make(t), 0);
	top_render(t, &g);
	for (size_t i = 0; i < COUNT(want); i++) {
		unsigned int x = t->areas.column_x[COL_W_AMP] + t->areas.column_width[COL_W_AMP] - 1;

		assert_int_equal(g.v[(t->areas.table_y + want[i].line) * g.cols + x].style, want[i].style);
	}
	assert_int_equal(g.v[t->areas.table_y * g.cols].style, STYLE_SELECT);
	grid_free(&g);
	top_gone(t);
}

/* ---- cells ---- */

static void test_grid(void **state)
{
	struct grid g = { 0 };
	char text[64] = "/a/\xe6\x97\xa5\xe6\x9c\xac/file.wal";

	(void)state;
	assert_int_equal(grid_resize(&g, 2, 10), 0);
	assert_int_equal(grid_put(&g, 0, 0, 10, "\xe6\x97\xa5" "a", STYLE_PLAIN), 3);
	assert_int_equal(g.v[0].ch, 0x65e5);
	assert_int_equal(g.v[1].ch, 0);
	/* half of a wide character is none */
	grid_put(&g, 0, 1, 1, "x", STYLE_PLAIN);
	assert_int_equal(g.v[0].ch, ' ');
	/* a wide one that does not fit is left out */
	assert_int_equal(grid_put(&g, 1, 9, 10, "\xe6\x97\xa5", STYLE_PLAIN), 0);
	assert_int_equal(grid_put(&g, 7, 0, 10, "out", STYLE_PLAIN), 0);
	assert_int_equal(utf8_columns(text), 16);
	grid_clip(&g, text, sizeof(text), 9, true);
	assert_string_equal(text, "\xe2\x80\xa6" "file.wal");
	assert_int_equal(utf8_columns(text), 9);
	g.ascii = true;
	assert_int_equal(grid_put(&g, 0, 0, 10, "\xe6\x97\xa5", STYLE_PLAIN), 2);
	assert_int_equal(g.v[0].ch, '?');
	assert_int_equal(g.v[1].ch, '?');
	g.ascii = false;
	assert_int_equal(grid_put(&g, 0, 0, 10, "e\xcc\x81\xe2\x82\xac\x01\xff", STYLE_PLAIN), 4);
	assert_int_equal(g.v[0].ch, 'e');
	assert_int_equal(g.v[1].ch, 0x20ac);
	assert_int_equal(g.v[2].ch, '?');
	assert_int_equal(g.v[3].ch, '?');
	grid_free(&g);
}

/* ---- the saved layout ---- */

static int parse_layout(struct top_layout *l, const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	int line;

	assert_non_null(f);
	line = top_layout_parse(l, f);
	fclose(f);
	return line;
}

static void test_layout(void **state)
{
	static const char *const bad[] = {
		"[ioamp-top]\nsort = none\n", "[ioamp-top]\ntree = maybe\n", "[ioamp-top]\ninterval = nan\n",
		"[ioamp-top]\nscheme = 9\n", "[ioamp-top]\ntab = nowhere\n", "[other]\ntab = files\n",
		"[ioamp-top]\nhidden = vfs-r what\n", "[ioamp-top]\nnew = 1\n", "tab files\n",
		"tab = files\n", "[ioamp-top\ntab = files\n", "[ioamp-top]\n[other]\ntab = files\n",
	};
	struct top_layout a = { .tab = TAB_FILES, .sort = COL_SYNC, .reverse = true, .ops = true,
				.mode = MODE_SUM, .scheme = 1, .interval_s = 0.5 }, b = { .tree = true }, c;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	a.hidden[COL_VFS_R] = a.hidden[COL_TREND] = true;
	assert_int_equal(top_layout_print(&a, f), 0);
	fclose(f);
	assert_int_equal(parse_layout(&b, text), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	free(text);
	for (size_t i = 0; i < COUNT(bad); i++) {
		memset(&c, 0, sizeof(c));
		b = c;
		assert_true(parse_layout(&c, bad[i]) > 0);
		assert_memory_equal(&b, &c, sizeof(c));
	}
}

/* ---- the batch form ---- */

static void test_batch(void **state)
{
	struct out_style style = { .width = 80 };
	struct out_top o = { .by = BY_PROCESS, .sort = COL_DEV_W, .maxrows = 3, .clock = "14:23:45",
			     .load = "0.10 0.20 0.30 1/100 4242" };
	struct fixture x;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	fill_processes(&x);
	assert_int_equal(out_top_table(f, &x.s, &o, &style), 0);
	style.timestamp = style.extra = style.raw = true;
	o.sort = COL_SYNC;
	assert_int_equal(out_top_table(f, &x.s, &o, &style), 0);
	fclose(f);
	golden_compare("top-batch.txt", text, len);
	assert_null(strstr(text, " \n"));
	free(text);
}

/* As tables, JSON and CSV have them: by any column, by parts of the whole and names too. */
static void test_batch_order(void **state)
{
	static const struct { enum top_col sort; size_t rows[6]; } cases[] = {
		{ COL_SHARE, { 0, 1, 2, 5, 3, 4 } }, { COL_NAME, { 5, 3, 4, 0, 1, 2 } },
		{ COL_W_AMP, { 4, 3, 1, 0, 2, 5 } },
	};
	struct fixture x;

	(void)state;
	fill_processes(&x);
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t *order, n;

		assert_int_equal(out_top_order(&x.s, cases[i].sort, false, &order, &n), 0);
		assert_int_equal(n, COUNT(cases[i].rows));
		assert_memory_equal(order, cases[i].rows, sizeof(cases[i].rows));
		free(order);
	}
}

/* ---- export ---- */

static void test_export(void **state)
{
	struct top *t = top_new();
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	feed_all(t);
	top_place_tab(&t->place, &t->layout, TAB_FILES);
	assert_int_equal(top_lines_make(t), 0);
	top_render_columns(t, 80);
	assert_int_equal(top_export(t, f), 0);
	fclose(f);
	golden_compare("top-export.csv", text, len);
	free(text);
	top_gone(t);
}

/* ---- speed ---- */

#define MANY 10000

static double ms(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) * 1e3 + (double)(b->tv_nsec - a->tv_nsec) / 1e6;
}

/* 10,000 rows: a frame in less than 50 ms. The bound is wide for machines that are shared. */
static void test_many_rows(void **state)
{
	struct top *t = top_new();
	struct row *rows = calloc(MANY, sizeof(*rows));
	struct grid g = { 0 };
	struct timespec from, fed, drawn;
	struct fixture x;
	double worst = 0, feeding = 0;

	(void)state;
	fixture_init(&x);
	for (uint32_t i = 0; i < MANY; i++) {
		rows[i] = row_of(BY_PROCESS, (struct act){ 4096 + i * 7919 % MANY, 8192, i * 104729 % MANY * 4096ull,
							   512, 0, i % 17 });
		rows[i].has_pid = true;
		rows[i].pid = rows[i].id = i + 1;
		rows[i].comm = "worker";
	}
	x.s.rows = rows;
	x.s.nr_rows = MANY;
	t->layout.tab = TAB_PROCESSES;
	t->layout.mode = MODE_RATE;
	assert_int_equal(grid_resize(&g, 50, 200), 0);
	for (int frame = 0; frame < 6; frame++) {
		t->layout.sort = frame % 2 ? COL_W_AMP : COL_DEV_W;
		clock_gettime(CLOCK_MONOTONIC, &from);
		assert_int_equal(top_feed_tab(t, TAB_PROCESSES, &x.s), 0);
		clock_gettime(CLOCK_MONOTONIC, &fed);
		assert_int_equal(top_lines_make(t), 0);
		top_render(t, &g);
		clock_gettime(CLOCK_MONOTONIC, &drawn);
		worst = ms(&fed, &drawn) > worst ? ms(&fed, &drawn) : worst;
		feeding = ms(&from, &fed) > feeding ? ms(&from, &fed) : feeding;
	}
	printf("%d rows: at most %.1f ms to feed, %.1f ms to sort and draw\n", MANY, feeding, worst);
	assert_int_equal(t->lines.n, MANY);
	assert_true(worst < 500);
	free(rows);
	grid_free(&g);
	top_gone(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens),
		cmocka_unit_test(test_any_size),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_batch_order),
		cmocka_unit_test(test_export),
		cmocka_unit_test(test_many_rows),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
