/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup_filter - which control groups --cgroup and --container ask for. */
#include "machine/cgroup_internal.h"

#include <stdio.h>
#include <string.h>

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strcmp(top, "/") || (!strncmp(path, top, n) && (!path[n] || path[n] == '/'));
}

bool cgroup_group_wanted(struct cgroups *c, const struct group *g, enum container_match *how,
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

/* Makes the path look like those of rows: from the top of the hierarchy, without '/' at the end. */
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

		if (!cgroup_group_wanted(c, g, &how, &ct))
			continue;
		out->groups++;
		out->judged += is_judged(c, g);
		if (how != MATCH_ID)
			continue;
		if (!*first) {
			memcpy(first, ct.id, sizeof(first));
			out->first = cgroup_group_container(c, g);
		} else if (!out->second && strcmp(first, ct.id)) {
			out->second = cgroup_group_container(c, g);
		}
	}
}

bool cgroups_next_wanted(struct cgroups *c, size_t *cursor, struct cgroup_key *out,
			 const char **path)
{
	enum container_match how;
	struct container ct;

	for (; *cursor < c->n; ++*cursor) {
		struct group *g = c->v[*cursor];

		if (!is_judged(c, g) || !cgroup_group_wanted(c, g, &how, &ct))
			continue;
		*out = (struct cgroup_key){ .id = g->id, .hierarchy = g->hierarchy };
		*path = g->path;
		++*cursor;
		return true;
	}
	return false;
}
