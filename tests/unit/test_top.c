/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_top - ioamp-top without a kernel and without a terminal: rows over intervals,
 * order, filter, cursor, ways down, and whole screens against golden files of
 * tests/data (RECORD_GOLDEN=1 in the environment re-records them).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/ioamp-top/out_top.h"
#include "base/utf8.h"
#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_export.h"
#include "tools/ioamp-top/top_filter.h"
#include "tools/ioamp-top/top_keys.h"
#include "tools/ioamp-top/top_render.h"

#ifndef TEST_DATA
#define TEST_DATA	"tests/data"	/* from the root of the tree */
#endif
#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define KIB		1024ull
#define MIB		(1024 * KIB)

/* ---- a machine ---- */

struct fixture {
	struct summary s;
	struct row rows[16];
};

/* What an owner did in two seconds: bytes written at each layer, bytes read, syncs. */
struct act {
	uint64_t sys_w, fs_w, dev_w, sys_r, dev_r, syncs;
};

static struct row row_of(enum row_by by, struct act a)
{
	struct row r = { .by = by };

	row_zero(&r);
	r.app.write = (struct io){ a.sys_w / 512, a.sys_w, 0, true };
	r.app.read = (struct io){ a.sys_r / 512, a.sys_r, 0, true };
	r.app.sync.ops = a.syncs;
	r.cache.dirtied.v = a.sys_w < a.fs_w ? a.fs_w / 2 : a.sys_w;
	r.cache.hit.v = a.sys_r - (a.dev_r < a.sys_r ? a.dev_r : 0);
	r.cache.filled = a.dev_r;
	r.fs_write[CLASS_DATA] = (struct io){ a.fs_w / 8192, a.fs_w / 2, 0, false };
	r.fs_write[CLASS_JOURNAL] = (struct io){ a.fs_w / 8192, a.fs_w - a.fs_w / 2, 0, false };
	r.fs_read[CLASS_DATA] = (struct io){ a.dev_r / 4096, a.dev_r, 0, false };
	r.block.write = (struct io){ a.dev_w / 4096, a.dev_w, 0, true };
	r.block.read = (struct io){ a.dev_r / 4096, a.dev_r, 0, true };
	r.device.write = (struct io){ a.dev_w / 4096, a.dev_w, a.dev_w / 4096 * 250000, true };
	r.device.read = (struct io){ a.dev_r / 4096, a.dev_r, 0, true };
	r.device.flush.ops = a.syncs;
	r.device.write_class[CLASS_DATA] = a.dev_w / 2;
	r.device.write_class[CLASS_JOURNAL] = a.dev_w - a.dev_w / 2;
	return r;
}

static const struct act etcd_wal = { 360 * KIB, 2200 * KIB, 3800 * KIB, 0, 0, 192 };
static const struct act etcd_db = { 60 * KIB, 1444 * KIB, 2000 * KIB, 8 * KIB, 0, 4 };
static const struct act pg_wal = { 9 * MIB, 18 * MIB, 18 * MIB, 0, 0, 776 };
static const struct act pg_data = { 10 * MIB, 44 * MIB, 66 * MIB, 140 * MIB, 6 * MIB, 0 };
static const struct act minio = { 162 * MIB, 236 * MIB, 327 * MIB, 24 * MIB, 25 * MIB, 424 };
static const struct act nobody = { 0, 10 * MIB, 12 * MIB, 0, 0, 0 };

static struct act plus(struct act a, struct act b)
{
	return (struct act){ a.sys_w + b.sys_w, a.fs_w + b.fs_w, a.dev_w + b.dev_w, a.sys_r + b.sys_r,
			     a.dev_r + b.dev_r, a.syncs + b.syncs };
}

