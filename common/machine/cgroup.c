/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup - ids and processes to paths of control groups and to containers. */
#include "machine/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/container.h"
#include "machine/mounts.h"

/* The kernel side's three, and one that no controller leads to. */
#define SYSTEMD		CGROUP_IDS
#define HIERARCHIES	(CGROUP_IDS + 1)
#define NO_HIERARCHY	UINT32_MAX	/* of a path that is known without an id */
#define BUCKETS		4096		/* a power of two */
#define DEPTH_MAX	64		/* deeper groups are not looked for */

/* A group; never forgotten. */
struct group {
	uint64_t id;
	uint32_t hierarchy;
	bool parsed;
	const char *container;	/* in `texts`; NULL none */
	char *path;
	struct group *next;
};
/* A process that was asked for. */
struct asked {
	uint64_t ids[CGROUP_IDS];
	uint32_t pid;
	struct cgroup_place place;
	size_t known;		/* groups when it was judged, if one of its own was not among them */
	struct asked *next;
};
struct hierarchy {
	uint32_t number;	/* 0: version 2, or unknown to this machine */
	char mount[PATH_MAX];	/* with the root in front; "" not mounted */
	char prefix[PATH_MAX];	/* path of what is mounted there; "" the top */
};
struct cgroups {
	char root[PATH_MAX / 2];
	struct hierarchy h[HIERARCHIES];
	struct group *by_id[BUCKETS];
	struct asked *by_pid[BUCKETS];
	struct group **v;	/* in order of arrival */
	size_t n, cap;
	char **texts;
	size_t nr_texts;
	struct container_labels *labels;
	const char *want_path, *want_container;
	char want_buf[PATH_MAX];
	bool fresh;		/* scanned since the last change that we know of */
};

/* ---- groups ---- */

static size_t bucket_of(uint64_t id, uint32_t hierarchy)
{
	return (size_t)((id * 0x9e3779b97f4a7c15ull >> 40) + hierarchy) & (BUCKETS - 1);
}

static struct group *find(const struct cgroups *c, uint32_t hierarchy, uint64_t id,
			  const char *path)
{
	struct group *g = c->by_id[bucket_of(id, hierarchy)];

	while (g && (g->id != id || g->hierarchy != hierarchy || (path && strcmp(g->path, path))))
		g = g->next;
	return g;
}

/* NULL when memory is short. `path` NULL: any group of this id will do. */
static struct group *add(struct cgroups *c, uint32_t hierarchy, uint64_t id, const char *path)
{
	struct group *g, **v, **slot = &c->by_id[bucket_of(id, hierarchy)];

	if (c->n == c->cap) {
		v = realloc(c->v, (c->cap ? c->cap * 2 : 256) * sizeof(*v));
		if (!v)
			return NULL;
		c->v = v;
		c->cap = c->cap ? c->cap * 2 : 256;
	}
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
	struct group *g = find(c, hierarchy, id, NULL);

	return g ? g : add(c, hierarchy, id, path);
}

/* A path without an id: its text is its number. */
static struct group *know_path(struct cgroups *c, const char *path)
{
	uint64_t hash = 14695981039346656037ull;
	struct group *g;

