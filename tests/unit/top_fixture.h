/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_fixture.h - a made-up machine for the tests of ioamp-top: what owners did in two seconds, and its screen. */
#ifndef IOAMP_TEST_TOP_FIXTURE_H
#define IOAMP_TEST_TOP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ledger/figures.h"
#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_keys.h"

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

static inline struct row row_of(enum row_by by, struct act a)
{
	struct row r = { .by = by };

	figures_zero(&r);
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

static inline struct act plus(struct act a, struct act b)
{
	return (struct act){ a.sys_w + b.sys_w, a.fs_w + b.fs_w, a.dev_w + b.dev_w, a.sys_r + b.sys_r,
			     a.dev_r + b.dev_r, a.syncs + b.syncs };
}

static inline void fixture_init(struct fixture *x)
{
	*x = (struct fixture){ .s = {
		.tool = "ioamp-top", .version = "0.1.0", .kernel = "6.1.0-28-amd64", .types = "btf",
		.target = "the whole machine", .duration_s = 2, .settle_s = -1, .interval_s = 2,
		.complete = true, .start = { 1795420800, 0 }, .exit_status = -1,
	} };
	for (int l = 0; l < LAYER_MAX; l++)
		x->s.layers[l] = (struct layer_state){ .available = true, .via = "tp_btf" };
	x->s.layers[LAYER_VFS] = (struct layer_state){
		.reason = "no kprobes, and fentry is refused", .code = REASON_REFUSED,
	};
	x->s.rows = x->rows;
	x->s.totals = row_of(BY_TOTAL, plus(plus(plus(etcd_wal, etcd_db), plus(pg_wal, pg_data)),
					    plus(minio, nobody)));
}

static inline struct row *add(struct fixture *x, enum row_by by, struct act a)
{
	struct row *r = &x->rows[x->s.nr_rows++];

	*r = row_of(by, a);
	return r;
}

static inline void add_background(struct fixture *x, enum row_by by)
{
	add(x, by, nobody)->kind = ROW_BACKGROUND;
}

static inline void fill_systems(struct fixture *x)
{
	fixture_init(x);
	add(x, BY_SYSTEM, minio)->system = "minio";
	add(x, BY_SYSTEM, plus(pg_wal, pg_data))->system = "postgres";
	add(x, BY_SYSTEM, plus(etcd_wal, etcd_db))->system = "etcd";
	add_background(x, BY_SYSTEM);
}

static inline void fill_roles(struct fixture *x)
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

static inline void fill_processes(struct fixture *x)
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

static inline void fill_files(struct fixture *x)
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

static inline void feed(struct top *t, enum top_tab tab, void (*fill)(struct fixture *))
{
	struct fixture x;

	fill(&x);
	assert_int_equal(top_feed_tab(t, tab, &x.s), 0);
}

static inline void feed_all(struct top *t)
{
	feed(t, TAB_SYSTEMS, fill_systems);
	feed(t, TAB_ROLES, fill_roles);
	feed(t, TAB_FILES, fill_files);
	feed(t, TAB_PROCESSES, fill_processes);
}

static inline void facts(struct top *t)
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

static inline struct top *top_new(void)
{
	struct top *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	top_init(t);
	facts(t);
	return t;
}

static inline void top_gone(struct top *t)
{
	top_free(t);
	free(t);
}

static inline void press(struct top *t, uint32_t key)
{
	assert_int_equal(top_lines_make(t), 0);
	top_keys_press(t, key, 0, 0);
	assert_int_equal(top_lines_make(t), 0);
}

/* The name of a line, with "system role" as on the tab of roles. */
static inline const char *name_at(struct top *t, size_t line)
{
	static char name[512];

	assert_true(line < t->lines.n);
	top_columns_name(name, sizeof(name), &t->lines.v[line].entry->last, true);
	return name;
}

static inline void assert_lines(struct top *t, const char *const *names, size_t n)
{
	assert_int_equal(top_lines_make(t), 0);
	assert_int_equal(t->lines.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(name_at(t, i), names[i]);
}
#define ASSERT_LINES(t, ...) \
	assert_lines(t, (const char *const[]){ __VA_ARGS__ }, \
		     COUNT(((const char *const[]){ __VA_ARGS__ })))

static inline void type(struct top *t, const char *text)
{
	for (; *text; text++)
		press(t, (unsigned char)*text);
}

#endif
