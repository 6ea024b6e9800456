/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroup - paths and containers of control groups, by id and by process, on machines with
 * version 1, version 2 or both.
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
 * Finds the hierarchies and every group in them. `root`: what precedes /proc, "" for this
 * machine. 0 or -ENOMEM.
 */
int cgroups_open(struct cgroups **out, const char *root);
void cgroups_close(struct cgroups *c);

/* Number of a hierarchy in the kernel; 0 for version 2 and its controllers. */
uint32_t cgroups_hierarchy(const struct cgroups *c, enum cgroup_hierarchy which);

/* Adds new groups. Removed groups stay in the list. */
void cgroups_scan(struct cgroups *c);
/* Adds a group that the kernel side reported. */
void cgroups_add(struct cgroups *c, const struct cgroup_key *key, const char *path);
/* Lets the next unknown id start another scan. */
void cgroups_stale(struct cgroups *c);

/*
 * Sets what --cgroup and --container ask for; NULL: anything. A path may lack its first '/', or
 * begin with the mount point of a hierarchy.
 */
struct cgroup_found {
	size_t groups;		/* existing groups that match */
	size_t judged;		/* of these, groups in a hierarchy that the kernel side reads */
	const char *first, *second;	/* two containers whose ids begin with `container`, or NULL */
};
void cgroups_filter(struct cgroups *c, const char *path, const char *container,
		    struct cgroup_found *out);
/* The next judged group that matches; start with *cursor = 0. False: there is no further one now. */
bool cgroups_next_wanted(struct cgroups *c, size_t *cursor, struct cgroup_key *out,
			 const char **path);

/* The group of a process. The strings are valid until cgroups_close(). */
struct cgroup_place {
	const char *path;	/* as rows show it: iolayers(7); NULL: unknown */
	const char *container;	/* NULL: none */
	bool wanted;		/* the filter asks for it */
};

/*
 * Finds the group by ids, which stay valid after process and group have ended, else by
 * /proc/PID/cgroup. An ended process without a known id gets our own group if it is `ours`, a
 * descendant of this process. NULL: no memory.
 */
const struct cgroup_place *cgroups_place(struct cgroups *c, const uint64_t ids[CGROUP_IDS],
					 uint32_t pid, bool ours);

/* The path that rows show, from the text of /proc/PID/cgroup; "/" if the text has no other. */
void cgroup_parse(FILE *f, char *out, size_t size);

#endif
