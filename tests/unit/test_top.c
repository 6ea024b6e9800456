/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_top - ioamp-top without a kernel and without a terminal: rows over intervals, order,
 * filter, keys, the cursor, ways down and up.
 */
#include "tests/unit/top_fixture.h"
#include <locale.h>

#include "tools/ioamp-top/top_filter.h"
#include "tools/ioamp-top/top_render.h"

/* ---- rows over intervals ---- */

static void test_sums(void **state)
{
	struct top_table t = { 0 };
	struct fixture x;

	(void)state;
	fill_systems(&x);
	for (int i = 0; i < 3; i++)
		assert_int_equal(top_table_add(&t, &x.s), 0);
	assert_int_equal(t.n, 4);
	assert_true(t.v[0]->last.device.write.bytes == 327 * MIB);
	assert_true(t.v[0]->sum.device.write.bytes == 3 * 327 * MIB);
	assert_true(t.sum.app.write.bytes == 3 * x.s.totals.app.write.bytes);
	top_table_mark(&t);
	assert_int_equal(top_table_add(&t, &x.s), 0);
	assert_true(t.v[0]->sum.device.write.bytes - t.v[0]->mark->device.write.bytes == 327 * MIB);
	assert_true(t.seconds == 8 && t.mark_s == 6);
	top_table_free(&t);
}

/* A sum's unknown parts stay unknown, and a difference gives back what was added. */
static void test_row_sum(void **state)
{
	struct row a = row_of(BY_SYSTEM, minio), b = row_of(BY_SYSTEM, pg_wal), sum = a;

	(void)state;
	b.cache.cancelled.known = false;
	b.cache.pending.v = 4096;
	b.device.write.has_ns = false;
	figures_add(&sum, &b);
	assert_true(sum.device.write.bytes == a.device.write.bytes + b.device.write.bytes);
	assert_false(sum.cache.cancelled.known);
	assert_false(sum.device.write.has_ns);
	assert_true(sum.device.read.has_ns);
	figures_subtract(&sum, &b);
	assert_true(sum.device.write.bytes == a.device.write.bytes);
	assert_true(sum.fs_write[CLASS_JOURNAL].ops == a.fs_write[CLASS_JOURNAL].ops);
	assert_true(sum.cache.pending.v == 4096);
}

/* A row that did nothing more stands for three frames, grey, with what it did last; sums stay. */
static void test_gone(void **state)
{
	struct top *t = top_new();
	struct fixture x;

	(void)state;
	t->layout.tree = false;
	feed_all(t);
	fill_systems(&x);
	x.s.nr_rows = 2;
	for (int frame = 1; frame <= TOP_GONE; frame++) {
		assert_int_equal(top_feed_tab(t, TAB_SYSTEMS, &x.s), 0);
		ASSERT_LINES(t, "minio", "postgres", "[background]", "etcd");
		assert_false(t->lines.v[0].gone);
		assert_true(t->lines.v[3].gone);
		assert_true(t->lines.v[3].row->device.write.bytes == 5800 * KIB);
	}
	assert_int_equal(top_feed_tab(t, TAB_SYSTEMS, &x.s), 0);
	ASSERT_LINES(t, "minio", "postgres");
	t->layout.mode = MODE_SUM;
	ASSERT_LINES(t, "minio", "postgres", "[background]", "etcd");
	assert_true(t->lines.v[3].row->device.write.bytes == 5800 * KIB);
	top_gone(t);
}

/* A file that is deleted and made anew in an interval has two rows of one name: both count. */
static void test_namesakes(void **state)
{
	struct row r[3] = { row_of(BY_FILE, etcd_wal), row_of(BY_FILE, etcd_db), row_of(BY_FILE, nobody) };
	struct summary s = { .duration_s = 1, .rows = r, .nr_rows = 2, .totals = r[2] };
	struct top_table t = { 0 };

	(void)state;
	r[0].file = r[1].file = r[2].file = "/x.db-journal (deleted)";
	r[0].id = 7;
	r[1].id = 8;
	r[0].cache.pending.v = 4096;
	r[1].cache.pending.v = 8192;
	for (int i = 1; i <= 2; i++) {
		assert_int_equal(top_table_add(&t, &s), 0);
		assert_int_equal(t.n, 1);
		assert_true(t.v[0]->last.device.write.bytes == etcd_wal.dev_w + etcd_db.dev_w);
		assert_true(t.v[0]->sum.device.write.bytes == (uint64_t)i * (etcd_wal.dev_w + etcd_db.dev_w));
		assert_int_equal(t.v[0]->sum.cache.pending.v, 12288);
	}
	top_table_free(&t);
}