	for (const char *p = path; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211ull;
	g = find(c, NO_HIERARCHY, hash, path);
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

/* ---- containers of groups ---- */

static const char *intern(struct cgroups *c, const char *text)
{
	char **v;

	for (size_t i = 0; i < c->nr_texts; i++)
		if (!strcmp(c->texts[i], text))
			return c->texts[i];
	v = realloc(c->texts, (c->nr_texts + 1) * sizeof(*v));
	if (!v)
		return NULL;
	c->texts = v;
	v[c->nr_texts] = strdup(text);
	return v[c->nr_texts] ? v[c->nr_texts++] : NULL;
}

static const char *container_of_group(struct cgroups *c, struct group *g)
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

/* ---- hierarchies ---- */

/* Which hierarchy a list of controllers names; in the order of iolayers(7). */
static int which_hierarchy(const char *controllers)
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

/* "4:memory:/path": the path, and what is before it; NULL: no such line. */
static char *split_line(char *line, char **controllers)
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
		int which = split_line(line, &controllers) ? which_hierarchy(controllers) : -1;

		/* a controller that shares a hierarchy with an earlier one of ours has its number */
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
	which = !strcmp(type, "cgroup2") ? CGROUP_V2 : which_hierarchy(options);
	if (which < 0 || (which == CGROUP_V2 && strcmp(type, "cgroup2")))
		return;
	h = &c->h[which];
	mounts_unescape(top);
	mounts_unescape(path);
	/* seen from outside of its top there are no paths; and the whole is better than a part */
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
	read_numbers(c);
	read_mounts(c);
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
			struct asked *next = c->by_pid[i]->next;

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

uint32_t cgroups_hierarchy(const struct cgroups *c, enum cgroup_hierarchy which)
{
	return c->h[which].number;
}

/* ---- the filter ---- */

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strcmp(top, "/") || (!strncmp(path, top, n) && (!path[n] || path[n] == '/'));
}

static bool wants_group(struct cgroups *c, const struct group *g, enum container_match *how,
			struct container *ct)
{
	*how = MATCH_NAME;
	if (c->want_path && !is_below(g->path, c->want_path))
		return false;
	if (!c->want_container)
		return true;
	container_parse(g->path, ct);
	*how = container_matches(ct, container_label_find(c->labels, ct), c->want_container);
	return *how != MATCH_NONE;
}

static bool is_judged(const struct cgroups *c, const struct group *g)
{
	for (int i = 0; i < CGROUP_IDS; i++)
		if (g->hierarchy == c->h[i].number)
			return true;
	return false;
}

/* As the rows have it: from the top of the hierarchy, no '/' at the end. */
static void set_path(struct cgroups *c, const char *path)
{
	size_t n;

	for (int i = 0; i < HIERARCHIES; i++) {
		n = strlen(c->h[i].mount);
		if (n && is_below(path, c->h[i].mount) && n > strlen(c->root) + 1) {
			path += n;
			break;
		}
	}
	path += strspn(path, "/");
	snprintf(c->want_buf, sizeof(c->want_buf), "/%s", path);
	for (n = strlen(c->want_buf); n > 1 && c->want_buf[n - 1] == '/';)
		c->want_buf[--n] = '\0';
	c->want_path = c->want_buf;
}

void cgroups_filter(struct cgroups *c, const char *path, const char *container,
		    struct cgroup_found *out)
{
	char first[CONTAINER_ID + 1] = "";
	enum container_match how;
	struct container ct;

	memset(out, 0, sizeof(*out));
	c->want_path = NULL;
	if (path)
		set_path(c, path);
	c->want_container = container;
	for (size_t i = 0; i < c->n; i++) {
		struct group *g = c->v[i];

		if (!wants_group(c, g, &how, &ct))
			continue;
		out->groups++;
		out->judged += is_judged(c, g);
		if (how != MATCH_ID)
			continue;
		if (!*first) {
			memcpy(first, ct.id, sizeof(first));
			out->first = container_of_group(c, g);
		} else if (!out->second && strcmp(first, ct.id)) {
			out->second = container_of_group(c, g);
		}
	}
}

bool cgroups_next_wanted(struct cgroups *c, size_t *cursor, struct cgroup_key *out)
{
	enum container_match how;
	struct container ct;

	for (; *cursor < c->n; ++*cursor) {
		struct group *g = c->v[*cursor];

		if (!is_judged(c, g) || !wants_group(c, g, &how, &ct))
			continue;
		*out = (struct cgroup_key){ .id = g->id, .hierarchy = g->hierarchy };
		++*cursor;
		return true;
	}
	return false;
}

/* ---- places of processes ---- */

/* The groups that a text like /proc/PID/cgroup names; NULL where it names none. */
static void parse_groups(struct cgroups *c, FILE *f, struct group *in[HIERARCHIES])
{
	char line[PATH_MAX], *controllers, *path;

	while (fgets(line, sizeof(line), f)) {
		int which;

		path = split_line(line, &controllers);
		which = path ? which_hierarchy(controllers) : -1;
		if (which >= 0 && !in[which])
			in[which] = know_path(c, path);
	}
}

static bool from_proc(struct cgroups *c, uint32_t pid, struct group *in[HIERARCHIES])
{
	char path[PATH_MAX];
	FILE *f;

	if (pid)
		snprintf(path, sizeof(path), "%s/proc/%u/cgroup", c->root, pid);
	else
		snprintf(path, sizeof(path), "%s/proc/self/cgroup", c->root);
	f = fopen(path, "re");
	if (!f)
		return false;
	parse_groups(c, f, in);
	fclose(f);
	return true;
}

/* False: one of them is not known (yet). */
static bool from_ids(struct cgroups *c, const uint64_t ids[CGROUP_IDS],
		     struct group *in[HIERARCHIES])
{
	bool all = true;

