/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ledger - rows, totals and disks against truth stated by hand. */
#include "ledger_world.h"
#include "ledger/ledger_disks.h"

#include <stdlib.h>

/* ---- kinds, filters, totals ---- */

static void add_everyone(struct world *w)
{
	static const __u32 who[] = { A, B, C, D, ACTOR_SELF, ACTOR_BACKGROUND, ACTOR_OUTSIDE,
		ACTOR_UNATTRIBUTED, ACTOR_NONE, ACTOR_PENDING, 4711 };

	for (size_t i = 0; i < COUNT(who); i++) {
		add_device(w, who[i], SDA, CLASS_DATA, 1ull << i);
		add(w, who[i], LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 1ull << i);
	}
}

static void test_kinds(void **state)
{
	static const uint64_t expected[ROW_KIND_MAX] = {
		[ROW_SELF] = 1 << 4, [ROW_BACKGROUND] = 1 << 5,
		[ROW_OUTSIDE] = 1 << 3 | 1 << 6,	/* the filtered one, too */
		/* nobody, not met yet, and one whose name was lost */
		[ROW_UNATTRIBUTED] = 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10,
	};
	struct world w;

	(void)state;
	world_new(&w);
	add_everyone(&w);
	build(&w);
	assert_int_equal(w.out.nr_rows, 3 + 4);
	for (size_t i = 0; i < 3; i++) {
		const struct row *r = row_of(&w, people[i].tgid);

		assert_int_equal(r->kind, ROW_OWNER);
		assert_int_equal(r->device.write.bytes, 1 << i);
		assert_string_equal(r->comm, people[i].comm);
		assert_string_equal(r->cgroup, people[i].cgroup);
		assert_string_equal(r->system, "other");
		assert_int_equal(r->absent, 0);
	}
	for (int k = ROW_SELF; k < ROW_KIND_MAX; k++) {
		const struct row *r = row_of_kind(&w, (enum row_kind)k);

		assert_int_equal(r->device.write.bytes, expected[k]);
		assert_int_equal(r->app.write.bytes, expected[k]);
		assert_false(r->has_pid);
		assert_null(r->comm);
		assert_int_equal(disk_row_of(&w, "sda")->write_by_kind[k], expected[k]);
	}
	assert_int_equal(disk_row_of(&w, "sda")->write_by_kind[ROW_OWNER], 7);
	assert_int_equal(disk_row_of(&w, "sda")->write_bytes, (1 << 11) - 1);
	/* the target's rows alone; the largest first */
	assert_int_equal(w.out.totals.by, BY_TOTAL);
	assert_int_equal(w.out.totals.device.write.bytes, 7);
	assert_int_equal(w.out.totals.app.write.bytes, 7);
	for (size_t i = 1; i < w.out.nr_rows; i++)
		assert_true(w.out.rows[i - 1].device.write.bytes >= w.out.rows[i].device.write.bytes);
	/* -a: everything */
	w.in.all = true;
	build(&w);
	assert_int_equal(w.out.totals.device.write.bytes, (1 << 11) - 1);
	assert_int_equal(w.out.totals.app.write.bytes, (1 << 11) - 1);
	ledger_free(&w.out);
}

static void test_by_cgroup(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.in.by = BY_CGROUP;
	add_everyone(&w);
	build(&w);
	assert_int_equal(w.out.nr_rows, 2 + 4);
	for (size_t i = 0; i < w.out.nr_rows; i++) {
		const struct row *r = &w.out.rows[i];

		assert_int_equal(r->by, BY_CGROUP);
		assert_false(r->has_pid);
		assert_null(r->comm);
		if (r->kind == ROW_OWNER)
			assert_int_equal(r->device.write.bytes, strcmp(r->cgroup, "/one") ? 2 : 1 + 4);
		else
			assert_null(r->cgroup);
	}
	/* unknown cgroups are one row, apart from the rest */
	w.actors[0].cgroup = w.actors[1].cgroup = NULL;
	build(&w);
	assert_int_equal(w.out.nr_rows, 2 + 4);
	ledger_free(&w.out);
}

