/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_rows - what a row is made of, and parts of the whole: systems and roles,
 * threads with a role of their own, drill-down; shares of a later window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define SDA		(8u << 20)
#define META		POOL_ID(POOL_META, POOL_DEV(SDA))
#define TXN		POOL_ID(POOL_TXN, 3)

/* A is a process of etcd, its thread T compacts; B of postgres, C of nothing known. */
enum { A = ACTOR_FIRST, T, B, C };
enum { WAL = 1, SNAP, HEAP, SNAP_AGAIN };

static const struct ledger_actor people[] = {
	{ .id = A, .process = A, .tgid = 10, .target = true, .comm = "etcd", .system = "etcd", .cgroup = "/e" },
	{ .id = T, .process = A, .tgid = 10, .target = true, .comm = "etcd", .system = "etcd",
	  .role = "compaction", .cgroup = "/e" },
	{ .id = B, .process = B, .tgid = 20, .target = true, .comm = "postgres", .system = "postgres",
	  .role = "checkpointer", .cgroup = "/p" },
	{ .id = C, .process = C, .tgid = 30, .target = true, .comm = "dd", .cgroup = "/p" },
};
static const struct ledger_file files[] = {
	{ WAL, WAL, "/e/member/wal/0.wal" }, { SNAP, SNAP, "/e/member/snap/db" },
	{ HEAP, HEAP, "/p/base/1/2" }, { SNAP_AGAIN, SNAP, "/e/member/snap/db" },
};
static const struct disk disk = { .name = "sda", .dev = SDA, .leaf = true };

#define LINE(actor, layer, cls, bytes, file) \
	{ { actor, SDA, layer, OP_WRITE, cls, 0, file }, { 1, bytes, 0, 0 } }
static const struct count counts[] = {
	LINE(A, LAYER_APPLICATION, IFACE_WRITE, 100, WAL),
	LINE(A, LAYER_DEVICE, CLASS_DATA, 4096, WAL),
	LINE(A, LAYER_DEVICE, CLASS_JOURNAL, 8192, 0),
	LINE(T, LAYER_DEVICE, CLASS_DATA, 16384, SNAP),
	LINE(T, LAYER_DEVICE, CLASS_DATA, 1, SNAP_AGAIN),
	LINE(T, LAYER_DEVICE, CLASS_DATA, 32768, HEAP),
	LINE(B, LAYER_DEVICE, CLASS_DATA, 65536, HEAP),
	LINE(C, LAYER_DEVICE, CLASS_DATA, 131072, WAL),
	LINE(ACTOR_BACKGROUND, LAYER_DEVICE, CLASS_METADATA, 262144, 0),
};

/* The wal is wal to etcd alone; of a file with two numbers the first has the role. */
static const struct ledger_role roles[] = {
	{ "etcd", WAL, "wal" }, { "mysql", WAL, "binlog" }, { "etcd", SNAP, "data" },
};

static struct ledger_disk disks[] = { { .disk = &disk, .selected = true } };

static void build_from(struct ledger *out, enum row_by by, const struct ledger_only *only,
		       const struct ledger_lines *lines)
{
	const struct ledger_input in = {
		.by = by, .only = only, .counts = counts, .nr_counts = COUNT(counts), .actors = people,
		.nr_actors = COUNT(people), .files = files, .nr_files = COUNT(files), .disks = disks,
		.nr_disks = 1, .roles = roles, .nr_roles = COUNT(roles), .lines = lines,
	};

	assert_int_equal(ledger_build(&in, out), 0);
}

static void build(struct ledger *out, enum row_by by, const struct ledger_only *only)
{
	build_from(out, by, only, NULL);
}

