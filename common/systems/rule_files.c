/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_files - finds and loads rule files. */
#include "systems/rule_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define OVERRIDES	"/etc/ioamp/systems.d"
#define SUFFIX		".conf"
#define FILES_MAX	256

/* A file to read: in a directory, or built in. */
struct source {
	char name[NAME_MAX + 1];
	const char *dir;
	const struct rule_text *built_in;	/* NULL: the file is in `dir` */
};
struct sources {
	struct source v[FILES_MAX];
	size_t n;
};

const char *rule_files_distrust(unsigned int uid, unsigned int mode)
{
	if (uid)
		return "does not belong to root";
	return mode & (S_IWGRP | S_IWOTH) ? "may be written by others than root" : NULL;
}

/* The tools run as root: only root may write the rules. */
static bool trusted(const char *path, const struct stat *st)
{
	const char *why = geteuid() ? NULL : rule_files_distrust(st->st_uid, st->st_mode);

	if (why)
		log_notice("%s %s; its rules are left out", path, why);
	return !why;
}

/* ---- which ---- */

static void note_source(struct sources *s, const char *name, const char *dir,
			const struct rule_text *built_in)
{
	struct source *to = NULL;

	for (size_t i = 0; i < s->n && !to; i++)
		if (!strcmp(s->v[i].name, name))
			to = &s->v[i];
	if (!to && s->n == FILES_MAX) {
		log_notice("%s/%s: more than %d rule files; it is left out", dir, name, FILES_MAX);
		return;
	}
	if (!to)
		to = &s->v[s->n++];
	snprintf(to->name, sizeof(to->name), "%s", name);
	to->dir = dir;
	to->built_in = built_in;
}

static bool is_rule_file(const char *name)
{
	size_t n = strlen(name), tail = sizeof(SUFFIX) - 1;

	return *name != '.' && n > tail && !strcmp(name + n - tail, SUFFIX);
}

/* False: there is no such directory. */
static bool note_directory(struct sources *s, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	struct stat st;

	if (!d)
		return false;
	if (!fstat(dirfd(d), &st) && trusted(dir, &st))
		while ((de = readdir(d)))
			if (is_rule_file(de->d_name))
				note_source(s, de->d_name, dir, NULL);
	closedir(d);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

static void find_sources(struct sources *s)
{
	const char *only = secure_getenv("IOAMP_SYSTEMS");

	if (only && *only) {
		if (!note_directory(s, only))
			log_notice("IOAMP_SYSTEMS: %s: %s; no system is known", only, strerror(errno));
	} else {
		if (!note_directory(s, IOAMP_SYSTEMS_DIR))
			for (unsigned int i = 0; i < rule_files_texts_count; i++)
				note_source(s, rule_files_texts[i].name, "built in", &rule_files_texts[i]);
		note_directory(s, OVERRIDES);
	}
	qsort(s->v, s->n, sizeof(s->v[0]), by_name);
}

/* ---- reading ---- */

static void say(void *ctx, unsigned int line, unsigned int column, const char *what)
{
	const struct source *s = ctx;

	log_notice("%s/%s:%u:%u: %s", s->dir, s->name, line, column, what);
}

static FILE *open_source(const struct source *s)
{
	char path[PATH_MAX];
	struct stat st;
	FILE *f;

	if (s->built_in)
		return fmemopen((void *)s->built_in->text, strlen(s->built_in->text), "r");
	snprintf(path, sizeof(path), "%s/%s", s->dir, s->name);
	f = fopen(path, "re");
	if (!f)
		log_notice("%s: %s; its rules are left out", path, strerror(errno));
	/* check the opened file, not its name: the name may lead to another file meanwhile */
	if (f && (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || !trusted(path, &st))) {
		fclose(f);
		f = NULL;
	}
	return f;
}

static int read_source(struct rules *out, struct source *s)
{
	FILE *f = open_source(s);
	int err;

	if (!f)
		return 0;
	err = rules_parse(out, f, say, s);
	fclose(f);
	if (err == -EINVAL || err == -EIO)
		log_notice("%s/%s: its rules are left out", s->dir, s->name);
	return err == -ENOMEM ? err : 0;
}

int rule_files_load(struct rules *out)
{
	struct sources *s = calloc(1, sizeof(*s));
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (!s)
		return -ENOMEM;
	find_sources(s);
	for (size_t i = 0; !err && i < s->n; i++)
		err = read_source(out, &s->v[i]);
	free(s);
	if (err)
		rules_free(out);
	return err;
}