/* One row per file over all processes, one for what is no file's data, one per other kind. */
static void test_by_file(void **state)
{
	static const struct { __u32 actor, file; uint64_t bytes; } device[] = {
		{ A, 3, 1 }, { B, 3, 2 }, { A, 5, 4 }, { A, 9, 8 }, { C, 7, 16 }, { A, 0, 32 },
		{ B, 4711, 64 },	/* its name was lost */
		{ D, 3, 128 }, { ACTOR_BACKGROUND, 5, 256 }, { ACTOR_BACKGROUND, 0, 512 },
	};
	static const struct { const char *file; uint64_t bytes; } rows[] = {
		{ NULL, 32 + 64 }, { "/a", 16 }, { "/b", 12 }, { "/a", 3 }, { "/c", 0 },
	};
	struct world w;
	size_t owners = 0;

	(void)state;
	world_new(&w);
	add_files(&w);
	for (size_t i = 0; i < COUNT(device); i++)
		add_device(&w, device[i].actor, SDA, CLASS_DATA, device[i].bytes)->key.file =
			device[i].file;
	add(&w, B, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 10)->key.file = 8;
	w.pending[0] = (struct pending){ A, 5, 1000 };
	w.pending[1] = (struct pending){ A, 9, 100 };
	w.pending[2] = (struct pending){ D, 5, 10 };
	w.in.nr_pending = 3;
	build(&w);
	for (size_t i = 0; i < w.out.nr_rows; i++) {
		const struct row *r = &w.out.rows[i];

		assert_int_equal(r->by, BY_FILE);
		assert_false(r->has_pid);
		assert_null(r->comm);
		if (r->kind != ROW_OWNER) {
			assert_null(r->file);
			continue;
		}
		assert_true(owners < COUNT(rows));
		assert_int_equal(r->device.write.bytes, rows[owners].bytes);
		if (rows[owners].file)
			assert_string_equal(r->file, rows[owners].file);
		else
			assert_null(r->file);
		assert_int_equal(r->cache.pending.v, rows[owners].bytes == 12 ? 1100 : 0);
		assert_int_equal(r->app.write.bytes, rows[owners].bytes ? 0 : 10);
		owners++;
	}
	assert_int_equal(owners, COUNT(rows));
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->device.write.bytes, 128);
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->cache.pending.v, 10);
	assert_int_equal(row_of_kind(&w, ROW_BACKGROUND)->device.write.bytes, 256 + 512);
	assert_int_equal(w.out.totals.device.write.bytes, 127);
	assert_int_equal(w.out.totals.cache.pending.v, 1100);
	ledger_free(&w.out);
}

/* Below a loop device bytes are of the files above, not of the image; a journal's of none. */
static void test_by_file_stack(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_files(&w);
	add_device(&w, A, LOOP0, CLASS_DATA, 3000)->key.file = 3;
	add_device(&w, A, LOOP0, CLASS_DATA, 1000)->key.file = 5;
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 8000)->key.file = 8;
	add_share(&w, TXN(1), A, 1);
	add_device(&w, TXN(1), SDA, CLASS_JOURNAL, 50);
	build(&w);
	assert_int_equal(w.out.nr_rows, 3);
	assert_string_equal(w.out.rows[0].file, "/a");
	assert_int_equal(w.out.rows[0].device.write.bytes, 6000);
	assert_string_equal(w.out.rows[1].file, "/b");
	assert_int_equal(w.out.rows[1].device.write.bytes, 2000);
	assert_null(w.out.rows[2].file);
	assert_int_equal(w.out.rows[2].device.write.bytes, 50);
	ledger_free(&w.out);
}

static void test_by_container(void **state)
{
	size_t none = 0;
	struct world w;

	(void)state;
	world_new(&w);
	w.in.by = BY_CONTAINER;
	add_everyone(&w);
	build(&w);
	/* those in a container, those in none, and the four other kinds */
	assert_int_equal(w.out.nr_rows, 2 + 4);
	for (size_t i = 0; i < w.out.nr_rows; i++) {
		const struct row *r = &w.out.rows[i];

		assert_int_equal(r->by, BY_CONTAINER);
		assert_false(r->has_pid);
		assert_null(r->comm);
		assert_null(r->cgroup);
		if (r->kind != ROW_OWNER) {
			assert_null(r->container);
		} else if (!r->container) {
			none++;
			assert_int_equal(r->device.write.bytes, 2);
		} else {
			assert_string_equal(r->container, "lxc:x");
			assert_int_equal(r->device.write.bytes, 1 + 4);
		}
	}
	assert_int_equal(none, 1);
	/* the same name in another place of memory is the same container */
	w.actors[1].container = strdup("lxc:x");
	build(&w);
	assert_int_equal(w.out.nr_rows, 1 + 4);
	free((char *)w.actors[1].container);
	w.in.by = BY_PROCESS;
	w.actors[1].container = NULL;
	build(&w);
	assert_string_equal(row_of(&w, 400)->container, "lxc:x");
	assert_null(row_of(&w, 300)->container);
	ledger_free(&w.out);
}

