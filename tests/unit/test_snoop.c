/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_snoop - the events of iosnoop-amp as text, JSON and CSV, and the table that ends it. */
#include "summaries.h"

#include <locale.h>
#include <time.h>

#include "tools/iosnoop-amp/out_event.h"
#include "tools/iosnoop-amp/out_snoop.h"

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
	x.s.layers[LAYER_VFS] = (struct layer_state){ .reason = "no kprobes", .code = REASON_REFUSED };
	assert_int_equal(out_snoop_table(capture_open(&c), &x.s, &style), 0);
	assert_golden("snoop-no-vfs.txt", &c);
	capture_close(&c);
}

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

static const struct event event_samples[] = {
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
	assert_int_equal(out_event_lost_json(c.f, 3, 1000), 0);
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

static struct event hostile_event(const struct ioamp_event *e)
{
	return (struct event){ .e = e, .wall_s = 1795420800, .wall_ns = 123456789,
				   .comm = HOSTILE_COMM, .file = HOSTILE_FILE, .pid = 1 };
}

static void write_events(FILE *f)
{
	const struct ioamp_event nothing = { .lat_ns = UINT64_MAX, .offset = UINT64_MAX };
	const struct event ev = hostile_event(&nothing);

	assert_int_equal(out_event_json(f, &ev), 0);
	assert_int_equal(out_event_lost_json(f, 3, 4), 0);
}

static void test_schema(void **state)
{
	(void)state;
	assert_schema(write_events);
}

static void assert_all_fail(FILE *f, int expected)
{
	const struct out_style style = { 0 };
	struct fixture x;

	assert_non_null(f);
	fill_contract(&x);
	assert_int_equal(out_snoop_table(f, &x.s, &style), expected);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(out_event_text(f, &event_samples[0], &style), expected);
	assert_int_equal(out_event_json(f, &event_samples[0]), expected);
	assert_int_equal(out_event_csv(f, &event_samples[0]), expected);
	fclose(f);
}

static void test_failing_streams(void **state)
{
	(void)state;
	each_failing_stream(assert_all_fail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snoop_table),
		cmocka_unit_test(test_event_names),
		cmocka_unit_test(test_event_text),
		cmocka_unit_test(test_event_json),
		cmocka_unit_test(test_event_csv),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_failing_streams),
	};

	setlocale(LC_CTYPE, "C.UTF-8");	/* as tool_main() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
