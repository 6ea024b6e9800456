/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summaries - for tests of writers: summaries of known contents, and what is written of them caught
 * and compared with the golden files of tests/data (RECORD_GOLDEN=1 re-records them).
 */
#ifndef SUMMARIES_H
#define SUMMARIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"
#include "ledger/summary.h"

#define TEST_DATA	"tests/data"	/* from the root of the tree */
#define TEST_CHECK_SCHEMA	"tests/unit/check_schema.py"
#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define SKIP_STATUS	77
#define KNOWN(n)	{ (n), true }

/* Names no one should have, all legal for the kernel. */
#define HOSTILE_COMM	"e\"v\\i\nl,\033[2J\xff"
#define HOSTILE_FILE	"/mnt/\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80/\xc3\xa9\xe2" \
			"\x82\xac\xf0\x9f\x98\x80\t\xe2\x80\xae.txt"

/* ---- summaries ---- */

static inline struct io io(uint64_t ops, uint64_t bytes)
{
	return (struct io){ .ops = ops, .bytes = bytes };
}

static inline struct io timed(uint64_t ops, uint64_t bytes, uint64_t ns)
{
	return (struct io){ ops, bytes, ns, true };
}

/* product.md section 3: 1000 writes of 100 bytes with a sync each, on ext4. */
static inline struct row contract_row(enum row_by by)
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

static inline void fill_contract(struct fixture *x)
{
	*x = (struct fixture){ .s = {
		.tool = "ioamp-stat", .version = "1.0.0", .kernel = "6.1.0-50-cloud-amd64",
		.types = "btf", .start = { 1795420800, 123456789 },
		.duration_s = 3.21, .settle_s = 0.4, .interval_s = -1, .complete = true,
		.nr_rows = 1, .nr_disks = 1, .argv = (char *const *)contract_argv,
	} };
	for (int l = 0; l < LAYER_MAX; l++)
		x->s.layers[l] = (struct layer_state){ .available = true, .via = "tp_btf" };
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

static inline struct row hostile_row(void)
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
static inline void fill_odd(struct fixture *x)
{
	static const char *const argv[] = { "sh", "-c", "echo \xff\n", NULL };

	fill_contract(x);
	x->s.argv = (char *const *)argv;
	x->s.exit_status = 3;
	x->s.complete = false;
	x->s.incomplete_reason = "the map of counters was full";
	x->s.losses = (struct losses){ .map_full = 3, .compat_tasks = 12 };
	x->s.layers[LAYER_VFS] = (struct layer_state){ .via = "fentry",
		.reason = "no kprobes, and fentry is refused (lockdown)", .code = REASON_REFUSED };
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
static inline void fill_dark(struct fixture *x)
{
	fill_contract(x);
	for (int l = 0; l < LAYER_MAX; l++)
		x->s.layers[l] = (struct layer_state){ .reason = "lockdown", .code = REASON_REFUSED };
	x->s.nr_rows = x->s.nr_disks = 0;
	x->s.argv = NULL;
	x->s.settle_s = -1;
	x->s.interval_s = 1;
}

/* Rows per system, for the table of iosnoop-amp: the seed's operations. */
static inline void fill_systems(struct fixture *x)
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

/* ---- capture and compare ---- */

struct capture {
	FILE *f;
	char *buf;
	size_t len;
};

static inline FILE *capture_open(struct capture *c)
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

static inline void capture_close(struct capture *c)
{
	fclose(c->f);
	free(c->buf);
}

static inline void record_golden(const char *path, const struct capture *c)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(c->buf, 1, c->len, f), c->len);
	assert_int_equal(fclose(f), 0);
}

static inline void assert_golden(const char *name, struct capture *c)
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
static inline void assert_plain(const char *text, size_t columns)
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

/* Is each line of JSON that `write` writes as the schema says? Skips where python3 lacks its library. */
static inline void assert_schema(void (*write_lines)(FILE *f))
{
	char path[] = "/tmp/test_schema.XXXXXX", command[1024];
	int fd = mkstemp(path), status;
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	write_lines(f);
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof(command), "python3 %s %s %s/summary.schema.json",
		 TEST_CHECK_SCHEMA, path, TEST_DATA);
	status = system(command);
	unlink(path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP_STATUS)
		skip();
	assert_int_equal(status, 0);
}

/* Fields of the first record of RFC 4180 text; *rest is what follows it. */
static inline size_t csv_fields(const char *text, const char **rest)
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

/* Streams that fail: a full disk, and a pipe whose reader left; `write_all` closes them. */
static inline void each_failing_stream(void (*write_all)(FILE *f, int expected))
{
	int fds[2];

	write_all(fopen("/dev/full", "w"), -ENOSPC);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	write_all(fdopen(fds[1], "w"), -EPIPE);
}

#endif
