/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_selftest - the self-test's comparison, figure by figure, and its report against golden files. */
#include "tests/unit/golden.h"
#include "tools/ioamp-doctor/out_selftest.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))

static struct row rows[3];
static struct disk_row disk;

/* What a machine must measure that counts right. */
static void measured(struct summary *s, const struct known *k)
{
	struct row *r = &rows[0];

	memset(s, 0, sizeof(*s));
	memset(rows, 0, sizeof(rows));
	s->version = "0.1.0";
	s->kernel = "6.1.0-28-amd64";
	s->types = "btf";
	s->complete = true;
	for (int i = 0; i < LAYER_MAX; i++)
		s->layers[i] = (struct layer_state){ .available = true, .via = "tp_btf" };
	r->kind = ROW_OWNER;
	r->has_pid = true;
	r->pid = k->pid;
	r->app.iface[IFACE_PWRITE64] = (struct io){ .ops = 23, .bytes = 94208 };
	r->app.iface[IFACE_WRITE] = (struct io){ .ops = 997, .bytes = 997000 };
	r->app.iface[IFACE_WRITEV] = (struct io){ .ops = 128, .bytes = 8388608 };
	r->app.iface[IFACE_PREAD64] = (struct io){ .ops = 23, .bytes = 94208 };
	r->app.iface[IFACE_READ] = (struct io){ .ops = 17, .bytes = 1052672 };
	r->app.sync.ops = 1;
	r->vfs.write = (struct io){ .ops = 1148, .bytes = 9479816 };
	r->vfs.read = (struct io){ .ops = 40, .bytes = 1146880 };
	r->vfs.sync.ops = 1;
	r->cache.dirtied = (struct maybe){ 999424 + 8388608, true };
	r->cache.cancelled = (struct maybe){ 8388608, true };
	r->cache.pending = (struct maybe){ 0, true };
	r->cache.miss = (struct maybe){ 1052672, true };
	r->cache.hit = (struct maybe){ 0, true };
	r->cache.filled = 1052672;
	r->fs_write[CLASS_DATA].bytes = 1093632;
	r->fs_read[CLASS_DATA].bytes = 1146880;
	r->block.write.bytes = r->device.write.bytes = 1171456;
	r->block.read.bytes = r->device.read.bytes = 1146880;
	s->totals = *r;
	rows[1] = (struct row){ .kind = ROW_BACKGROUND };
	rows[1].block.write.bytes = rows[1].device.write.bytes = 4096;
	rows[2] = (struct row){ .kind = ROW_UNATTRIBUTED };
	s->rows = rows;
	s->nr_rows = 3;
	disk = (struct disk_row){ .name = "loop3", .leaf = true, .write_bytes = 1175552,
		.read_bytes = 1146880, .kernel_write_bytes = { 1175552, true },
		.kernel_read_bytes = { 1146880, true } };
	s->disks = &disk;
	s->nr_disks = 1;
}

static const struct known known = {
	.pid = 4711, .page = 4096, .direct_write_ops = 23, .direct_write_bytes = 94208,
	.buffered_ops = 997, .buffered_bytes = 997000, .gone_ops = 128, .gone_bytes = 8388608,
	.direct_read_ops = 23, .direct_read_bytes = 94208, .cold_ops = 17, .cold_bytes = 1052672,
	.syncs = 1, .disk_read_bytes = { 1146880, true }, .disk_write_bytes = { 1175552, true },
	.disk = "loop3", .alone = true,
};

static void begin(struct selftest *t, struct summary *s)
{
	memset(t, 0, sizeof(*t));
	t->filesystem = "ext4";
	t->disk = "loop3";
	strcpy(t->place, "loop3 over memory");
	t->known = known;
	measured(s, &t->known);
}

static void test_selftest_passes(void **state)
{
	struct out_style style = { .width = 80 };
	struct selftest t;
	struct summary s;
	struct capture c;

	(void)state;
	begin(&t, &s);
	s.layers[LAYER_VFS] = (struct layer_state){ .reason = "no kprobes", .code = REASON_REFUSED };
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 0);
	assert_int_equal(selftest_count(&t, FIGURE_UNAVAILABLE), 5);
	assert_int_equal(out_selftest_text(capture(&c), &t, false, &style), 0);
	golden_report("selftest.txt", &c);
	assert_int_equal(out_selftest_text(capture(&c), &t, true, &style), 0);
	fclose(c.f);
	assert_string_equal(c.buf, "");
	free(c.buf);
	assert_int_equal(out_selftest_json(capture(&c), &t), 0);
	golden_schema("doctor.schema.json", &c);
}