/* Many processes that ended become one row of their name: nothing they did is lost. */
static void test_ended_are_joined(void **state)
{
	enum { PER_INTERVAL = 100 };
	struct top_table t = { 0 };
	struct row r[PER_INTERVAL];
	struct summary s = { .duration_s = 1, .rows = r, .nr_rows = PER_INTERVAL };
	uint64_t bytes = 0;
	size_t joined = 0;

	(void)state;
	for (uint32_t i = 0; i < PER_INTERVAL; i++) {
		r[i] = row_of(BY_PROCESS, etcd_wal);
		r[i].comm = "dd";
		r[i].has_pid = true;
	}
	s.totals = r[0];
	for (uint32_t pid = 1; pid <= TOP_ENTRIES + 1000; pid += PER_INTERVAL) {
		for (uint32_t i = 0; i < PER_INTERVAL; i++)
			r[i].pid = r[i].id = pid + i;
		assert_int_equal(top_table_add(&t, &s), 0);
		assert_true(t.n <= TOP_ENTRIES + PER_INTERVAL);
	}
	for (size_t i = 0; i < t.n; i++) {
		bytes += t.v[i]->sum.device.write.bytes;
		joined += t.v[i]->joined;
	}
	assert_true(bytes == (TOP_ENTRIES + 1000) * etcd_wal.dev_w);
	assert_int_equal(joined, 1);
	top_table_free(&t);
}

/* The role of a system has room, however long the path of its data directory is. */
static void test_names(void **state)
{
	static const struct { const char *instance, *shown, *wide; } of[] = {
		{ NULL, "etcd wal", "etcd wal" },
		{ "main", "etcd/main wal", "etcd/main wal" },
		{ "/var/lib/etcd/default", "etcd/default wal", "etcd/var/lib/etcd/default wal" },
		{ "/data/", "etcd/data/ wal", "etcd/data/ wal" },
	};
	struct row r = row_of(BY_ROLE, etcd_wal);
	char name[256];

	(void)state;
	r.system = "etcd";
	r.role = "wal";
	for (size_t i = 0; i < COUNT(of); i++) {
		r.instance = of[i].instance;
		top_columns_name(name, sizeof(name), &r, false);
		assert_string_equal(name, of[i].shown);
		top_columns_name(name, sizeof(name), &r, true);
		assert_string_equal(name, of[i].wide);
	}
}

/* ---- order ---- */

static void test_order(void **state)
{
	struct top *t = top_new();

	(void)state;
	feed_all(t);
	t->layout.tree = false;
	ASSERT_LINES(t, "minio", "postgres", "[background]", "etcd");
	press(t, 'W');
	ASSERT_LINES(t, "etcd", "postgres", "minio", "[background]");	/* bg has no factor */
	press(t, 'r');
	ASSERT_LINES(t, "minio", "postgres", "etcd", "[background]");
	press(t, 'W');		/* once more: reversed */
	ASSERT_LINES(t, "etcd", "postgres", "minio", "[background]");
	press(t, 'S');
	ASSERT_LINES(t, "postgres", "minio", "etcd", "[background]");
	press(t, 's');
	assert_int_equal(t->popup.kind, POPUP_SORT);
	t->popup.cursor = COL_NAME;
	press(t, KEYS_ENTER);
	ASSERT_LINES(t, "etcd", "minio", "postgres", "[background]");
	t->maxrows = 2;
	ASSERT_LINES(t, "etcd", "minio");
	top_gone(t);
}

static void test_tree(void **state)
{
	struct top *t = top_new();

	(void)state;
	feed_all(t);
	ASSERT_LINES(t, "minio", "minio data", "postgres", "postgres data", "postgres wal",
		     "[background]", "etcd", "etcd wal", "etcd snap/db");
	press(t, KEYS_DOWN);
	press(t, KEYS_DOWN);
	assert_string_equal(name_at(t, t->place.cursor), "postgres");
	press(t, '-');
	ASSERT_LINES(t, "minio", "minio data", "postgres", "[background]", "etcd", "etcd wal",
		     "etcd snap/db");
	press(t, '+');
	assert_int_equal(t->lines.n, 9);
	press(t, 't');
	assert_int_equal(t->lines.n, 4);
	top_gone(t);
}

