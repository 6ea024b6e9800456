/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup_hierarchy - the hierarchies of control groups: their numbers and mount points. */
#include "machine/cgroup_internal.h"

#include <stdlib.h>
#include <string.h>

#include "machine/mounts.h"

int cgroup_which(const char *controllers)
{
	static const char *const wish[] = { "", "blkio", "memory", "name=systemd" };

	for (int i = 0; i < HIERARCHIES; i++) {
		const char *p = strstr(controllers, wish[i]);

		if (i == CGROUP_V2 ? !*controllers : p && (p == controllers || p[-1] == ',') &&
		    (!p[strlen(wish[i])] || p[strlen(wish[i])] == ','))
			return i;
	}
	return -1;
}

char *cgroup_split(char *line, char **controllers)
{
	char *where;

	line[strcspn(line, "\n")] = 0;
	*controllers = strchr(line, ':');
	if (!*controllers)
		return NULL;
	where = strchr(++*controllers, ':');
	if (where)
		*where++ = 0;
	return where;
}

static void read_numbers(struct cgroups *c)
{
	char path[PATH_MAX], line[PATH_MAX], *controllers;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/cgroup", c->root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		int which = cgroup_split(line, &controllers) ? cgroup_which(controllers) : -1;

		/* blkio and memory may share a hierarchy, and so its number */
		if (which > 0)
			c->h[which].number = (uint32_t)strtoul(line, NULL, 10);
		if (which == CGROUP_IO && strstr(controllers, "memory"))
			c->h[CGROUP_MEMORY].number = c->h[CGROUP_IO].number;
	}
	if (f)
		fclose(f);
}

/* "36 25 0:30 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio" */
static void mount_line(struct cgroups *c, char *line)
{
	char top[PATH_MAX], path[PATH_MAX], full[PATH_MAX], type[32], options[512] = "";
	const char *tail = strstr(line, " - ");
	struct hierarchy *h;
	int which;

	if (!tail || sscanf(tail, " - %31s %*s %511s", type, options) < 1 || strncmp(type, "cgroup", 6) ||
	    sscanf(line, "%*s %*s %*s %4095s %4095s", top, path) != 2)
		return;
	which = !strcmp(type, "cgroup2") ? CGROUP_V2 : cgroup_which(options);
	if (which < 0 || (which == CGROUP_V2 && strcmp(type, "cgroup2")))
		return;
	h = &c->h[which];
	mounts_unescape(top);
	mounts_unescape(path);
	/* "/..": the mount lies outside our cgroup namespace. Prefer a mount of the whole hierarchy. */
	if (!strncmp(top, "/..", 3) || (*h->mount && (!*h->prefix || strcmp(top, "/"))))
		return;
	if (snprintf(full, sizeof(full), "%s%s", c->root, path) >= (int)sizeof(full))
		return;
	strcpy(h->mount, full);
	strcpy(h->prefix, strcmp(top, "/") ? top : "");
}

static void read_mounts(struct cgroups *c)
{
	char path[PATH_MAX], line[PATH_MAX * 2];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/self/mountinfo", c->root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		mount_line(c, line);
	if (f)
		fclose(f);
}

void cgroup_hierarchies_read(struct cgroups *c)
{
	read_numbers(c);
	read_mounts(c);
}

uint32_t cgroups_hierarchy(const struct cgroups *c, enum cgroup_hierarchy which)
{
	return c->h[which].number;
}

void cgroup_parse(FILE *f, char *out, size_t size)
{
	char line[PATH_MAX], *controllers, *where;
	int best = HIERARCHIES, which;

	snprintf(out, size, "/");
	while (fgets(line, sizeof(line), f)) {
		where = cgroup_split(line, &controllers);
		which = where ? cgroup_which(controllers) : -1;
		if (which >= 0 && which < best && strcmp(where, "/")) {
			best = which;
			snprintf(out, size, "%s", where);
		}
	}
}