static void assert_only(const struct selftest *t, const char *layer, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		bool it = !strcmp(t->v[i].layer, layer) && !strcmp(t->v[i].name, name);

		if ((t->v[i].verdict == FIGURE_MISMATCH) != it)
			fail_msg("%s %s: %s, looking for %s %s", t->v[i].layer, t->v[i].name,
				 selftest_verdict_name(t->v[i].verdict), layer, name);
	}
}

/* Each wrong number is seen, and by the figure it belongs to alone. */
static void test_selftest_sees_each_mistake(void **state)
{
	struct selftest t;
	struct summary s;
	const struct {
		uint64_t *number;
		const char *layer, *name;
	} list[] = {
		{ &s.totals.app.iface[IFACE_PWRITE64].ops, "application", "direct write calls" },
		{ &s.totals.app.iface[IFACE_PWRITE64].bytes, "application", "direct write bytes" },
		{ &s.totals.app.iface[IFACE_WRITE].ops, "application", "buffered write calls" },
		{ &s.totals.app.iface[IFACE_WRITE].bytes, "application", "buffered write bytes" },
		{ &s.totals.app.iface[IFACE_WRITEV].ops, "application", "unlinked write calls" },
		{ &s.totals.app.iface[IFACE_WRITEV].bytes, "application", "unlinked write bytes" },
		{ &s.totals.app.iface[IFACE_PREAD64].ops, "application", "direct read calls" },
		{ &s.totals.app.iface[IFACE_PREAD64].bytes, "application", "direct read bytes" },
		{ &s.totals.app.iface[IFACE_READ].ops, "application", "cold read calls" },
		{ &s.totals.app.iface[IFACE_READ].bytes, "application", "cold read bytes" },
		{ &s.totals.app.sync.ops, "application", "sync calls" },
		{ &s.totals.vfs.write.ops, "vfs", "writes" },
		{ &s.totals.vfs.write.bytes, "vfs", "write bytes" },
		{ &s.totals.vfs.read.ops, "vfs", "reads" },
		{ &s.totals.vfs.read.bytes, "vfs", "read bytes" },
		{ &s.totals.vfs.sync.ops, "vfs", "syncs" },
		{ &s.totals.cache.dirtied.v, "cache", "dirtied bytes" },
		{ &s.totals.cache.cancelled.v, "cache", "cancelled bytes" },
		{ &s.totals.cache.pending.v, "cache", "pending bytes" },
		{ &s.totals.cache.filled, "cache", "bytes read in" },
		{ &s.totals.cache.hit.v, "cache", "hit bytes" },
		{ &s.totals.fs_write[CLASS_DATA].bytes, "filesystem", "data written" },
		{ &s.totals.fs_read[CLASS_DATA].bytes, "filesystem", "data read" },
		{ &rows[0].block.write.bytes, "block", "write bytes" },
		{ &rows[0].block.read.bytes, "block", "read bytes" },
		{ &rows[0].device.write.bytes, "balance", "rows less disks" },
		{ &rows[0].fs_write[CLASS_DATA].bytes, "owner", "the child's data" },
		{ &disk.kernel_write_bytes.v, "balance", "unexplained written" },
		{ &disk.kernel_read_bytes.v, "balance", "unexplained read" },
		{ &s.losses.map_full, "balance", "losses" },
		{ &t.known.disk_read_bytes.v, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list) - 1; i++) {
		begin(&t, &s);
		++*list[i].number;
		selftest_compare(&t, &s);
		assert_only(&t, list[i].layer, list[i].name);
	}
	/* the kernel's own count differs from ours: two layers are wrong */
	begin(&t, &s);
	t.known.disk_read_bytes.v++;
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 2);
	/* another process got the row */
	begin(&t, &s);
	rows[0].pid++;
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 2);
}