/* ---- the cursor ---- */

static void test_selection_sticks(void **state)
{
	struct top *t = top_new();

	(void)state;
	t->layout.tree = false;
	feed_all(t);
	press(t, KEYS_END);
	assert_string_equal(name_at(t, t->place.cursor), "etcd");
	press(t, 'W');
	assert_int_equal(t->place.cursor, 0);
	assert_string_equal(name_at(t, t->place.cursor), "etcd");
	/* where nobody chose a row, the first line stays the first line */
	press(t, KEYS_HOME);
	press(t, 'D');
	assert_int_equal(t->place.cursor, 0);
	assert_string_equal(name_at(t, t->place.cursor), "minio");
	top_gone(t);
}

static void test_search(void **state)
{
	struct top *t = top_new();

	(void)state;
	t->layout.tree = false;
	feed_all(t);
	press(t, '/');
	type(t, "GRES");
	assert_string_equal(name_at(t, t->place.cursor), "postgres");
	press(t, KEYS_ENTER);
	assert_int_equal(t->edit.kind, EDIT_NONE);
	press(t, '/');
	type(t, "nothing like it");
	press(t, KEYS_ENTER);
	assert_non_null(strstr(t->message, "nothing here"));
	top_gone(t);
}

/* ---- filter ---- */

static void test_filter(void **state)
{
	static const struct { const char *filter; size_t lines; } cases[] = {
		{ "", 4 }, { "  ", 4 }, { "gres", 1 }, { "GRES", 1 }, { "*s", 1 }, { "system=minio", 1 },
		{ "system!=minio", 3 }, { "dev-w>10M", 2 }, { "dev-w > 10M and w-amp>3x", 1 },
		{ "w-amp<=3", 1 }, { "kind=back", 1 }, { "sync>=388", 1 }, { "file=x", 0 },
	};
	static const char *const wrong[] = { "dev-w>much", "nofield=1", "dev-w>", "sync=1q" };
	struct top *t = top_new();

	(void)state;
	t->layout.tree = false;
	feed_all(t);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_null(top_filter_wrong(cases[i].filter));
		strcpy(t->filter, cases[i].filter);
		assert_int_equal(top_lines_make(t), 0);
		if (t->lines.n != cases[i].lines)
			fail_msg("\"%s\" shows %zu lines", cases[i].filter, t->lines.n);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_non_null(top_filter_wrong(wrong[i]));
	/* in the tree a system stays for its role that passes */
	t->layout.tree = true;
	strcpy(t->filter, "wal");
	ASSERT_LINES(t, "postgres", "postgres wal", "etcd", "etcd wal");
	strcpy(t->filter, "share>50%");
	ASSERT_LINES(t, "minio", "minio data");
	t->layout.tree = false;
	t->filter[0] = 0;
	press(t, '\\');
	type(t, "dev-w>much");
	press(t, KEYS_ENTER);
	assert_int_equal(t->edit.kind, EDIT_FILTER);		/* still to be mended */
	assert_true(*t->message);
	press(t, KEYS_ESCAPE);
	assert_int_equal(*t->filter, 0);
	top_gone(t);
}

/* ---- down and up ---- */

static void test_ways_down(void **state)
{
	static const struct { enum top_tab tab; enum row_by below[3]; } ways[] = {
		{ TAB_SYSTEMS, { BY_ROLE, BY_FILE, BY_PROCESS } },
		{ TAB_ROLES, { BY_FILE, BY_PROCESS, BY_FILE } },
		{ TAB_FILES, { BY_PROCESS, BY_FILE, BY_PROCESS } },
		{ TAB_PROCESSES, { BY_FILE, BY_PROCESS, BY_FILE } },
	};
	static void (*const fill[])(struct fixture *) = {
		[BY_ROLE] = fill_roles, [BY_FILE] = fill_files, [BY_PROCESS] = fill_processes,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct top *t = top_new();

		feed_all(t);
		top_place_tab(&t->place, &t->layout, ways[i].tab);
		for (size_t d = 0; d < 3; d++) {
			struct fixture x;

			assert_int_equal(top_lines_make(t), 0);
			assert_int_equal(top_keys_press(t, KEYS_ENTER, 0, 0), WANT_ROWS);
			assert_int_equal(t->place.levels[d]->by, ways[i].below[d]);
			fill[ways[i].below[d]](&x);
			assert_int_equal(top_feed_level(t, d, &x.s), 0);
		}
		while (t->place.depth)
			press(t, KEYS_BACK);
		assert_int_equal(t->place.cursor, 0);
		top_gone(t);
	}
}

