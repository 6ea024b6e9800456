/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program_key - all that a compiled program depends on. */
#include "engine/program_key.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

static int put_file(FILE *f, const char *path)
{
	FILE *in = fopen(path, "re");
	char buf[4096];
	size_t n;

	if (!in)
		return -errno;
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, f);
	fclose(in);
	return 0;
}

struct paths {
	char *v[512];
	size_t n;
};
static struct paths *walked;	/* nftw() has no argument for its callback; the compiler process has one thread */

static int note_path(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type != FTW_F)
		return 0;
	if (walked->n == sizeof(walked->v) / sizeof(*walked->v))
		return 1;
	walked->v[walked->n] = strdup(path);
	return !walked->v[walked->n++];
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A tree made of BTF is small, so all its files are part of the key, sorted by name. */
static int put_tree(FILE *f, const char *dir)
{
	struct paths p = { .n = 0 };
	int err;

	walked = &p;
	err = nftw(dir, note_path, 16, FTW_PHYS) ? -ENOMEM : 0;
	qsort(p.v, p.n, sizeof(*p.v), by_name);
	for (size_t i = 0; i < p.n; i++) {
		fprintf(f, "%s\n", p.v[i] + strlen(dir));
		if (!err)
			err = put_file(f, p.v[i]);
		free(p.v[i]);
	}
	return err;
}

/*
 * Installed headers are too many to read. The key has inode, time and size of the files that a
 * build of the headers writes last.
 */
static int put_stamp(FILE *f, const char *dir)
{
	static const char *const made[] = {
		"include/generated/autoconf.h", "include/generated/utsrelease.h", "include/linux/kconfig.h",
	};
	char path[PATH_MAX];
	struct stat st;
	int found = 0;

	fprintf(f, "%s\n", dir);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		if (stat(path, &st))
			continue;
		found++;
		fprintf(f, "%s %llu %lld.%ld %lld\n", made[i], (unsigned long long)st.st_ino,
			(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size);
	}
	return found ? 0 : -ENOENT;
}

int program_key(const struct ktypes *kt, const char *text, const char *dir, char **out, size_t *size)
{
	const char *const *flags = ktypes_cflags(kt);
	enum ktypes_source source = ktypes_source(kt);
	struct utsname u;
	FILE *f = open_memstream(out, size);
	int err = 0;

	if (!f)
		return -ENOMEM;
	uname(&u);
	fprintf(f, "%s\n%s %s %s\n%s\n", IOAMP_VERSION, u.release, u.version, u.machine,
		ktypes_source_name(source));
	for (int i = 0; flags[i]; i++)
		fprintf(f, "%s\n", flags[i]);
	if (source == KTYPES_BTF)
		err = put_tree(f, dir);
	else if (source == KTYPES_HEADERS)
		err = put_stamp(f, dir);
	/* kheaders belong to the running build of the kernel, which u.version names */
	fputs(text, f);
	if (fclose(f) && !err)
		err = -ENOMEM;
	if (err) {
		free(*out);
		*out = NULL;
	}
	return err;
}