static void fixture_init(struct fixture *x)
{
	*x = (struct fixture){ .s = {
		.tool = "ioamp-top", .version = "0.1.0", .kernel = "6.1.0-28-amd64", .types = "btf",
		.target = "the whole machine", .duration_s = 2, .settle_s = -1, .interval_s = 2,
		.complete = true, .start = { 1795420800, 0 }, .exit_status = -1,
	} };
	for (int l = 0; l < LAYER_MAX; l++)
		x->s.layers[l] = (struct layer_state){ .available = true, .via = "tp_btf" };
	x->s.layers[LAYER_VFS] = (struct layer_state){ .reason = "no kprobes, and fentry is refused", .code = REASON_REFUSED };
	x->s.rows = x->rows;
	x->s.totals = row_of(BY_TOTAL, plus(plus(plus(etcd_wal, etcd_db), plus(pg_wal, pg_data)),
					    plus(minio, nobody)));
}

static struct row *add(struct fixture *x, enum row_by by, struct act a)
{
	struct row *r = &x->rows[x->s.nr_rows++];

	*r = row_of(by, a);
	return r;
}

static void add_background(struct fixture *x, enum row_by by)
{
	add(x, by, nobody)->kind = ROW_BACKGROUND;
}

static void fill_systems(struct fixture *x)
{
	fixture_init(x);
	add(x, BY_SYSTEM, minio)->system = "minio";
	add(x, BY_SYSTEM, plus(pg_wal, pg_data))->system = "postgres";
	add(x, BY_SYSTEM, plus(etcd_wal, etcd_db))->system = "etcd";
	add_background(x, BY_SYSTEM);
}

static void fill_roles(struct fixture *x)
{
	static const struct { const char *system, *role; const struct act *a; } roles[] = {
		{ "minio", "data", &minio }, { "postgres", "data", &pg_data }, { "postgres", "wal", &pg_wal },
		{ "etcd", "wal", &etcd_wal }, { "etcd", "snap/db", &etcd_db },
	};

	fixture_init(x);
	for (size_t i = 0; i < COUNT(roles); i++) {
		struct row *r = add(x, BY_ROLE, *roles[i].a);

		r->system = roles[i].system;
		r->role = roles[i].role;
	}
	add_background(x, BY_ROLE);
}

static void fill_processes(struct fixture *x)
{
	static const struct { const char *comm, *system; uint32_t pid; const struct act *a; } all[] = {
		{ "minio", "minio", 700, &minio }, { "postgres", "postgres", 812, &pg_data },
		{ "postgres", "postgres", 813, &pg_wal }, { "etcd", "etcd", 41, &etcd_wal },
		{ "etcd", "etcd", 42, &etcd_db },
	};

	fixture_init(x);
	for (size_t i = 0; i < COUNT(all); i++) {
		struct row *r = add(x, BY_PROCESS, *all[i].a);

		r->comm = all[i].comm;
		r->system = all[i].system;
		r->pid = all[i].pid;
		r->id = all[i].pid + 1000;
		r->has_pid = true;
		r->cgroup = "/system.slice/some.service";
	}
	add_background(x, BY_PROCESS);
}

static void fill_files(struct fixture *x)
{
	fixture_init(x);
	add(x, BY_FILE, minio)->file =
		"/data1/.minio.sys/tmp/a-very-long-path/that-does-not-fit/into-any-column/part.1";
	add(x, BY_FILE, pg_data)->file = "/var/lib/postgresql/15/main/base/5/16384";
	add(x, BY_FILE, etcd_wal)->file = "/var/lib/etcd/member/wal/\xe6\x97\xa5\xe6\x9c\xac.wal";
	add(x, BY_FILE, etcd_db)->file = "/tmp/\033[2Jevil\nname";
	add(x, BY_FILE, nobody);
	for (size_t i = 0; i < x->s.nr_rows; i++)
		x->rows[i].id = x->rows[i].file ? (uint32_t)i + 1 : 0;
}

static void feed(struct top *t, enum top_tab tab, void (*fill)(struct fixture *))
{
	struct fixture x;

	fill(&x);
	assert_int_equal(top_feed_tab(t, tab, &x.s), 0);
}

static void feed_all(struct top *t)
{
	feed(t, TAB_SYSTEMS, fill_systems);
	feed(t, TAB_ROLES, fill_roles);
	feed(t, TAB_FILES, fill_files);
	feed(t, TAB_PROCESSES, fill_processes);
}

