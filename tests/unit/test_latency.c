/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_latency - slots, percentiles and rows of powers of two against sorted lists; windows
 * of the kernel side's values; rows by each dimension; the writers against golden files.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/json.h"
#include "ledger/latency.h"
#include "report/out.h"
#include "tools/iolatency-layers/out_latency.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define DATA		"tests/data"

/* ---- histograms ---- */

/* As the kernel side finds a slot. */
static unsigned int slot_of(uint64_t ns)
{
	unsigned int shift = 0, slot;

	while (ns >> shift >= 2 * HIST_SUB)
		shift++;
	slot = shift * HIST_SUB + (unsigned int)(ns >> shift);
	return slot < HIST_SLOTS ? slot : HIST_SLOTS - 1;
}

static uint64_t lower_of(unsigned int slot)
{
	return slot ? hist_upper(slot - 1) + 1 : 0;
}

static uint64_t count_of(const struct hist *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < HIST_SLOTS; i++)
		n += h->n[i];
	return n;
}

static void test_slots(void **state)
{
	static const uint64_t some[] = { 0, 1, 15, 16, 31, 32, 33, 63, 64, 999, 1000, 4095, 4096, 99999999,
					 1ULL << 40, (1ULL << 46) + 12345 };

	(void)state;
	/* every slot begins where the one before it ended, and holds both its bounds */
	for (unsigned int s = 0; s < HIST_SLOTS; s++) {
		assert_int_equal(slot_of(lower_of(s)), s);
		assert_int_equal(slot_of(hist_upper(s)), s);
		/* 16 to the octave: a slot is at most 1/16 of its lower bound wide */
		assert_true((hist_upper(s) - lower_of(s)) * 16 <= lower_of(s));
	}
	for (size_t i = 0; i < COUNT(some); i++) {
		unsigned int s = slot_of(some[i]);

		assert_true(lower_of(s) <= some[i] && some[i] <= hist_upper(s));
	}
	assert_int_equal(slot_of(UINT64_MAX), HIST_SLOTS - 1);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void test_percentiles(void **state)
{
	static const unsigned int permilles[] = { 1, 500, 900, 990, 999, 1000 };
	uint64_t v[1009], seed = 88172645463325252ULL;
	struct hist h = { 0 };

	(void)state;
	assert_int_equal(hist_percentile(&h, 500, 0), 0);
	for (size_t i = 0; i < COUNT(v); i++) {
		/* xorshift; four decades */
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		v[i] = seed % (1000ULL << (seed >> 60));
		h.n[slot_of(v[i])]++;
	}
	qsort(v, COUNT(v), sizeof(*v), by_value);
	for (size_t i = 0; i < COUNT(permilles); i++) {
		size_t rank = (COUNT(v) * permilles[i] + 999) / 1000;
		uint64_t truth = v[rank - 1], got = hist_percentile(&h, permilles[i], v[COUNT(v) - 1]);
		uint64_t off = got > truth ? got - truth : truth - got;

		assert_true(off * 32 <= truth + 32);
		assert_int_equal(slot_of(got), slot_of(truth));
	}
	assert_int_equal(count_of(&h), COUNT(v));
	/* never longer than the longest */
	memset(&h, 0, sizeof(h));
	h.n[slot_of(1000)] = 3;
	assert_int_equal(hist_percentile(&h, 990, 1000), 1000);
}

static void test_fold(void **state)
{
	uint64_t rows[HIST_ROWS];
	struct hist h = { 0 };

	(void)state;
	assert_int_equal(hist_fold(&h, 1000, rows), 0);
	h.n[slot_of(500)] = 2;
	h.n[slot_of(1500)] = 3;
	h.n[slot_of(2500)] = 5;
	h.n[slot_of(100000000)] = 7;	/* 2^16 to 2^17 us */
	assert_int_equal(hist_fold(&h, 1000, rows), 17);
	assert_int_equal(rows[0], 5);
	assert_int_equal(rows[1], 5);
	assert_int_equal(rows[16], 7);
	assert_int_equal(rows[15], 0);
	assert_int_equal(hist_fold(&h, 1000000, rows), 7);
	assert_int_equal(rows[0], 10);
	assert_int_equal(rows[6], 7);
}

/* ---- windows ---- */

/* A wait of `ns`, `device` of it on the device, the rest above. */
static void add_wait(struct lat_entry *e, uint64_t ns, uint64_t device)
{
	unsigned int slot = slot_of(ns);

	e->key.octave = (uint8_t)(slot / LAT_SLOTS);
	e->val.slot[slot % LAT_SLOTS]++;
	e->val.wait_ns += ns;
	e->val.part[PART_ABOVE] += ns - device;
	e->val.part[PART_DEVICE] += device;
	if (ns > e->val.max_ns)
		e->val.max_ns = ns;
}

static struct lat_entry entry(uint32_t actor, uint32_t dev, enum op op, enum iface iface)
{
	struct lat_entry e = { .key = { .actor = actor, .dev = dev, .op = op, .iface = iface } };

	return e;
}

static void test_windows(void **state)
{
	struct lat_entry before[2] = { entry(16, 1, OP_READ, IFACE_READ), entry(17, 1, OP_READ, IFACE_READ) };
	struct lat_entry now[3];

	(void)state;
	add_wait(&before[0], 1020, 20);
	add_wait(&before[1], 1020, 20);
	memcpy(now, before, sizeof(before));
	now[2] = entry(18, 1, OP_READ, IFACE_READ);
	add_wait(&now[0], 1000, 900);	/* shorter than the longest: its slot's bound is known */
	add_wait(&now[2], 5, 5);
	assert_int_equal(latency_subtract(now, 3, before, 2), 2);
	assert_int_equal(now[0].key.actor, 16);
	assert_int_equal(now[0].val.wait_ns, 1000);
	assert_int_equal(now[0].val.part[PART_DEVICE], 900);
	assert_int_equal(now[0].val.part[PART_ABOVE], 100);
	assert_int_equal(now[0].val.max_ns, 1020);	/* its slot's bound is 1023 */
	assert_int_equal(now[1].key.actor, 18);
	assert_int_equal(now[1].val.max_ns, 5);
	/* a new longest one is exact */
	now[0] = before[0];
	add_wait(&now[0], 1021, 0);
	assert_int_equal(latency_subtract(now, 1, before, 2), 1);
	assert_int_equal(now[0].val.max_ns, 1021);
}

/* What left the table and what came to it again under the same key are one. */
static void test_merge(void **state)
{
	struct lat_entry v[3] = { entry(17, 1, OP_READ, IFACE_READ), entry(16, 1, OP_READ, IFACE_READ),
		entry(17, 1, OP_READ, IFACE_READ) };

	(void)state;
	add_wait(&v[0], 1000, 900);
	add_wait(&v[1], 5, 5);
	add_wait(&v[2], 1020, 20);
	assert_int_equal(latency_merge(v, 3), 2);
	assert_int_equal(v[0].key.actor, 16);
	assert_int_equal(v[0].val.wait_ns, 5);
	assert_int_equal(v[1].key.actor, 17);
	assert_int_equal(v[1].val.wait_ns, 2020);
	assert_int_equal(v[1].val.part[PART_DEVICE], 920);
	assert_int_equal(v[1].val.max_ns, 1020);
	assert_int_equal(latency_merge(NULL, 0), 0);
}

/* ---- rows ---- */

static const struct ledger_actor actors[] = {
	{ .id = 16, .process = 16, .tgid = 400, .target = true, .comm = "postgres", .system = "postgres",
	  .role = "walwriter", .cgroup = "/db" },
	{ .id = 17, .process = 17, .tgid = 401, .target = true, .comm = "postgres", .system = "postgres",
	  .role = "checkpointer", .cgroup = "/db" },
	{ .id = 18, .process = 18, .tgid = 7, .target = true, .comm = "dd\x1b[2J\xff" },
	{ .id = 19, .process = 19, .tgid = 8, .target = false, .comm = "other" },
};

#define MS 1000000ULL

static size_t fill(struct lat_entry *v)
{
	size_t n = 0;

	v[n] = entry(16, 1, OP_SYNC, IFACE_FDATASYNC);
	add_wait(&v[n], 5 * MS, MS);
	v[n].val.part[PART_ABOVE] -= 3 * MS;
	v[n++].val.part[PART_JOURNAL] += 3 * MS;
	v[n] = entry(17, 1, OP_SYNC, IFACE_FDATASYNC);
	add_wait(&v[n], 6 * MS, MS);
	add_wait(&v[n++], 6 * MS + 1, MS);
	v[n] = entry(16, 1, OP_SYNC, IFACE_FDATASYNC);	/* another octave of the first */
	add_wait(&v[n++], 100 * MS, 90 * MS);
	v[n] = entry(18, 2, OP_READ, IFACE_PREAD64);
	add_wait(&v[n++], 1500, 0);
	v[n] = entry(19, 2, OP_READ, IFACE_PREAD64);
	add_wait(&v[n++], 1500, 0);
	v[n] = entry(17, 1, OP_WRITE, IFACE_NONE);
	v[n].key.background = 1;
	add_wait(&v[n++], 900 * MS, 900 * MS);
	v[n] = entry(ACTOR_BACKGROUND, 1, OP_WRITE, IFACE_NONE);
	v[n].key.background = 1;
	add_wait(&v[n++], 2 * MS, MS);
	return n;
}

static void build(enum row_by by, bool others, const char *only, struct latency *l)
{
	struct lat_entry v[16];
	const struct latency_disk disks[] = {
		{ 1, "sda", !only || !strcmp(only, "sda") }, { 2, "sdb", !only || !strcmp(only, "sdb") },
	};
	struct latency_input in = {
		.by = by, .others = others, .v = v, .n = fill(v), .actors = actors, .nr_actors = COUNT(actors),
		.disks = disks, .nr_disks = COUNT(disks),
	};

	assert_int_equal(latency_build(&in, l), 0);
	for (size_t i = 0; i < l->nr_rows; i++) {
		const struct latency_row *r = &l->rows[i];
		uint64_t sum = 0;

		for (int p = 0; p < PART_MAX; p++)
			sum += r->part[p];
		assert_int_equal(sum, r->wait_ns);
		assert_int_equal(count_of(&r->hist), r->count);
	}
}

static void test_rows_by_process(void **state)
{
	struct latency l;

	(void)state;
	build(BY_PROCESS, true, NULL, &l);
	assert_int_equal(l.nr_rows, 5);
	/* what callers waited for first, the longest of it first */
	assert_int_equal(l.rows[0].id.pid, 400);
	assert_int_equal(l.rows[0].count, 2);
	assert_int_equal(l.rows[0].wait_ns, 105 * MS);
	assert_int_equal(l.rows[0].max_ns, 100 * MS);
	assert_int_equal(l.rows[0].part[PART_JOURNAL], 3 * MS);
	assert_string_equal(l.rows[0].id.role, "walwriter");
	assert_string_equal(l.rows[0].id.disk, "sda");
	assert_int_equal(l.rows[1].id.pid, 401);
	assert_string_equal(l.rows[2].id.system, "other");
	assert_false(l.rows[2].id.background);
	assert_true(l.rows[3].id.background);
	assert_int_equal(l.rows[3].wait_ns, 900 * MS);
	assert_int_equal(l.rows[3].id.pid, 401);
	assert_false(l.rows[4].id.has_pid);
	assert_null(l.rows[4].id.system);
	/* the total is of callers alone */
	assert_int_equal(l.total.count, 5);
	assert_int_equal(l.total.wait_ns, 117 * MS + 1501);
	latency_free(&l);
}

static void test_rows_by_others(void **state)
{
	static const struct { enum row_by by; size_t rows; const char *name; } cases[] = {
		{ BY_SYSTEM, 4, "postgres" }, { BY_ROLE, 5, "postgres" }, { BY_CGROUP, 4, NULL },
		{ BY_DEVICE, 3, NULL },
	};
	struct latency l;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		build(cases[i].by, true, NULL, &l);
		assert_int_equal(l.nr_rows, cases[i].rows);
		assert_false(l.rows[0].id.has_pid);
		if (cases[i].name)
			assert_string_equal(l.rows[0].id.system, cases[i].name);
		else
			assert_null(l.rows[0].id.system);
		assert_int_equal(l.total.count, 5);
		latency_free(&l);
	}
	/* of a target, what belongs to nobody in it leaves; so do other disks */
	build(BY_PROCESS, false, NULL, &l);
	assert_int_equal(l.nr_rows, 4);
	latency_free(&l);
	build(BY_PROCESS, true, "sdb", &l);
	assert_int_equal(l.nr_rows, 1);
	assert_int_equal(l.rows[0].id.pid, 7);
	latency_free(&l);
}

