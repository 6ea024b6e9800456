/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroup_internal - what cgroup_hierarchy.c, cgroup_groups.c, cgroup_filter.c and
 * cgroup_place.c share. Nobody else includes this.
 */
#ifndef IOAMP_CGROUP_INTERNAL_H
#define IOAMP_CGROUP_INTERNAL_H

#include <limits.h>

#include "machine/cgroup.h"
#include "machine/container_labels.h"

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
/* A process whose place was asked for. */
struct process {
	uint64_t ids[CGROUP_IDS];
	uint32_t pid;
	struct cgroup_place place;
	size_t known;		/* groups when it was judged, if one of its own was not among them */
	struct process *next;
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
	struct process *by_pid[BUCKETS];
	struct group **v;	/* in order of arrival */
	size_t n;
	char **texts;
	size_t nr_texts;
	struct container_labels *labels;
	const char *want_path, *want_container;
	char want_buf[PATH_MAX];
	bool fresh;		/* scanned since the last change that we know of */
};

/* ---- cgroup_hierarchy.c ---- */

/* Which hierarchy a list of controllers names, in the order of iolayers(7); -1: none of ours. */
int cgroup_which(const char *controllers);
/* "4:memory:/path": the path, and the controllers before it; NULL: no such line. */
char *cgroup_split(char *line, char **controllers);
/* Numbers and mounts of the hierarchies. */
void cgroup_hierarchies_read(struct cgroups *c);

/* ---- cgroup_groups.c ---- */

/* `path` NULL: any group of this id will do. NULL: none. */
struct group *cgroup_group_find(const struct cgroups *c, uint32_t hierarchy, uint64_t id,
				const char *path);
/* The group of a path without an id, added if it is new; NULL when memory is short. */
struct group *cgroup_group_of_path(struct cgroups *c, const char *path);
/* NULL: it is in none. */
const char *cgroup_group_container(struct cgroups *c, struct group *g);

/* ---- cgroup_filter.c ---- */

/* Does the filter ask for it? If by a container, *how says by what and *ct which one. */
bool cgroup_group_wanted(struct cgroups *c, const struct group *g, enum container_match *how,
			 struct container *ct);

#endif
