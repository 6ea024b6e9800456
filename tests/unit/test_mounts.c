/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mounts - mounts and control groups from made-up text of /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/cgroup.h"
#include "machine/mounts.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define DEV(major, minor) ((uint32_t)(major) << 20 | (minor))

static FILE *text_file(const char *text)
{
	/* fmemopen() refuses an empty buffer */
	FILE *f = fmemopen((void *)text, strlen(text) + 1, "r");

	assert_non_null(f);
	return f;
}

/* ---- mounts ---- */

struct mount_case {
	const char *line, *path;	/* path NULL: not a mount */
	uint32_t dev, source;
};

static const struct mount_case mount_cases[] = {
	{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
	  "/mnt2", DEV(98, 0), DEV(98, 0) },
	{ "25 1 259:2 / / rw,relatime - ext4 /dev/nvme0n1p2 rw\n", "/", DEV(259, 2), DEV(259, 2) },
	/* no optional fields; several of them */
	{ "26 25 8:17 / /a rw shared:1 master:2 propagate_from:3 - xfs /dev/sdb1 rw\n", "/a",
	  DEV(8, 17), DEV(8, 17) },
	/* blank, tab, newline and backslash are written as octal numbers */
	{ "27 25 8:1 / /a\\040b\\011c\\012d\\134e rw - ext4 /dev/sda1 rw\n", "/a b\tc\nd\\e", DEV(8, 1),
	  DEV(8, 1) },
	{ "28 25 8:1 /some\\040- /- rw - ext4 /dev/sda1 rw\n", "/-", DEV(8, 1), DEV(8, 1) },
	/* large numbers: 20 bits of minor */
	{ "29 25 252:1048575 / /m rw - ext4 /dev/dm-9 rw\n", "/m", DEV(252, 1048575),
	  DEV(252, 1048575) },
	/* no block device behind it, or none that can be found by name */
	{ "30 25 0:5 / /dev rw - devtmpfs udev rw\n", "/dev", DEV(0, 5), 0 },
	{ "31 25 0:21 / /proc rw - proc proc rw\n", "/proc", DEV(0, 21), 0 },
	{ "32 25 0:40 / /b rw - btrfs /dev/null rw\n", "/b", DEV(0, 40), 0 },
	{ "33 25 0:40 / /b rw - btrfs /nonexistent/disk rw\n", "/b", DEV(0, 40), 0 },
	{ "34 25 0:41 / /n rw - nfs host:/x rw\n", "/n", DEV(0, 41), 0 },
	/* cut short: what is there is used */
	{ "35 25 8:2 / /cut", "/cut", DEV(8, 2), DEV(8, 2) },
	{ "35 25 0:2 / /cut rw - ", "/cut", DEV(0, 2), 0 },
	{ "36 25 8:2 / /bad\\04\n", "/bad\\04", DEV(8, 2), DEV(8, 2) },
	{ "36 25 8:2 / /\\099\\400\\12x\n", "/\\099\\400\\12x", DEV(8, 2), DEV(8, 2) },
	{ "37 25 8:2 / /bad\\\n", "/bad\\", DEV(8, 2), DEV(8, 2) },
	{ "38 25 8 / /x rw - ext4 /dev/sda rw\n", NULL, 0, 0 },
	{ "39 25 8:2\n", NULL, 0, 0 },
	{ "\n", NULL, 0, 0 },
	{ "words\n", NULL, 0, 0 },
	{ "", NULL, 0, 0 },
};

static void test_mounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mount_cases); i++) {
		const struct mount_case *c = &mount_cases[i];
		FILE *f = text_file(c->line);
		struct mounts m;

		assert_int_equal(mounts_parse(&m, f), 0);
		fclose(f);
		/* the NUL that ends the buffer is a line of its own, without a mount */
		assert_int_equal(m.n, c->path ? 1 : 0);
		if (c->path) {
			assert_string_equal(m.v[0].path, c->path);
			assert_true(*m.v[0].root == '/');
			assert_int_equal(m.v[0].dev, c->dev);
			assert_int_equal(m.v[0].source, c->source);
		}
		mounts_free(&m);
		assert_null(m.v);
		assert_int_equal(m.n, 0);
	}
}

