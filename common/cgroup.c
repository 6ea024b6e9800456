/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup - ids and processes to cgroup paths. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct name {
	uint64_t id;
	uint32_t pid;
	char *path;
};
struct cgroups {
	char root[PATH_MAX];	/* mount point of the v2 hierarchy, "" none */
	struct name *v;
	size_t n;
};

static void find_root(struct cgroups *c)
{
	FILE *f = fopen("/proc/self/mounts", "re");
	char line[PATH_MAX * 2], path[PATH_MAX], type[64];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %4095s %63s", path, type) == 2 && !strcmp(type, "cgroup2")) {
			snprintf(c->root, sizeof(c->root), "%s", path);
			break;
		}
	}
	if (f)
		fclose(f);
}

int cgroups_open(struct cgroups **out)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	find_root(c);
	*out = c;
	return 0;
}

void cgroups_close(struct cgroups *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	free(c);
}

/* The directory whose inode number is the id (64-bit kernfs ids, since 5.5). */
static bool walk(const char *root, const char *rel, uint64_t id, char *found, size_t size)
{
	char path[PATH_MAX];
	struct dirent *de;
	struct stat st;
	bool ok = false;
	DIR *dir;

	snprintf(path, sizeof(path), "%s%s", root, rel);
	if (stat(path, &st))
		return false;
	if (st.st_ino == id) {
		snprintf(found, size, "%s", *rel ? rel : "/");
		return true;
	}
	dir = opendir(path);
	while (dir && !ok && (de = readdir(dir))) {
		if (de->d_type != DT_DIR || de->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", rel, de->d_name) < sizeof(path))
			ok = walk(root, path, id, found, size);
	}
	if (dir)
		closedir(dir);
	return ok;
}

/* One of a process's lines; `order` is the wish: lower is better. */
static int line_order(const char *controllers)
{
	static const char *const wish[] = { "", "blkio", "memory", "name=systemd" };

	for (int i = 0; i < 4; i++) {
		const char *p = strstr(controllers, wish[i]);

		if (i == 0 ? !*controllers : p && (p == controllers || p[-1] == ',') &&
		    (!p[strlen(wish[i])] || p[strlen(wish[i])] == ','))
			return i;
	}
	return -1;
}

void cgroup_parse(FILE *f, char *out, size_t size)
{
	char line[PATH_MAX];
	int best = 99, order;

	snprintf(out, size, "/");
	while (fgets(line, sizeof(line), f)) {
		char *controllers = strchr(line, ':'), *where;

		line[strcspn(line, "\n")] = 0;
		where = controllers ? strchr(++controllers, ':') : NULL;
		if (!where)
			continue;
		*where++ = 0;
		order = line_order(controllers);
		if (order >= 0 && order < best && strcmp(where, "/")) {
			best = order;
			snprintf(out, size, "%s", where);
		}
	}
}

static bool from_proc(uint32_t pid, char *out, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	cgroup_parse(f, out, size);
	fclose(f);
	return true;
}

const char *cgroups_path(struct cgroups *c, uint64_t id, uint32_t pid, const char *fallback)
{
	char path[PATH_MAX] = "/";
	struct name *v;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].id == id && c->v[i].pid == pid)
			return c->v[i].path;
	if (*c->root && id)
		walk(c->root, "", id, path, sizeof(path));
	if (!strcmp(path, "/") && !from_proc(pid, path, sizeof(path)) && fallback)
		snprintf(path, sizeof(path), "%s", fallback);
	v = realloc(c->v, (c->n + 1) * sizeof(*v));
	if (!v)
		return fallback;
	c->v = v;
	v[c->n].id = id;
	v[c->n].pid = pid;
	v[c->n].path = strdup(path);
	return v[c->n].path ? v[c->n++].path : fallback;
}

bool cgroup_exists(const char *path)
{
	char full[PATH_MAX];
	struct dirent *de;
	bool found;
	DIR *dir;

	snprintf(full, sizeof(full), "/sys/fs/cgroup/%s", path);
	found = !access(full, F_OK);
	/* one directory per hierarchy where v1 is mounted */
	dir = found ? NULL : opendir("/sys/fs/cgroup");
	while (dir && !found && (de = readdir(dir))) {
		snprintf(full, sizeof(full), "/sys/fs/cgroup/%s/%s", de->d_name, path);
		found = de->d_name[0] != '.' && !access(full, F_OK);
	}
	if (dir)
		closedir(dir);
	return found;
}
