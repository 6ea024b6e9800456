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

/* The three that the kernel side reads, and systemd's own, which has no controller. */
#define SYSTEMD		CGROUP_IDS
#define HIERARCHIES	(CGROUP_IDS + 1)
#define NO_HIERARCHY	UINT32_MAX	/* for groups known only by path */
#define BUCKETS		4096		/* a power of two */
#define DEPTH_MAX	64		/* groups below this depth are not scanned */

/* A group; it stays until cgroups_close(). */
struct group {
	uint64_t id;
	uint32_t hierarchy;
	bool parsed;
	const char *container;	/* in `texts`; NULL: none */
	char *path;
	struct group *next;
};
/* A process whose place was asked for. */
struct process {
	uint64_t ids[CGROUP_IDS];
	uint32_t pid;
	struct cgroup_place place;
	size_t known;		/* number of groups at that time, if one of its groups was unknown; else SIZE_MAX */
	struct process *next;
};
struct hierarchy {
	uint32_t number;	/* 0: version 2, or not on this machine */
	char mount[PATH_MAX];	/* with `root`; "": not mounted */
	char prefix[PATH_MAX];	/* path of the group that is mounted; "": the top */
};
struct cgroups {
	char root[PATH_MAX / 2];
	struct hierarchy h[HIERARCHIES];
	struct group *by_id[BUCKETS];
	struct process *by_pid[BUCKETS];
	struct group **v;	/* in the order of discovery */
	size_t n;
	char **texts;
	size_t nr_texts;
	struct container_labels *labels;
	const char *want_path, *want_container;
	char want_buf[PATH_MAX];
	bool fresh;		/* no scan is needed before the next cgroups_stale() */
};

/* ---- cgroup_hierarchy.c ---- */

/* The index in `h` of the hierarchy that has these controllers; -1: none. */
int cgroup_which(const char *controllers);
/* Splits "4:memory:/path" into controllers and path. NULL: another kind of line. */
char *cgroup_split(char *line, char **controllers);
/* Reads numbers and mount points of the hierarchies. */
void cgroup_hierarchies_read(struct cgroups *c);

/* ---- cgroup_groups.c ---- */

/* With a `path`, only the group that has it too. NULL: none. */
struct group *cgroup_group_find(const struct cgroups *c, uint32_t hierarchy, uint64_t id,
				const char *path);
/* The group of a path whose id is unknown, added if it is new. NULL: no memory. */
struct group *cgroup_group_of_path(struct cgroups *c, const char *path);
/* The container of a group; NULL: none. */
const char *cgroup_group_container(struct cgroups *c, struct group *g);

/* ---- cgroup_filter.c ---- */

/* Does the filter ask for the group? With --container: *ct is the container, *how the match. */
bool cgroup_group_wanted(struct cgroups *c, const struct group *g, enum container_match *how,
			 struct container *ct);

#endif
