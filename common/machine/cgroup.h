/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroup - ids and processes to paths of control groups, on machines with version
 * 1, version 2 or both, and from paths to containers.
 */
#ifndef IOAMP_CGROUP_H
#define IOAMP_CGROUP_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "probes/abi.h"

struct cgroups;

/*
 * Finds the hierarchies and every group in them. Files are read below `root`,
 * "" for the machine's own. 0 or -ENOMEM.
 */
int cgroups_open(struct cgroups **out, const char *root);
void cgroups_close(struct cgroups *c);

/* Number of a hierarchy in the kernel; 0 for version 2 and its controllers. */
uint32_t cgroups_hierarchy(const struct cgroups *c, enum cgroup_hierarchy which);

/* Adds groups that came since; those that went stay known. */
void cgroups_scan(struct cgroups *c);
/* Adds one that the kernel side saw come. */
void cgroups_add(struct cgroups *c, const struct cgroup_key *key, const char *path);
/* Time has passed: the next unknown id is worth another scan. */
void cgroups_stale(struct cgroups *c);

/*
 * What --cgroup and --container ask for; NULL: anything. A path may lack its
 * first '/', or begin with the place a hierarchy is mounted at.
 */
struct cgroup_found {
	size_t groups;		/* that exist and match; 0: nothing has this name */
	size_t judged;		/* of them, in a hierarchy that the kernel side looks at */
	const char *first, *second;	/* two containers that one prefix of an id means, or NULL */
};
void cgroups_filter(struct cgroups *c, const char *path, const char *container,
		    struct cgroup_found *out);
/* The next judged group that matches; *cursor begins with 0. False: none so far. */
bool cgroups_next_wanted(struct cgroups *c, size_t *cursor, struct cgroup_key *out, const char **path);

/* Where a process is. The strings live as long as the struct cgroups. */
struct cgroup_place {
	const char *path;	/* the one a row shows: iolayers(7); NULL: not known */
	const char *container;	/* NULL: in none */
	bool wanted;		/* by the filter */
};

/*
 * By ids (which outlive process and group), else by /proc/PID/cgroup; what is not
 * known of a process that is gone is taken from us if it is `ours`, a descendant.
 * NULL only when memory is short.
 */
const struct cgroup_place *cgroups_place(struct cgroups *c, const uint64_t ids[CGROUP_IDS],
					 uint32_t pid, bool ours);

/* The path that a row shows, from the text of /proc/PID/cgroup; "/" when it names no other. */
void cgroup_parse(FILE *f, char *out, size_t size);

#endif