#define ASKED_FOR (1u << LAYER_APPLICATION | 1u << LAYER_VFS | 1u << LAYER_CACHE)

static void test_by_device(void **state)
{
	static const struct { const char *disk; uint64_t device, block; unsigned int absent; } rows[] = {
		{ "sda", 9000, 100, ASKED_FOR }, { "sdb", 50, 0, ASKED_FOR },
		{ "loop0", 0, 4000, ASKED_FOR | 1u << LAYER_DEVICE },
		{ "zram0", 0, 0, ASKED_FOR | 1u << LAYER_DEVICE },
	};
	struct world w;

	(void)state;
	world_new(&w);
	w.in.by = BY_DEVICE;
	add_device(&w, A, LOOP0, CLASS_DATA, 4000);
	add(&w, A, LAYER_BLOCK, OP_WRITE, CLASS_DATA, LOOP0, 1, 4000);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 8000);
	add_device(&w, B, SDA, CLASS_DATA, 1000);
	add(&w, B, LAYER_BLOCK, OP_WRITE, CLASS_DATA, SDA, 1, 100);
	add_device(&w, C, SDB, CLASS_DATA, 50);
	add_device(&w, C, ZRAM, CLASS_SWAP, 77);
	add(&w, A, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 10);
	add(&w, ACTOR_OUTSIDE, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 90);
	build(&w);
	assert_int_equal(w.out.nr_rows, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = NULL;

		for (size_t j = 0; j < w.out.nr_rows; j++)
			if (!strcmp(w.out.rows[j].disk, rows[i].disk))
				r = &w.out.rows[j];
		if (!r)
			fail_msg("no row of %s", rows[i].disk);
		assert_int_equal(r->by, BY_DEVICE);
		assert_int_equal(r->device.write.bytes, rows[i].device);
		assert_int_equal(r->block.write.bytes, rows[i].block);
		assert_int_equal(r->fs_write[CLASS_DATA].bytes, rows[i].block);
		assert_int_equal(r->absent, rows[i].absent);
		assert_int_equal(r->app.write.bytes, 0);
		assert_false(r->has_pid);
	}
	/* the totals add the leaves; who asked for it is not told apart on either side */
	assert_int_equal(w.out.totals.absent, 0);
	assert_int_equal(w.out.totals.device.write.bytes, 9050);
	assert_int_equal(w.out.totals.app.write.bytes, 100);
	ledger_free(&w.out);
}

/* ---- disks ---- */

static void test_memory_disks(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, A, ZRAM, CLASS_SWAP, 4096);
	add_device(&w, A, SDB, CLASS_DATA, 100);
	add(&w, A, LAYER_BLOCK, OP_WRITE, CLASS_SWAP, ZRAM, 1, 4096);
	build(&w);
	assert_int_equal(w.out.totals.device.write.bytes, 100);
	assert_int_equal(w.out.totals.device.write.ops, 1);
	assert_int_equal(w.out.totals.device.write_class[CLASS_SWAP], 0);
	assert_int_equal(w.out.totals.block.write.bytes, 4096);
	assert_int_equal(disk_row_of(&w, "zram0")->write_bytes, 4096);
	assert_int_equal(disk_row_of(&w, "zram0")->write_by_kind[ROW_OWNER], 4096);
	ledger_free(&w.out);
}