	for (int i = 0; i < CGROUP_IDS; i++) {
		/* a controller of version 2 says no more than version 2 itself */
		if (!ids[i] || (i && !c->h[i].number))
			continue;
		in[i] = find(c, c->h[i].number, ids[i], NULL);
		if (!in[i] && !c->fresh) {
			cgroups_scan(c);
			in[i] = find(c, c->h[i].number, ids[i], NULL);
		}
		all &= in[i] != NULL;
	}
	return all;
}

static bool names_any(struct group *const in[HIERARCHIES])
{
	for (int i = 0; i < HIERARCHIES; i++)
		if (in[i] && strcmp(in[i]->path, "/"))
			return true;
	return false;
}

/* A container is one in any hierarchy; a service counts only where none names more. */
static const char *best_container(struct cgroups *c, struct group *const in[HIERARCHIES])
{
	const char *service = NULL, *text;

	for (int i = 0; i < HIERARCHIES; i++) {
		text = in[i] ? container_of_group(c, in[i]) : NULL;
		if (text && strncmp(text, "systemd:", 8))
			return text;
		if (!service)
			service = text;
	}
	return service;
}

/* Is the process in a group of which only the number is known? */
static bool names_unknown(const struct cgroups *c, const uint64_t ids[CGROUP_IDS],
			  struct group *const in[HIERARCHIES])
{
	for (int i = 0; i < CGROUP_IDS; i++)
		if (ids[i] && (!i || c->h[i].number) && !in[i])
			return true;
	return false;
}

static void judge(struct cgroups *c, struct group *const in[HIERARCHIES], struct cgroup_place *out)
{
	enum container_match how;
	struct container ct;

	*out = (struct cgroup_place){ .path = "/" };
	for (int i = HIERARCHIES; i-- > 0;) {
		if (!in[i])
			continue;
		if (strcmp(in[i]->path, "/"))
			out->path = in[i]->path;
		out->wanted |= wants_group(c, in[i], &how, &ct);
	}
	out->container = best_container(c, in);
}

static void ask(struct cgroups *c, struct asked *a, bool ours)
{
	struct group *in[HIERARCHIES] = { NULL };
	bool all = from_ids(c, a->ids, in), filter = c->want_path || c->want_container;

	/* the hierarchy without a controller; and groups that nobody told us of */
	if ((filter || !names_any(in)) && !from_proc(c, a->pid, in) && ours)
		from_proc(c, 0, in);
	judge(c, in, &a->place);
	if (!strcmp(a->place.path, "/") && names_unknown(c, a->ids, in))
		a->place.path = NULL;
	a->known = all ? SIZE_MAX : c->n;
}

const struct cgroup_place *cgroups_place(struct cgroups *c, const uint64_t ids[CGROUP_IDS],
					 uint32_t pid, bool ours)
{
	struct asked *a, **slot = &c->by_pid[pid & (BUCKETS - 1)];

	for (a = *slot; a; a = a->next)
		if (a->pid == pid && !memcmp(a->ids, ids, sizeof(a->ids)))
			break;
	if (a && a->known >= c->n)
		return &a->place;
	if (!a) {
		a = calloc(1, sizeof(*a));
		if (!a)
			return NULL;
		a->pid = pid;
		memcpy(a->ids, ids, sizeof(a->ids));
		a->next = *slot;
		*slot = a;
	}
	ask(c, a, ours);
	return &a->place;
}

void cgroup_parse(FILE *f, char *out, size_t size)
{
	char line[PATH_MAX], *controllers, *where;
	int best = HIERARCHIES, which;

	snprintf(out, size, "/");
	while (fgets(line, sizeof(line), f)) {
		where = split_line(line, &controllers);
		which = where ? which_hierarchy(controllers) : -1;
		if (which >= 0 && which < best && strcmp(where, "/")) {
			best = which;
			snprintf(out, size, "%s", where);
		}
	}
}