/* Lines that were resolved for any question serve all others. */
static void test_resolved_once(void **state)
{
	const struct ledger_input in = {
		.counts = counts, .nr_counts = COUNT(counts), .actors = people, .nr_actors = COUNT(people),
		.disks = disks, .nr_disks = 1,
	};
	const struct ledger_only etcd = { .system = "etcd" };
	struct ledger_lines lines;

	(void)state;
	assert_int_equal(ledger_resolve(&in, &lines), 0);
	for (int by = BY_SYSTEM; by <= BY_DEVICE; by++)
		for (int part = 0; part < 2; part++) {
			struct ledger now, once;

			build(&now, (enum row_by)by, part ? &etcd : NULL);
			build_from(&once, (enum row_by)by, part ? &etcd : NULL, &lines);
			assert_true(now.nr_rows == once.nr_rows && once.nr_rows > 0);
			assert_memory_equal(now.rows, once.rows, now.nr_rows * sizeof(*now.rows));
			assert_memory_equal(&now.totals, &once.totals, sizeof(now.totals));
			ledger_free(&now);
			ledger_free(&once);
		}
	free(lines.v);
}

/* "system/role/file/pid=bytes" of each row, largest first. */
static void expect(enum row_by by, const struct ledger_only *only, const char *rows)
{
	char got[1024] = "";
	struct ledger l;

	build(&l, by, only);
	for (size_t i = 0; i < l.nr_rows; i++) {
		const struct row *r = &l.rows[i];
		const char *name = r->kind != ROW_OWNER ? row_kind_name(r->kind) :
				   by == BY_FILE ? r->file : by == BY_CGROUP ? r->cgroup :
				   by == BY_DEVICE ? r->disk : r->system;

		name = name ? name : "-";

		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s%s%s=%llu", i ? " " : "",
			 name, r->role ? "/" : "", r->role ? r->role : "",
			 (unsigned long long)r->device.write.bytes);
	}
	assert_string_equal(got, rows);
	ledger_free(&l);
}

static void test_rows(void **state)
{
	(void)state;
	expect(BY_SYSTEM, NULL, "background=262144 other=131072 postgres=65536 etcd=61441");
	expect(BY_ROLE, NULL, "background=262144 other=131072 postgres/checkpointer=65536"
	       " etcd/compaction=32768 etcd/data=16385 etcd/other=8192 etcd/wal=4096");
	/* a thread with a role is no row by process; two numbers of one file are one */
	expect(BY_PROCESS, NULL, "background=262144 other=131072 postgres/checkpointer=65536 etcd=61441");
	expect(BY_FILE, NULL, "background=262144 /e/member/wal/0.wal=135168 /p/base/1/2=98304"
	       " /e/member/snap/db=16385 -=8192");
	expect(BY_CGROUP, NULL, "background=262144 /p=196608 /e=61441");
	expect(BY_DEVICE, NULL, "sda=520193");
}

static void test_parts(void **state)
{
	(void)state;
	expect(BY_ROLE, &(struct ledger_only){ .system = "etcd" },
	       "etcd/compaction=32768 etcd/data=16385 etcd/other=8192 etcd/wal=4096");
	expect(BY_FILE, &(struct ledger_only){ .system = "etcd", .role = "data" }, "/e/member/snap/db=16385");
	expect(BY_FILE, &(struct ledger_only){ .system = "etcd", .no_role = true }, "-=8192");
	expect(BY_FILE, &(struct ledger_only){ .system = "etcd", .role = "other" }, "-=8192");
	expect(BY_PROCESS, &(struct ledger_only){ .file = SNAP }, "etcd=16385");
	expect(BY_PROCESS, &(struct ledger_only){ .no_file = true }, "etcd=8192");
	expect(BY_SYSTEM, &(struct ledger_only){ .system = "other" }, "other=131072");
	expect(BY_FILE, &(struct ledger_only){ .process = A },
	       "/p/base/1/2=32768 /e/member/snap/db=16385 -=8192 /e/member/wal/0.wal=4096");
	expect(BY_SYSTEM, &(struct ledger_only){ .cgroup = "/p" }, "other=131072 postgres=65536");
	/* what was asked for has no disk */
	expect(BY_SYSTEM, &(struct ledger_only){ .disk = "sda", .system = "etcd" }, "etcd=61441");
	/* of a disk alone all is a part, so that it adds up to the disk */
	expect(BY_SYSTEM, &(struct ledger_only){ .disk = "sda" },
	       "background=262144 other=131072 postgres=65536 etcd=61441");
	expect(BY_SYSTEM, &(struct ledger_only){ .disk = "sdb" }, "");
	expect(BY_SYSTEM, &(struct ledger_only){ .system = "mysql" }, "");
}