static void test_disks_listed(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.disks[2].has_kernel = true;
	w.disks[2].kernel = (struct disk_stat){ .read_bytes = 11, .write_bytes = 22 };
	add_device(&w, A, LOOP0, CLASS_DATA, 1);
	build(&w);
	/* itself, the one below, the one above; nothing else */
	assert_int_equal(w.out.nr_disks, 3);
	assert_null(disk_row_of(&w, "sdb"));
	assert_null(disk_row_of(&w, "zram0"));
	assert_string_equal(disk_row_of(&w, "sda")->parents[0], "loop0");
	assert_null(disk_row_of(&w, "sda")->parents[1]);
	assert_string_equal(disk_row_of(&w, "loop0")->parents[0], "loop1");
	assert_null(disk_row_of(&w, "loop1")->parents[0]);
	assert_true(disk_row_of(&w, "sda")->leaf);
	assert_false(disk_row_of(&w, "loop0")->leaf);
	assert_int_equal(disk_row_of(&w, "loop1")->major, 7);
	assert_int_equal(disk_row_of(&w, "loop1")->minor, 1);
	assert_true(disk_row_of(&w, "loop0")->kernel_read_bytes.known);
	assert_int_equal(disk_row_of(&w, "loop0")->kernel_read_bytes.v, 11);
	assert_int_equal(disk_row_of(&w, "loop0")->kernel_write_bytes.v, 22);
	assert_null(disk_row_of(&w, "loop0")->kernel_reason);
	assert_false(disk_row_of(&w, "sda")->kernel_write_bytes.known);
	assert_string_equal(disk_row_of(&w, "sda")->kernel_reason, "not read");
	/* far from any I/O */
	w.counts[0].key.dev = SDB;
	build(&w);
	assert_int_equal(w.out.nr_disks, 1);
	ledger_free(&w.out);
}

/* -d: what other disks did is in no row, total or list; owners of a stack stay right. */
static void test_disks_selected(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	for (size_t i = 1; i < COUNT(machine); i++)
		w.disks[i].selected = false;
	add_device(&w, A, LOOP0, CLASS_DATA, 1000);
	add_device(&w, B, SDB, CLASS_DATA, 5);
	add(&w, B, LAYER_BLOCK, OP_WRITE, CLASS_DATA, SDB, 1, 5);
	add_device(&w, STACK(LOOP0), SDA, CLASS_DATA, 3000);
	build(&w);
	assert_int_equal(w.out.nr_disks, 1);
	assert_int_equal(w.out.nr_rows, 1);
	assert_int_equal(row_of(&w, 400)->device.write.bytes, 3000);
	assert_int_equal(w.out.totals.device.write.bytes, 3000);
	assert_int_equal(w.out.totals.block.write.bytes, 0);
	ledger_free(&w.out);
}

static void test_errors_and_others(void **state)
{
	const struct row *r;
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, A, SDA, CLASS_DATA, 1000);
	add_device(&w, A, SDA, CLASS_DATA, 24)->key.flags = KEY_ERROR;
	add(&w, A, LAYER_DEVICE, OP_READ, CLASS_DATA, SDA, 1, 8)->key.flags = KEY_ERROR;
	add(&w, A, LAYER_DEVICE, OP_ZEROES, CLASS_DATA, SDA, 1, 65536);
	add(&w, A, LAYER_DEVICE, OP_DISCARD, CLASS_DATA, SDA, 2, 1 << 20);
	add(&w, A, LAYER_DEVICE, OP_FLUSH, CLASS_OTHER, SDA, 3, 0);
	add(&w, A, LAYER_BLOCK, OP_ZEROES, CLASS_DATA, SDA, 1, 65536);
	add(&w, A, LAYER_BLOCK, OP_DISCARD, CLASS_DATA, SDA, 2, 1 << 20);
	add(&w, A, LAYER_BLOCK, OP_FLUSH, CLASS_OTHER, SDA, 3, 4096);
	add_device(&w, A, NOWHERE, CLASS_DATA, 3);	/* gone before it was looked at */
	build(&w);
	r = row_of(&w, 400);
	/* failed bytes are in the total, discarded and zeroed ones never */
	assert_int_equal(r->device.write.bytes, 1024 + 3);
	assert_int_equal(r->device.read.bytes, 8);
	assert_int_equal(r->device.discard.ops, 3);
	assert_int_equal(r->device.discard.bytes, 65536 + (1 << 20));
	assert_int_equal(r->device.flush.ops, 3);
	assert_int_equal(r->device.shared_bytes, 0);
	assert_int_equal(r->block.discard.bytes, 65536 + (1 << 20));
	assert_int_equal(r->block.flush.ops, 3);
	assert_int_equal(r->block.flush.bytes, 0);
	assert_int_equal(r->block.write.bytes, 0);
	assert_int_equal(r->fs_write[CLASS_DATA].bytes, 0);
	assert_int_equal(disk_row_of(&w, "sda")->write_bytes, 1024);
	assert_int_equal(disk_row_of(&w, "sda")->read_bytes, 8);
	assert_int_equal(disk_row_of(&w, "sda")->error_bytes, 32);
	assert_int_equal(disk_row_of(&w, "sda")->zeroes_bytes, 65536);
	ledger_free(&w.out);
}