static void test_many_mounts(void **state)
{
	char *text = NULL;
	size_t size = 0, n = 0;
	FILE *f = open_memstream(&text, &size);
	struct mounts m;

	(void)state;
	for (size_t i = 0; i < COUNT(mount_cases); i++) {
		if (!strchr(mount_cases[i].line, '\n'))
			continue;
		fputs(mount_cases[i].line, f);
		n += mount_cases[i].path != NULL;
	}
	/* a line longer than any buffer of ours: its path is cut, the next one is right */
	fputs("40 25 8:3 / /", f);
	for (int i = 0; i < 10000; i++)
		fputc('x', f);
	fputs(" rw - ext4 /dev/sda3 rw\n41 25 8:4 / /last rw - ext4 /dev/sda4 rw\n", f);
	fclose(f);
	f = text_file(text);
	assert_int_equal(mounts_parse(&m, f), 0);
	fclose(f);
	assert_int_equal(m.n, n + 2);
	assert_string_equal(m.v[m.n - 1].path, "/last");
	assert_int_equal(m.v[m.n - 1].dev, DEV(8, 4));
	mounts_free(&m);
	free(text);
}

static void test_own_mounts(void **state)
{
	struct mounts m;
	bool has_root = false;

	(void)state;
	assert_int_equal(mounts_read(&m), 0);
	for (size_t i = 0; i < m.n; i++) {
		assert_true(*m.v[i].path == '/');
		has_root |= !strcmp(m.v[i].path, "/");
	}
	assert_true(has_root);
	mounts_free(&m);
}

/* ---- cgroups ---- */

static const struct { const char *name, *text, *path; } cgroup_cases[] = {
	{ "unified", "0::/user.slice/a\n", "/user.slice/a" },
	{ "unified, at the root", "0::/\n", "/" },
	{ "hybrid: the unified one wins where it says something",
	  "4:memory:/m\n3:blkio:/b\n1:name=systemd:/s\n0::/u\n", "/u" },
	{ "hybrid: else blkio", "4:memory:/m\n3:blkio:/b\n1:name=systemd:/s\n0::/\n", "/b" },
	{ "else memory", "3:blkio:/\n4:memory:/m\n1:name=systemd:/s\n0::/\n", "/m" },
	{ "else systemd's", "3:blkio:/\n4:memory:/\n1:name=systemd:/s\n", "/s" },
	{ "in any order", "1:name=systemd:/s\n3:blkio:/b\n", "/b" },
	{ "controllers mounted together", "5:cpu,cpuacct:/c\n6:net_cls,blkio:/b\n", "/b" },
	{ "others do not count", "5:cpu,cpuacct:/c\n7:pids:/p\n2:freezer:/f\n", "/" },
	{ "a controller's name within another's", "5:xblkio,memoryz:/c\n", "/" },
	{ "colons in the path", "0::/a:b::c\n", "/a:b::c" },
	{ "blanks in the path", "0::/a b\n", "/a b" },
	{ "no newline", "0::/a", "/a" },
	{ "no lines", "", "/" },
	{ "no colons", "0\nwords\n1:one\n", "/" },
};

static void test_cgroups(void **state)
{
	char path[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cgroup_cases); i++) {
		FILE *f = text_file(cgroup_cases[i].text);

		memset(path, 'x', sizeof(path));
		cgroup_parse(f, path, sizeof(path));
		fclose(f);
		if (strcmp(path, cgroup_cases[i].path))
			fail_msg("%s: %s", cgroup_cases[i].name, path);
	}
}

static void test_cgroup_room(void **state)
{
	FILE *f = text_file("0::/0123456789\n");
	char path[8];

	(void)state;
	cgroup_parse(f, path, sizeof(path));
	fclose(f);
	assert_string_equal(path, "/012345");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_many_mounts),
		cmocka_unit_test(test_own_mounts),
		cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_cgroup_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
