/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_layout - how the screen shows its rows, and the file in which the user saves it. */
#include "tools/ioamp-top/top_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ini.h"
#include "base/units.h"
#include "report/out.h"

#define SECTION		"ioamp-top"
#define FILE_MAX	16384	/* bytes; a saved layout has a few hundred */

static const char *const modes[MODE_MAX] = {
	[MODE_RATE] = "rate", [MODE_SUM] = "sum", [MODE_MARK] = "rate",	/* a mark is not saved */
};

/* ---- tabs, order ---- */

static const struct {
	const char *name;
	enum row_by by;
} tabs[TAB_MAX] = {
	[TAB_SYSTEMS] = { "Systems", BY_SYSTEM }, [TAB_ROLES] = { "Roles", BY_ROLE },
	[TAB_FILES] = { "Files", BY_FILE }, [TAB_DEVICES] = { "Devices", BY_DEVICE },
	[TAB_PROCESSES] = { "Processes", BY_PROCESS }, [TAB_CGROUPS] = { "Cgroups", BY_CGROUP },
	[TAB_LAYERS] = { "Layers", BY_TOTAL },
};

enum row_by top_layout_tab_by(enum top_tab tab)
{
	return tabs[tab].by;
}

const char *top_layout_tab_name(enum top_tab tab)
{
	return tabs[tab].name;
}

void top_layout_sort(struct top_layout *l, enum top_col col)
{
	l->reverse = l->sort == col && !l->reverse;
	l->sort = col;
}

/* ---- yes and no ---- */

struct flag {
	const char *name;
	size_t offset;
};
#define FLAG(member) { #member, offsetof(struct top_layout, member) }
static const struct flag flags[] = {
	FLAG(reverse), FLAG(tree), FLAG(active), FLAG(ops), FLAG(raw), FLAG(pids),
};

static bool *flag_at(struct top_layout *l, size_t i)
{
	return (bool *)((char *)l + flags[i].offset);
}

/* 1: set, 0: there is no such flag, -1: the value is neither yes nor no. */
static int take_flag(struct top_layout *l, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (strcmp(name, flags[i].name))
			continue;
		if (strcmp(value, "yes") && strcmp(value, "no"))
			return -1;
		*flag_at(l, i) = *value == 'y';
		return 1;
	}
	return 0;
}

/* ---- words ---- */

static bool take_hidden(struct top_layout *l, const char *value)
{
	bool hidden[COL_MAX] = { false };
	char word[32];
	int n;

	for (; sscanf(value, " %31s%n", word, &n) == 1; value += n) {
		enum top_col col = top_columns_find(word);

		if (col == COL_MAX || col == COL_NAME)
			return false;
		hidden[col] = true;
	}
	memcpy(l->hidden, hidden, sizeof(hidden));
	return true;
}

static bool take_tab(struct top_layout *l, const char *value)
{
	for (int i = 0; i < TAB_MAX; i++)
		if (!strcasecmp(value, top_layout_tab_name((enum top_tab)i))) {
			l->tab = (enum top_tab)i;
			return true;
		}
	return false;
}

static bool take_mode(struct top_layout *l, const char *value)
{
	if (strcmp(value, modes[MODE_RATE]) && strcmp(value, modes[MODE_SUM]))
		return false;
	l->mode = strcmp(value, modes[MODE_SUM]) ? MODE_RATE : MODE_SUM;
	return true;
}

/* Not strtod(): the result must not depend on the locale, and "nan" is not a number here. */
static bool take_number(const char *value, double min, double max, double *out)
{
	double v = 0, scale = 1;
	const char *s = value;

	for (; *s >= '0' && *s <= '9'; s++)
		v = v * 10 + (*s - '0');
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++, scale *= 10)
			v = v * 10 + (*s - '0');
	v /= scale;
	if (*s || s == value || !(v >= min && v <= max))
		return false;
	*out = v;
	return true;
}

static bool take(struct top_layout *l, const char *name, const char *value)
{
	enum top_col col;
	double v;
	int flag = take_flag(l, name, value);

	if (flag)
		return flag > 0;
	if (!strcmp(name, "tab"))
		return take_tab(l, value);
	if (!strcmp(name, "mode"))
		return take_mode(l, value);
	if (!strcmp(name, "hidden"))
		return take_hidden(l, value);
	if (!strcmp(name, "interval"))
		return take_number(value, 0.1, 86400, &l->interval_s);
	if (!strcmp(name, "scheme")) {
		if (!take_number(value, 0, TOP_SCHEMES - 1, &v))
			return false;
		l->scheme = (unsigned int)v;
		return true;
	}
	if (strcmp(name, "sort"))
		return false;
	col = top_columns_find(value);
	if (col >= COL_TREND)
		return false;
	l->sort = col;
	return true;
}