/* ---- what was asked for ---- */

static void test_application(void **state)
{
	const struct row *r;
	struct world w;

	(void)state;
	world_new(&w);
	add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_PREAD64, SDA, 3, 300)->val.ns = 7;
	/* ten O_SYNC writes: once in write, once in sync, once in the interface */
	add(&w, A, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 10, 1000)->val.ns = 20;
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_WRITE, SDA, 10, 0)->key.flags = KEY_AGAIN;
	/* of a ring: a sync of its own */
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_IO_URING, SDA, 4, 0);
	add(&w, A, LAYER_APPLICATION, OP_ALTER, IFACE_FALLOCATE, SDA, 5, 0);
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_FSYNC, SDA, 2, 0)->val.ns = 3;
	add(&w, A, LAYER_APPLICATION, OP_SYNC, IFACE_MSYNC, SDA, 1, 0);
	add(&w, A, LAYER_VFS, OP_READ, 0, SDA, 4, 40);
	add(&w, A, LAYER_VFS, OP_WRITE, 0, SDA, 5, 50);
	add(&w, A, LAYER_VFS, OP_SYNC, 0, SDA, 6, 0);
	build(&w);
	r = row_of(&w, 400);
	assert_int_equal(r->app.read.ops, 3);
	assert_int_equal(r->app.read.bytes, 300);
	assert_int_equal(r->app.write.ops, 10);
	assert_int_equal(r->app.write.bytes, 1000);
	assert_int_equal(r->app.sync.ops, 17);
	assert_int_equal(r->app.sync.bytes, 0);
	assert_int_equal(r->app.iface[IFACE_IO_URING].ops, 4);
	assert_int_equal(r->app.iface[IFACE_FALLOCATE].ops, 5);
	assert_int_equal(r->app.iface[IFACE_WRITE].ops, 10);
	assert_int_equal(r->app.iface[IFACE_WRITE].bytes, 1000);
	assert_int_equal(r->app.iface[IFACE_FSYNC].ops, 2);
	assert_int_equal(r->app.iface[IFACE_MSYNC].ops, 1);
	assert_int_equal(r->app.iface[IFACE_PREAD64].bytes, 300);
	assert_int_equal(r->vfs.read.ops, 4);
	assert_int_equal(r->vfs.write.bytes, 50);
	assert_int_equal(r->vfs.sync.ops, 6);
	assert_true(r->app.read.has_ns && r->app.write.has_ns && r->app.sync.has_ns);
	assert_int_equal(r->app.write.ns, 20);
	assert_int_equal(r->app.sync.ns, 3);
	assert_false(r->device.write.has_ns || r->block.write.has_ns);
	ledger_free(&w.out);
}