static void test_what_is_asked(void **state)
{
	struct top *t = top_new();
	struct fixture x;

	(void)state;
	feed_all(t);
	assert_int_equal(top_lines_make(t), 0);
	assert_int_equal(top_keys_press(t, KEYS_ENTER, 0, 0), WANT_ROWS);
	assert_string_equal(t->place.levels[0]->only.system, "minio");
	fill_roles(&x);
	assert_int_equal(top_feed_level(t, 0, &x.s), 0);
	assert_int_equal(top_lines_make(t), 0);
	assert_int_equal(top_keys_press(t, KEYS_ENTER, 0, 0), WANT_ROWS);
	assert_string_equal(t->place.levels[1]->only.system, "minio");
	assert_string_equal(t->place.levels[1]->only.role, "data");
	top_place_leave(&t->place);
	top_place_leave(&t->place);
	assert_int_equal(top_lines_make(t), 0);
	assert_string_equal(name_at(t, t->place.cursor), "minio");
	/* what has no parts says so, and stays where it is */
	top_place_select(&t->place, &t->lines, 5);
	assert_string_equal(name_at(t, 5), "[background]");
	press(t, KEYS_ENTER);
	assert_int_equal(t->place.depth, 0);
	assert_non_null(strstr(t->message, "no parts"));
	t->facts.by_file = false;
	top_place_tab(&t->place, &t->layout, TAB_ROLES);
	press(t, KEYS_ENTER);
	assert_non_null(strstr(t->message, "--by file"));
	top_gone(t);
}

/* ---- what is usual ---- */

static void test_usual(void **state)
{
	static const char *const words[] = { NULL, "", "wa", "wa 2", "wa 2-x", "wa 2-3 or more", "ra 2-3" };
	struct rule_system s = { .expect = (char *)"wa 1.3-4" };
	double low = 7, high = 8;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct rule_system other = { .expect = (char *)words[i] };

		assert_false(rules_usual_writes(&other, &low, &high));
	}
	assert_true(low == 7 && high == 8);
	assert_true(rules_usual_writes(&s, &low, &high));
	assert_true(low == 1.3 && high == 4);
}

/* ---- the list of keys ---- */

/* Each key does one thing, is named for the manual, and is in the help alone or with another. */
static void test_keys(void **state)
{
	bool help = false;

	(void)state;
	for (size_t i = 0; i < top_keys_count; i++) {
		const struct top_key *k = &top_keys[i];

		assert_true(k->key[0] && k->press && *k->names);
		help |= k->help != NULL;
		assert_true(help && (k->help || !k->beside));
		for (size_t j = 0; j < i * TOP_KEY_SAME; j++)
			for (int s = 0; s < TOP_KEY_SAME && k->key[s]; s++)
				if (top_keys[j / TOP_KEY_SAME].key[j % TOP_KEY_SAME] == k->key[s])
					fail_msg("%s: this key does something else, too", k->names);
	}
}

/* ---- the mouse ---- */

static void test_mouse(void **state)
{
	struct top *t = top_new();
	struct grid g = { 0 };

	(void)state;
	feed_all(t);
	t->layout.tree = false;
	assert_int_equal(grid_resize(&g, 24, 100), 0);
	assert_int_equal(top_lines_make(t), 0);
	top_render(t, &g);
	top_keys_press(t, KEYS_CLICK, t->areas.head_y, t->areas.column_x[COL_W_AMP] + 1);
	assert_int_equal(t->layout.sort, COL_W_AMP);
	top_keys_press(t, KEYS_CLICK, t->areas.table_y + 2, 5);
	assert_int_equal(t->place.cursor, 2);
	top_keys_press(t, KEYS_CLICK, t->areas.tabs_y, t->areas.tab_x[TAB_FILES] + 1);
	assert_int_equal(t->layout.tab, TAB_FILES);
	assert_int_equal(top_lines_make(t), 0);
	top_keys_press(t, KEYS_CLICK, 23, 99);		/* nothing is there */
	assert_int_equal(t->place.depth, 0);
	grid_free(&g);
	top_gone(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_row_sum),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_namesakes),
		cmocka_unit_test(test_ended_are_joined),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_selection_sticks),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_ways_down),
		cmocka_unit_test(test_what_is_asked),
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_mouse),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