int top_layout_parse(struct top_layout *l, FILE *f)
{
	struct ini ini = { .f = f };
	bool ours = false, good;
	enum ini_kind kind;
	int wrong = 0;

	while ((kind = ini_next(&ini)) != INI_END) {
		if (kind == INI_HEADING || kind == INI_BAD_HEADING)
			ours = kind == INI_HEADING && !strcmp(ini.name, SECTION);
		good = kind == INI_HEADING || (kind == INI_KEY && ours && take(l, ini.name, ini.value));
		if (!good && !wrong)
			wrong = (int)ini.line;
	}
	return ferror(f) ? -EIO : wrong;
}

int top_layout_print(const struct top_layout *l, FILE *f)
{
	char interval[UNITS_MAX];

	errno = 0;
	fprintf(f, "[" SECTION "]\ntab = %s\nsort = %s\nmode = %s\nscheme = %u\n",
		top_layout_tab_name(l->tab), top_columns[l->sort].name, modes[l->mode], l->scheme);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		fprintf(f, "%s = %s\n", flags[i].name, *flag_at((struct top_layout *)l, i) ? "yes" : "no");
	if (l->interval_s > 0) {
		units_double(interval, l->interval_s);
		fprintf(f, "interval = %s\n", interval);
	}
	fputs("hidden =", f);
	for (int c = 0; c < COL_MAX; c++)
		if (l->hidden[c])
			fprintf(f, " %s", top_columns[c].name);
	fputc('\n', f);
	return stream_finish(f);
}

/* ---- the file ---- */

/* The path; `make` creates its directories. 0 or -errno; -ENOENT: no home directory is set. */
static int file_path(char path[PATH_MAX], bool make)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int n;

	if (config && *config == '/')
		n = snprintf(path, PATH_MAX, "%s/ioamp/toprc", config);
	else if (home && *home == '/')
		n = snprintf(path, PATH_MAX, "%s/.config/ioamp/toprc", home);
	else
		return -ENOENT;
	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	for (char *p = path + 1; make && (p = strchr(p, '/')); p++) {
		*p = 0;
		if (mkdir(path, 0700) && errno != EEXIST) {
			int err = -errno;

			*p = '/';
			return err;
		}
		*p = '/';
	}
	return 0;
}

/* Why root must not trust this file: another user could have written it. NULL: it can be read. */
static const char *distrust(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return "it is not a regular file, or too large";
	if (st.st_uid != geteuid())
		return "it belongs to another user";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "other users may write it";
	return NULL;
}

/* A trusted file, opened. NULL: `wrong` says why not; it is NULL too if there is no file. */
static FILE *open_trusted(const char *path, const char **wrong)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	FILE *f = NULL;

	*wrong = NULL;
	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			*wrong = strerror(errno);
		return NULL;
	}
	*wrong = distrust(fd);
	if (!*wrong) {
		f = fdopen(fd, "r");
		if (!f)
			*wrong = strerror(errno);
	}
	if (!f)
		close(fd);
	return f;
}

int top_layout_load(struct top_layout *l, char *why, size_t size)
{
	char path[PATH_MAX];
	const char *wrong;
	FILE *f;
	int line;

	if (file_path(path, false))
		return 0;
	f = open_trusted(path, &wrong);
	if (!f && !wrong)
		return 0;
	line = f ? top_layout_parse(l, f) : 0;
	if (line < 0)
		wrong = strerror(-line);
	if (f)
		fclose(f);
	if (wrong) {
		snprintf(why, size, "%s is not read: %s", path, wrong);
		return -EACCES;
	}
	if (line)
		snprintf(why, size, "%s:%d is not understood", path, line);
	return line ? -EINVAL : 0;
}

static int write_new(const struct top_layout *l, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	int err;

	if (!f) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	err = top_layout_print(l, f);
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

int top_layout_save(const struct top_layout *l, char *why, size_t size)
{
	char path[PATH_MAX], fresh[PATH_MAX + 8];
	int err = file_path(path, true);

	if (err == -ENOENT) {
		snprintf(why, size, "not saved: neither XDG_CONFIG_HOME nor HOME is set");
		return err;
	}
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	if (!err)
		err = write_new(l, fresh);
	if (!err && rename(fresh, path))
		err = -errno;
	snprintf(why, size, err ? "%s is not saved: %s" : "saved as %s%s", path, err ? strerror(-err) : "");
	return err;
}