/* Not seen is never a match, and never a mismatch. */
static void test_selftest_dark(void **state)
{
	struct out_style style = { .width = 80 };
	struct selftest t;
	struct summary s;
	struct capture c;

	(void)state;
	begin(&t, &s);
	memset(s.totals.app.iface, 0, sizeof(s.totals.app.iface));
	for (int i = 0; i < LAYER_MAX; i++)
		s.layers[i] = (struct layer_state){ .reason = "not asked for (--layer)", .code = REASON_NOT_ASKED };
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 0);
	for (size_t i = 0; i < t.n; i++)
		assert_true(t.v[i].verdict == FIGURE_OK || t.v[i].reason);

	begin(&t, &s);
	s.totals.cache.cancelled.known = s.totals.cache.pending.known = false;
	t.known.disk_read_bytes.known = t.known.disk_write_bytes.known = false;
	t.known.no_direct = "this file system has no direct I/O";
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 0);
	assert_int_equal(selftest_count(&t, FIGURE_UNAVAILABLE), 2 + 4 + 4);

	begin(&t, &s);
	s.totals.cache.cancelled.v = 65536;
	s.losses.owner_evicted = 354;
	s.complete = false;
	s.incomplete_reason = "owners of some dirty pages found no room; try a larger --map-size";
	selftest_compare(&t, &s);
	assert_int_equal(out_selftest_text(capture(&c), &t, true, &style), 0);
	golden_report("selftest-failed.txt", &c);
	assert_int_equal(out_selftest_json(capture(&c), &t), 0);
	golden_schema("doctor.schema.json", &c);
}

/* Figures of few layers prove little: --attach fentry leaves one, and 7 figures of 34. */
static void test_selftest_of_one_layer(void **state)
{
	static const char last[] = "NOT TESTED: 34 figures: 7 match, 0 mismatches, 27 unavailable; the layer"
		" application is unavailable";
	struct out_style style = { .width = 200 };
	struct selftest t;
	struct summary s;
	struct capture c;

	(void)state;
	begin(&t, &s);
	selftest_compare(&t, &s);
	assert_true(selftest_passed(&t));
	/* not every kernel lets anybody probe its functions */
	begin(&t, &s);
	s.layers[LAYER_VFS] = (struct layer_state){ .reason = "no kprobes", .code = REASON_REFUSED };
	selftest_compare(&t, &s);
	assert_true(selftest_passed(&t));
	begin(&t, &s);
	for (int i = 0; i < LAYER_MAX; i++)
		if (i != LAYER_VFS)
			s.layers[i] = (struct layer_state){ .reason = "no hook of the kind asked for",
							    .code = REASON_OTHER_KIND };
	s.layers[LAYER_VFS] = (struct layer_state){ .available = true, .via = "fentry" };
	selftest_compare(&t, &s);
	assert_false(selftest_passed(&t));
	assert_int_equal(out_selftest_text(capture(&c), &t, false, &style), 0);
	fclose(c.f);
	assert_non_null(strstr(c.buf, last));
	free(c.buf);
}

/* A disk that others use, and a file system whose metadata counts as data: bounds. */
static void test_selftest_bounds(void **state)
{
	struct selftest t;
	struct summary s;

	(void)state;
	begin(&t, &s);
	t.known.alone = false;
	t.filesystem = "btrfs";
	s.totals.fs_write[CLASS_METADATA].bytes = 65536;
	s.totals.cache.dirtied.v += 126976;
	disk.kernel_write_bytes.v += 1 << 20;
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 0);
	t.filesystem = "ext4";
	t.known.guessed = true;
	s.totals.fs_write[CLASS_DATA].bytes -= 94208;
	s.totals.fs_write[CLASS_OTHER].bytes += 94208;
	selftest_compare(&t, &s);
	assert_int_equal(selftest_count(&t, FIGURE_MISMATCH), 0);
	s.totals.device.write.bytes = 1093631;
	selftest_compare(&t, &s);
	assert_only(&t, "device", "owner's write bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selftest_passes),
		cmocka_unit_test(test_selftest_sees_each_mistake),
		cmocka_unit_test(test_selftest_dark),
		cmocka_unit_test(test_selftest_of_one_layer),
		cmocka_unit_test(test_selftest_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