/* What programs asked for is of no disk: unknown, not 0. */
static void test_disk_hides(void **state)
{
	struct ledger l;

	(void)state;
	build(&l, BY_SYSTEM, &(struct ledger_only){ .disk = "sda" });
	for (size_t i = 0; i < l.nr_rows; i++)
		assert_true(l.rows[i].absent & 1u << LAYER_APPLICATION);
	assert_true(l.totals.absent & 1u << LAYER_CACHE);
	ledger_free(&l);
}

/* Totals are of the part, too. */
static void test_totals(void **state)
{
	struct ledger l;

	(void)state;
	build(&l, BY_ROLE, &(struct ledger_only){ .system = "etcd" });
	assert_int_equal(l.totals.device.write.bytes, 61441);
	assert_int_equal(l.totals.app.write.bytes, 100);
	ledger_free(&l);
}

/* Of a file, a group or a container: named where all of its bytes are of one system. */
static void test_systems_of_others(void **state)
{
	struct ledger l;

	(void)state;
	build(&l, BY_CGROUP, NULL);
	for (size_t i = 0; i < l.nr_rows; i++) {
		if (l.rows[i].cgroup && !strcmp(l.rows[i].cgroup, "/e"))
			assert_string_equal(l.rows[i].system, "etcd");
		else
			assert_null(l.rows[i].system);	/* postgres and dd; nobody's */
	}
	ledger_free(&l);
	build(&l, BY_FILE, NULL);
	for (size_t i = 0; i < l.nr_rows; i++)
		if (l.rows[i].file && !strcmp(l.rows[i].file, "/e/member/snap/db"))
			assert_string_equal(l.rows[i].system, "etcd");
	ledger_free(&l);
}

/* Two of a kind are two rows, by system and by role; and each can be asked for. */
static void test_instances(void **state)
{
	static const struct ledger_actor two[] = {
		{ .id = A, .process = A, .tgid = 10, .target = true, .comm = "etcd", .system = "etcd",
		  .instance = "/a" },
		{ .id = B, .process = B, .tgid = 20, .target = true, .comm = "etcd", .system = "etcd",
		  .instance = "/b" },
	};
	static const struct count moved[] = {
		LINE(A, LAYER_DEVICE, CLASS_DATA, 4096, WAL), LINE(B, LAYER_DEVICE, CLASS_DATA, 8192, WAL),
	};
	const struct ledger_only b = { .system = "etcd", .instance = "/b" };
	const struct ledger_only none = { .system = "etcd", .no_instance = true };
	struct ledger_input in = {
		.by = BY_SYSTEM, .counts = moved, .nr_counts = COUNT(moved), .actors = two,
		.nr_actors = COUNT(two), .files = files, .nr_files = COUNT(files), .disks = disks,
		.nr_disks = 1, .roles = roles, .nr_roles = COUNT(roles),
	};
	struct ledger l;

	(void)state;
	for (int by = BY_SYSTEM; by <= BY_ROLE; by++) {
		in.by = (enum row_by)by;
		in.only = NULL;
		assert_int_equal(ledger_build(&in, &l), 0);
		assert_int_equal(l.nr_rows, 2);
		assert_string_equal(l.rows[0].instance, "/b");
		assert_int_equal(l.rows[0].device.write.bytes, 8192);
		assert_string_equal(l.rows[1].instance, "/a");
		ledger_free(&l);
		in.only = &b;
		assert_int_equal(ledger_build(&in, &l), 0);
		assert_int_equal(l.nr_rows, 1);
		assert_int_equal(l.totals.device.write.bytes, 8192);
		ledger_free(&l);
		/* a row without an instance is not one with any */
		in.only = &none;
		assert_int_equal(ledger_build(&in, &l), 0);
		assert_int_equal(l.nr_rows, 0);
		ledger_free(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_parts), cmocka_unit_test(test_resolved_once), cmocka_unit_test(test_disk_hides),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_systems_of_others),
		cmocka_unit_test(test_instances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
