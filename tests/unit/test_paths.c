/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_paths - parts of a path put together, and joined with mounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/file_path.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define DEV(major, minor) ((uint32_t)(major) << 20 | (minor))

/* ---- inside the file system ---- */

static const struct { const char *names; uint32_t length; bool cut; const char *path; } insides[] = {
	{ "f", 2, false, "/f" },
	{ "f\0b\0a", 6, false, "/a/b/f" },
	{ "f\0b\0a", 6, true, "/.../a/b/f" },
	{ "a b\0\xff\n\"", 8, false, "/\xff\n\"/a b" },
	{ "", 0, false, NULL },
	{ "", 0, true, NULL },
	/* without its last NUL */
	{ "f\0b", 3, false, "/b/f" },
	{ "f\0b", 3, true, "/.../b/f" },
	/* what an earlier use left behind the end is not looked at */
	{ "f\0old\0older", 2, false, "/f" },
};

static void test_inside(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(insides); i++) {
		struct file_entry e = { .length = insides[i].length, .cut = insides[i].cut };
		char *path;

		memcpy(e.names, insides[i].names, insides[i].length);
		assert_int_equal(file_path_inside(&e, &path), 0);
		if (insides[i].path)
			assert_string_equal(path, insides[i].path);
		else
			assert_null(path);
		free(path);
	}
}

/* Whatever the kernel's table has: no byte outside of it is touched (the sanitizers watch). */
static void test_inside_full(void **state)
{
	struct file_entry e = { .cut = 1 };
	char *path;

	(void)state;
	memset(e.names, 'x', sizeof(e.names));
	e.length = UINT32_MAX;
	assert_int_equal(file_path_inside(&e, &path), 0);
	assert_int_equal(strlen(path), sizeof(e.names) + strlen("/.../"));
	free(path);
	memset(e.names, 0, sizeof(e.names));
	assert_int_equal(file_path_inside(&e, &path), 0);
	assert_int_equal(strlen(path), sizeof(e.names) + strlen("/..."));
	free(path);
}

/* ---- mounts ---- */

static const char table[] =
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"21 20 8:2 / /data rw - ext4 /dev/sda2 rw\n"
	"22 20 8:2 /sub /mnt/b\\040ind rw - ext4 /dev/sda2 rw\n"
	"23 20 8:2 /sub/deep /mnt/deep rw - ext4 /dev/sda2 rw\n"
	"24 20 8:2 / /again rw - ext4 /dev/sda2 rw\n"
	"25 20 0:40 /@home /home rw - btrfs /dev/null rw\n"
	"26 20 0:40 /@a\\134b\\012 /odd rw - btrfs /dev/null rw\n"
	"27 20 8:3 /one/file /etc/file rw - ext4 /dev/sda3 rw\n"
	"28 20 8:4 / /bytes\xff rw - ext4 /dev/sda4 rw\n";

static const struct { uint32_t dev; const char *inside; const char *paths[4]; } joins[] = {
	{ DEV(8, 1), "/etc/passwd", { "/etc/passwd" } },
	{ DEV(8, 2), "/x", { "/data/x", "/again/x" } },
	{ DEV(8, 2), "/sub/x", { "/data/sub/x", "/again/sub/x", "/mnt/b ind/x" } },
	/* not a part of the name alone */
	{ DEV(8, 2), "/subx", { "/data/subx", "/again/subx" } },
	{ DEV(8, 2), "/sub/deep/x", { "/data/sub/deep/x", "/again/sub/deep/x", "/mnt/b ind/deep/x",
				      "/mnt/deep/x" } },
	{ DEV(0, 40), "/@home/me/f", { "/home/me/f" } },
	{ DEV(0, 40), "/@other/f", { NULL } },
	{ DEV(0, 40), "/@a\\b\n/f", { "/odd/f" } },
	/* a mounted file */
	{ DEV(8, 3), "/one/file", { "/etc/file" } },
	{ DEV(8, 3), "/one/file2", { NULL } },
	{ DEV(8, 4), "/f", { "/bytes\xff/f" } },
	{ DEV(9, 9), "/f", { NULL } },
};

static void test_join(void **state)
{
	FILE *f = fmemopen((void *)table, sizeof(table) - 1, "r");
	struct mounts m;

	(void)state;
	assert_int_equal(mounts_parse(&m, f), 0);
	fclose(f);
	for (size_t i = 0; i < COUNT(joins); i++) {
		for (unsigned int n = 0; n < COUNT(joins[i].paths); n++) {
			char *path;

			assert_int_equal(file_path_join(&m, joins[i].dev, joins[i].inside, n, &path), 0);
			if (joins[i].paths[n])
				assert_string_equal(path, joins[i].paths[n]);
			else
				assert_null(path);
			free(path);
			if (!joins[i].paths[n])
				break;
		}
	}
	mounts_free(&m);
}

static void test_deleted(void **state)
{
	static const struct { const char *path; size_t length; } cases[] = {
		{ "", 0 }, { "/a", 2 }, { "/a (deleted)", 2 }, { "/a (deleted) (deleted)", 12 },
		{ " (deleted)", 10 }, { "/a (deleted)b", 13 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(file_path_length(cases[i].path), cases[i].length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deleted), cmocka_unit_test(test_inside),
		cmocka_unit_test(test_inside_full),
		cmocka_unit_test(test_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