static void facts(struct top *t)
{
	struct fixture x;

	fixture_init(&x);
	t->facts.version = "0.1.0";
	t->facts.host = "node7";
	t->facts.kernel = "6.1.0-28-amd64";
	t->facts.target = "the whole machine";
	t->facts.clock = "14:23:45";
	t->facts.up_s = 761;
	t->facts.interval_s = 2;
	t->facts.own_cpu = 0.42;
	t->facts.complete = true;
	t->facts.disks = 2;
	t->facts.by_file = true;
	memcpy(t->facts.layers, x.s.layers, sizeof(x.s.layers));
}

static struct top *top_new(void)
{
	struct top *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	top_init(t);
	facts(t);
	return t;
}

static void top_gone(struct top *t)
{
	top_free(t);
	free(t);
}

static void press(struct top *t, uint32_t key)
{
	assert_int_equal(top_lines_make(t), 0);
	top_keys_press(t, key, 0, 0);
	assert_int_equal(top_lines_make(t), 0);
}

/* The name of a line, with "system role" as on the tab of roles. */
static const char *name_at(struct top *t, size_t line)
{
	static char name[512];

	assert_true(line < t->lines.n);
	top_name(name, sizeof(name), &t->lines.v[line].entry->last, true);
	return name;
}

static void assert_lines(struct top *t, const char *const *names, size_t n)
{
	assert_int_equal(top_lines_make(t), 0);
	assert_int_equal(t->lines.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(name_at(t, i), names[i]);
}
#define ASSERT_LINES(t, ...) \
	assert_lines(t, (const char *const[]){ __VA_ARGS__ }, \
		     COUNT(((const char *const[]){ __VA_ARGS__ })))

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
	row_add(&sum, &b);
	assert_true(sum.device.write.bytes == a.device.write.bytes + b.device.write.bytes);
	assert_false(sum.cache.cancelled.known);
	assert_false(sum.device.write.has_ns);
	assert_true(sum.device.read.has_ns);
	row_subtract(&sum, &b);
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
		top_name(name, sizeof(name), &r, false);
		assert_string_equal(name, of[i].shown);
		top_name(name, sizeof(name), &r, true);
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

static void type(struct top *t, const char *text)
{
	for (; *text; text++)
		press(t, (unsigned char)*text);
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

/* ---- whole screens ---- */

static void assert_golden(const char *name, const char *text, size_t len)
{
	char path[512], *want = calloc(1, 1 << 20);
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	if (getenv("RECORD_GOLDEN")) {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(text, 1, len, f), len);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(path, "r");
	if (!f || !want)
		fail_msg("%s: %s", path, strerror(errno));
	n = fread(want, 1, (1 << 20) - 1, f);
	fclose(f);
	if (n != len || memcmp(want, text, len))
		fail_msg("differs from %s; it is now:\n%s", path, text);
	free(want);
}

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

		assert_golden(screens[i].name, text, len);
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
	assert_golden("top-batch.txt", text, len);
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
	assert_golden("top-export.csv", text, len);
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
		cmocka_unit_test(test_sums), cmocka_unit_test(test_row_sum), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_ended_are_joined), cmocka_unit_test(test_namesakes), cmocka_unit_test(test_names), cmocka_unit_test(test_order),
		cmocka_unit_test(test_tree), cmocka_unit_test(test_selection_sticks),
		cmocka_unit_test(test_search), cmocka_unit_test(test_filter),
		cmocka_unit_test(test_ways_down), cmocka_unit_test(test_what_is_asked),
		cmocka_unit_test(test_usual), cmocka_unit_test(test_keys), cmocka_unit_test(test_mouse), cmocka_unit_test(test_screens),
		cmocka_unit_test(test_any_size), cmocka_unit_test(test_styles), cmocka_unit_test(test_grid),
		cmocka_unit_test(test_layout), cmocka_unit_test(test_batch), cmocka_unit_test(test_batch_order),
		cmocka_unit_test(test_export),
		cmocka_unit_test(test_many_rows),
	};

	/* which characters are wide is known in a UTF-8 locale only */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
