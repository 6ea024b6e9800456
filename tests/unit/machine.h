/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine - a made-up machine for a unit test: a scratch directory in place of "/". */
#ifndef IOAMP_TEST_MACHINE_H
#define IOAMP_TEST_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

/* Setup and teardown of a test: 0, or -1. */
static inline int machine_new(void **state)
{
	(void)state;
	strcpy(root, "/tmp/ioamp-machine.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static inline int machine_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Removes a file, or a directory with all in it; 0, or -1. */
static inline int machine_remove(const char *path)
{
	return nftw(path, machine_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int machine_free(void **state)
{
	(void)state;
	return machine_remove(root);
}

/* The path of a name below root. The last sixteen results stay valid. */
static inline const char *machine_path(const char *name)
{
	static char buf[16][PATH_MAX];
	static int n;
	int len;

	n = (n + 1) % 16;
	len = snprintf(buf[n], PATH_MAX, "%s%s%s", root, *name == '/' ? "" : "/", name);
	assert_in_range(len, 1, PATH_MAX - 1);
	return buf[n];
}

/* Makes the directories above a name, and the name itself if it ends with '/'. Returns the path. */
static inline const char *machine_parents(const char *name)
{
	const char *path = machine_path(name);
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(copy, 0755))
			assert_int_equal(errno, EEXIST);
		*p = '/';
	}
	return path;
}

/* Opens a new file for writing and removes the old one. */
static inline FILE *machine_open(const char *name)
{
	const char *path = machine_parents(name);
	FILE *f;

	unlink(path);
	f = fopen(path, "we");
	assert_non_null(f);
	return f;
}

static inline void machine_write(const char *name, const void *data, size_t size)
{
	FILE *f = machine_open(name);

	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* Makes a file with this text, or a directory if the name ends with '/'. */
static inline void machine_put(const char *name, const char *text)
{
	if (name[strlen(name) - 1] == '/')
		machine_parents(name);
	else
		machine_write(name, text, strlen(text));
}

static inline void machine_link(const char *name, const char *target)
{
	const char *path = machine_parents(name);

	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

#endif