/* ---- writers ---- */

static void golden(const char *name, const char *text)
{
	char path[256], *want = calloc(1, 1 << 16);
	FILE *f;

	assert_non_null(want);
	snprintf(path, sizeof(path), DATA "/%s", name);
	if (getenv("RECORD_GOLDEN")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(fread(want, 1, (1 << 16) - 1, f) > 0);
	fclose(f);
	if (strcmp(want, text))
		fail_msg("differs from %s; it is now:\n%s", path, text);
	free(want);
}

static void fill_summary(struct summary *s, const struct latency *l)
{
	static const char *const argv[] = { "pgbench", "-c", "4", NULL };

	memset(s, 0, sizeof(*s));
	s->tool = "iolatency-layers";
	s->version = "0.1.0";
	s->kernel = "6.1.0";
	s->types = "btf";
	s->start.s = 1795420800;
	s->duration_s = 3.5;
	s->settle_s = s->interval_s = -1;
	s->complete = true;
	s->argv = (char *const *)argv;
	s->exit_status = 0;
	for (int i = 0; i < LAYER_MAX; i++)
		s->layers[i] = (struct layer_state){ .available = true, .via = "tp_btf" };
	s->totals.by = BY_TOTAL;
	s->latency = l;
	s->latency_note = "jbd2's commits are not seen";
}

static void write_text(const char *name, enum row_by by, const struct out_style *style)
{
	struct summary s;
	struct latency l;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	build(by, true, NULL, &l);
	fill_summary(&s, &l);
	assert_int_equal(out_latency_text(f, &s, style), 0);
	fclose(f);
	golden(name, text);
	free(text);
	latency_free(&l);
}

static void test_text(void **state)
{
	(void)state;
	write_text("latency.txt", BY_PROCESS, &(struct out_style){ .width = 80 });
	write_text("latency-wide.txt", BY_PROCESS, &(struct out_style){ .width = 80, .wide = true, .millis = true });
	write_text("latency-role.txt", BY_ROLE, &(struct out_style){ .width = 80, .raw = true });
	write_text("latency-disk.txt", BY_DEVICE, &(struct out_style){ .width = 80 });
}

static void test_csv(void **state)
{
	struct summary s;
	struct latency l;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	build(BY_PROCESS, true, NULL, &l);
	fill_summary(&s, &l);
	assert_int_equal(out_latency_csv_header(f), 0);
	assert_int_equal(out_latency_csv(f, &s), 0);
	fclose(f);
	golden("latency.csv", text);
	free(text);
	latency_free(&l);
}

static void test_json(void **state)
{
	char path[] = "/tmp/ioamp-latency-XXXXXX", command[256];
	struct summary s;
	struct latency l;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int fd = mkstemp(path), status;

	(void)state;
	assert_true(fd >= 0);
	build(BY_PROCESS, true, NULL, &l);
	fill_summary(&s, &l);
	assert_int_equal(out_summary_json(f, &s, out_latency_json), 0);
	fclose(f);
	assert_non_null(strstr(text, "\"op\":\"sync\",\"interface\":\"fdatasync\",\"background\":false,\"count\":2,"
				     "\"wait_ns\":105000000,\"parts\":{\"above_block\":11000000,"));
	assert_non_null(strstr(text, "\"max_ns\":100000000,\"histogram\":[[5242879,1],[100663295,1]]"));
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	close(fd);
	golden("latency.json", text);
	snprintf(command, sizeof(command), "python3 tests/unit/check_schema.py %s tests/data/summary.schema.json", path);
	status = system(command);
	unlink(path);
	free(text);
	latency_free(&l);
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
	/* the writer of another tool adds no such member */
	f = open_memstream(&text, &size);
	assert_int_equal(out_summary_json(f, &s, NULL), 0);
	fclose(f);
	assert_null(strstr(text, "\"latency"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots), cmocka_unit_test(test_percentiles), cmocka_unit_test(test_fold),
		cmocka_unit_test(test_windows), cmocka_unit_test(test_merge), cmocka_unit_test(test_rows_by_process),
		cmocka_unit_test(test_rows_by_others), cmocka_unit_test(test_text), cmocka_unit_test(test_csv),
		cmocka_unit_test(test_json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