/* product.md section 3: fill, and the rest by arithmetic. */
static void test_cache(void **state)
{
	static const struct {
		const char *name;
		uint64_t read, direct, fill, hit, miss, readahead;
	} cases[] = {
		{ "all from the cache", 1000, 0, 0, 1000, 0, 0 },
		{ "all from the disk", 4096, 0, 4096, 0, 4096, 0 },
		{ "half", 8192, 0, 4096, 4096, 4096, 0 },
		{ "read ahead", 4096, 0, 131072, 0, 4096, 131072 - 4096 },
		{ "faults of exec: nothing was asked for", 0, 0, 65536, 0, 0, 65536 },
		{ "O_DIRECT passes the cache", 9000, 9000, 0, 0, 0, 0 },
		{ "O_DIRECT and cached reads", 10000, 4096, 5904, 0, 5904, 0 },
		{ "O_DIRECT and hits", 10000, 4096, 904, 5000, 904, 0 },
		{ "O_DIRECT and read ahead", 10000, 4096, 8192, 0, 5904, 8192 - 5904 },
		{ "nothing", 0, 0, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row *r;
		struct world w;

		world_new(&w);
		w.in.all = true;
		add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1,
		    cases[i].read - cases[i].direct);
		add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1, cases[i].direct)
			->key.flags = KEY_DIRECT;
		/* direct writes are no reads */
		add(&w, A, LAYER_APPLICATION, OP_WRITE, IFACE_WRITE, SDA, 1, 512)->key.flags = KEY_DIRECT;
		add(&w, A, LAYER_CACHE, CACHE_FILL, 0, SDA, 1, cases[i].fill);
		build(&w);
		r = row_of(&w, 400);
		if (r->cache.hit.v != cases[i].hit || r->cache.miss.v != cases[i].miss ||
		    r->cache.readahead.v != cases[i].readahead)
			fail_msg("%s: hit %lu miss %lu readahead %lu", cases[i].name, r->cache.hit.v,
				 r->cache.miss.v, r->cache.readahead.v);
		assert_true(r->cache.hit.known && r->cache.miss.known && r->cache.readahead.known);
		assert_int_equal(w.out.totals.cache.miss.v, cases[i].miss);
		ledger_free(&w.out);
	}
}

static void test_dirtied_and_pending(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add(&w, A, LAYER_CACHE, CACHE_DIRTIED, 0, SDA, 2, 8192);
	add(&w, A, LAYER_CACHE, CACHE_CANCELLED, 0, SDA, 1, 4096);
	add(&w, A, LAYER_CACHE, CACHE_DIRECT_WRITE, 0, SDA, 1, 512);
	add(&w, A, LAYER_CACHE, CACHE_DIRECT_READ, 0, SDA, 1, 1024);
	w.pending[0] = (struct pending){ A, 0, 100 };
	w.pending[1] = (struct pending){ C, 0, 30 };	/* did nothing else */
	w.pending[2] = (struct pending){ D, 0, 7 };
	w.pending[3] = (struct pending){ META(SDA), 0, 5 };
	w.in.nr_pending = 4;
	build(&w);
	assert_int_equal(row_of(&w, 400)->cache.dirtied.v, 8192);
	assert_int_equal(row_of(&w, 400)->cache.cancelled.v, 4096);
	assert_int_equal(row_of(&w, 400)->cache.direct_write, 512);
	assert_int_equal(row_of(&w, 400)->cache.direct_read, 1024);
	assert_int_equal(row_of(&w, 400)->cache.pending.v, 100);
	assert_int_equal(row_of(&w, 200)->cache.pending.v, 30);
	assert_int_equal(row_of_kind(&w, ROW_OUTSIDE)->cache.pending.v, 7);
	assert_int_equal(w.out.totals.cache.pending.v, 130);
	assert_true(w.out.totals.cache.pending.known && w.out.totals.cache.cancelled.known);
	w.in.all = true;
	build(&w);
	assert_int_equal(w.out.totals.cache.pending.v, 137);
	/* without the application's reads nobody knows what was a hit */
	w.in.has_app = false;
	build(&w);
	assert_false(w.out.totals.cache.hit.known || w.out.totals.cache.miss.known ||
		     w.out.totals.cache.readahead.known);
	/* chunks and inodes do not know */
	w.in.exact_pages = false;
	w.in.nr_pending = 0;
	build(&w);
	assert_false(w.out.totals.cache.pending.known || w.out.totals.cache.cancelled.known);
	assert_true(w.out.totals.cache.dirtied.known);
	ledger_free(&w.out);
}

static void test_nothing(void **state)
{
	struct ledger_input in = { .by = BY_PROCESS };
	struct ledger out;

	(void)state;
	assert_int_equal(ledger_build(&in, &out), 0);
	assert_int_equal(out.nr_rows, 0);
	assert_int_equal(out.nr_disks, 0);
	assert_int_equal(out.totals.device.write.bytes, 0);
	ledger_free(&out);
	assert_null(out.rows);
}

