/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup_groups - the control groups of this machine by id and path, and their containers. */
#include "machine/cgroup_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"

static size_t bucket_of(uint64_t id, uint32_t hierarchy)
{
	return (size_t)((id * 0x9e3779b97f4a7c15ull >> 40) + hierarchy) & (BUCKETS - 1);
}

struct group *cgroup_group_find(const struct cgroups *c, uint32_t hierarchy, uint64_t id,
				const char *path)
{
	struct group *g = c->by_id[bucket_of(id, hierarchy)];

	while (g && (g->id != id || g->hierarchy != hierarchy || (path && strcmp(g->path, path))))
		g = g->next;
	return g;
}

/* NULL: no memory. */
static struct group *add(struct cgroups *c, uint32_t hierarchy, uint64_t id, const char *path)
{
	struct group *g, **v = grow_by_one(c->v, c->n, sizeof(*v));
	struct group **slot = &c->by_id[bucket_of(id, hierarchy)];

	if (!v)
		return NULL;
	c->v = v;
	g = calloc(1, sizeof(*g));
	if (g)
		g->path = strdup(path);
	if (!g || !g->path) {
		free(g);
		return NULL;
	}
	g->id = id;
	g->hierarchy = hierarchy;
	g->next = *slot;
	*slot = g;
	c->v[c->n++] = g;
	return g;
}

static struct group *know(struct cgroups *c, uint32_t hierarchy, uint64_t id, const char *path)
{
	struct group *g = cgroup_group_find(c, hierarchy, id, NULL);

	return g ? g : add(c, hierarchy, id, path);
}

/* A hash of the path is used as its id. */
struct group *cgroup_group_of_path(struct cgroups *c, const char *path)
{
	uint64_t hash = 14695981039346656037ull;
	struct group *g;

	for (const char *p = path; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211ull;
	g = cgroup_group_find(c, NO_HIERARCHY, hash, path);
	return g ? g : add(c, NO_HIERARCHY, hash, path);
}

void cgroups_add(struct cgroups *c, const struct cgroup_key *key, const char *path)
{
	know(c, key->hierarchy, key->id, path);
}

void cgroups_stale(struct cgroups *c)
{
	c->fresh = false;
}

/* ---- containers ---- */

static const char *intern(struct cgroups *c, const char *text)
{
	char **v;

	for (size_t i = 0; i < c->nr_texts; i++)
		if (!strcmp(c->texts[i], text))
			return c->texts[i];
	v = grow_by_one(c->texts, c->nr_texts, sizeof(*v));
	if (!v)
		return NULL;
	c->texts = v;
	v[c->nr_texts] = strdup(text);
	return v[c->nr_texts] ? v[c->nr_texts++] : NULL;
}

const char *cgroup_group_container(struct cgroups *c, struct group *g)
{
	char text[CONTAINER_TEXT];
	struct container ct;

	if (g->parsed)
		return g->container;
	container_parse(g->path, &ct);
	container_text(&ct, container_label_find(c->labels, &ct), text, sizeof(text));
	g->container = *text ? intern(c, text) : NULL;
	g->parsed = true;
	return g->container;
}

/* ---- all of them ---- */

/* A directory's inode number is its group's id (64-bit kernfs ids, since 5.5). */
static void walk(struct cgroups *c, const struct hierarchy *h, int dir, const char *path, int depth)
{
	char below[PATH_MAX];
	struct dirent *de;
	DIR *d = fdopendir(dir);

	if (!d) {
		close(dir);
		return;
	}
	while (depth < DEPTH_MAX && (de = readdir(d))) {
		int fd;

		if (de->d_type != DT_DIR || !strcmp(de->d_name, ".") || !strcmp(de->d_name, "..") ||
		    snprintf(below, sizeof(below), "%s/%s", path, de->d_name) >= (int)sizeof(below))
			continue;
		know(c, h->number, de->d_ino, below);
		fd = openat(dir, de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			walk(c, h, fd, below, depth + 1);
	}
	closedir(d);
}

void cgroups_scan(struct cgroups *c)
{
	for (int i = 0; i < HIERARCHIES; i++) {
		const struct hierarchy *h = &c->h[i];
		struct stat st;
		int fd = *h->mount ? open(h->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

		if (fd < 0)
			continue;
		if (!fstat(fd, &st))
			know(c, h->number, st.st_ino, *h->prefix ? h->prefix : "/");
		walk(c, h, fd, h->prefix, 0);
	}
	c->fresh = true;
}

int cgroups_open(struct cgroups **out, const char *root)
{
	struct cgroups *c = calloc(1, sizeof(*c));

	if (!c || container_labels_open(&c->labels, root)) {
		free(c);
		return -ENOMEM;
	}
	snprintf(c->root, sizeof(c->root), "%s", root);
	cgroup_hierarchies_read(c);
	cgroups_scan(c);
	*out = c;
	return 0;
}

void cgroups_close(struct cgroups *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i]->path);
		free(c->v[i]);
	}
	for (size_t i = 0; i < BUCKETS; i++) {
		while (c->by_pid[i]) {
			struct process *next = c->by_pid[i]->next;

			free(c->by_pid[i]);
			c->by_pid[i] = next;
		}
	}
	for (size_t i = 0; i < c->nr_texts; i++)
		free(c->texts[i]);
	free(c->texts);
	free(c->v);
	container_labels_close(c->labels);
	free(c);
}
