/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup_place - the control group and container of a process. */
#include "machine/cgroup_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The groups in a text like /proc/PID/cgroup. Hierarchies without a line keep their group. */
static void parse_groups(struct cgroups *c, FILE *f, struct group *in[HIERARCHIES])
{
	char line[PATH_MAX], *controllers, *path;

	while (fgets(line, sizeof(line), f)) {
		int which;

		path = cgroup_split(line, &controllers);
		which = path ? cgroup_which(controllers) : -1;
		if (which >= 0 && !in[which])
			in[which] = cgroup_group_of_path(c, path);
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

/* False: one of the ids is unknown. */
static bool from_ids(struct cgroups *c, const uint64_t ids[CGROUP_IDS],
		     struct group *in[HIERARCHIES])
{
	bool all = true;

	for (int i = 0; i < CGROUP_IDS; i++) {
		/* a controller of version 2 has the groups of version 2 */
		if (!ids[i] || (i && !c->h[i].number))
			continue;
		in[i] = cgroup_group_find(c, c->h[i].number, ids[i], NULL);
		if (!in[i] && !c->fresh) {
			cgroups_scan(c);
			in[i] = cgroup_group_find(c, c->h[i].number, ids[i], NULL);
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

/* A container in any hierarchy; a service only if no hierarchy has a container. */
static const char *best_container(struct cgroups *c, struct group *const in[HIERARCHIES])
{
	const char *service = NULL, *text;

	for (int i = 0; i < HIERARCHIES; i++) {
		text = in[i] ? cgroup_group_container(c, in[i]) : NULL;
		if (text && strncmp(text, "systemd:", 8))
			return text;
		if (!service)
			service = text;
	}
	return service;
}

/* Is the process in a group whose path is unknown? */
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
		out->wanted |= cgroup_group_wanted(c, in[i], &how, &ct);
	}
	out->container = best_container(c, in);
}

static void ask(struct cgroups *c, struct process *a, bool ours)
{
	struct group *in[HIERARCHIES] = { NULL };
	bool all = from_ids(c, a->ids, in), filter = c->want_path || c->want_container;

	/* /proc also has systemd's hierarchy, and groups without a known id */
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
	struct process *a, **slot = &c->by_pid[pid & (BUCKETS - 1)];

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