/* What one task read ahead is not what another missed. */
static void test_cache_totals(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	w.in.has_app = true;
	add(&w, A, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1, 4096);
	add(&w, A, LAYER_CACHE, CACHE_FILL, 0, SDA, 1, 8192);
	add(&w, B, LAYER_APPLICATION, OP_READ, IFACE_READ, SDA, 1, 100000);
	build(&w);
	assert_int_equal(w.out.totals.cache.miss.v, 4096);
	assert_int_equal(w.out.totals.cache.readahead.v, 4096);
	assert_int_equal(w.out.totals.cache.hit.v, 100000);
	ledger_free(&w.out);
}

/* The kernel's counters are read between two readings of ours: within that range nothing is unexplained. */
static void test_unexplained(void **state)
{
	struct disk_row r = { .write_bytes = 900, .zeroes_bytes = 100, .read_bytes = 50,
			      .write_slack = { 300, 200 } };

	(void)state;
	for (uint64_t kernel = 700; kernel <= 1200; kernel += 100) {
		r.kernel_write_bytes.v = kernel;
		assert_int_equal(ledger_disk_unexplained(&r, true), 0);
	}
	r.kernel_write_bytes.v = 1201;
	assert_int_equal(ledger_disk_unexplained(&r, true), 1);
	r.kernel_write_bytes.v = 600;
	assert_int_equal(ledger_disk_unexplained(&r, true), -100);
	r.write_slack.below = 5000;	/* more than there is */
	r.kernel_write_bytes.v = 0;
	assert_int_equal(ledger_disk_unexplained(&r, true), 0);
	r.kernel_read_bytes.v = 51;
	assert_int_equal(ledger_disk_unexplained(&r, false), 1);
}

static void test_doubt(void **state)
{
	struct disk_row r[2] = { { .name = "sda", .of_target = true, .kernel_read_bytes.known = true,
				   .kernel_write_bytes = { 4096, true } },
				 { .name = "sdb", .kernel_write_bytes = { 1 << 20, true } } };
	char why[192];

	(void)state;
	assert_false(ledger_disks_doubt(r, 2, why, sizeof(why)));	/* 4 KiB; and not the target's */
	r[0].kernel_write_bytes.v = 4097;
	assert_true(ledger_disks_doubt(r, 2, why, sizeof(why)));
	assert_string_equal(why, "4097 bytes of sda were counted by the kernel alone");
	r[0].kernel_write_bytes.known = false;
	assert_false(ledger_disks_doubt(r, 2, why, sizeof(why)));
	r[0].kernel_read_bytes.v = 100000000;
	r[0].read_bytes = 99990000;	/* 0.01 % */
	assert_false(ledger_disks_doubt(r, 2, why, sizeof(why)));
	r[0].read_bytes = 100010001;
	assert_true(ledger_disks_doubt(r, 2, why, sizeof(why)));
	assert_string_equal(why, "10001 bytes of sda were not counted by the kernel");
	r[0].removed = true;
	assert_true(ledger_disks_doubt(r, 2, why, sizeof(why)));
	assert_string_equal(why, "sda was removed in the window");
}

/* A disk is the target's with bytes of an owner at block or device, or all disks are. */
static void test_disk_of_target(void **state)
{
	struct world w;

	(void)state;
	world_new(&w);
	add_device(&w, A, SDA, CLASS_DATA, 1);
	add_device(&w, D, SDB, CLASS_DATA, 1);
	build(&w);
	assert_true(disk_row_of(&w, "sda")->of_target);
	assert_false(disk_row_of(&w, "sdb")->of_target);
	w.in.all = true;
	ledger_free(&w.out);
	build(&w);
	assert_true(disk_row_of(&w, "sdb")->of_target);
	ledger_free(&w.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_by_cgroup),
		cmocka_unit_test(test_by_file),
		cmocka_unit_test(test_by_file_stack),
		cmocka_unit_test(test_by_container),
		cmocka_unit_test(test_by_device),
		cmocka_unit_test(test_memory_disks),
		cmocka_unit_test(test_disks_listed),
		cmocka_unit_test(test_disks_selected),
		cmocka_unit_test(test_errors_and_others),
		cmocka_unit_test(test_application),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_dirtied_and_pending),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_cache_totals),
		cmocka_unit_test(test_unexplained),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_disk_of_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
