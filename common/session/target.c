/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target - what the user asked to measure: which actors, disks and control groups belong to it. */
#include "session/target.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "machine/pid_ns.h"
#include "tables/sample.h"
#include "tables/seed.h"

/* ---- what the wish names ---- */

/* The process of a thread; the number of the thread itself if /proc does not tell. */
static uint32_t process_of(uint32_t tid)
{
	char path[64], line[128];
	uint32_t tgid = tid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %u", &tgid) == 1)
			break;
	if (f)
		fclose(f);
	return tgid;
}

/* --cgroup and --container name groups that exist now. */
static int find_cgroups(struct target *t, struct cgroup_found *found, struct failure *f)
{
	const struct target_wish *w = &t->wish;

	cgroups_filter(t->cgroups, w->cgroup, NULL, found);
	if (w->cgroup && !found->groups) {
		log_failure_set(f, ERR_NO_CGROUP,
			    "cat /proc/PID/cgroup    shows the path of a process",
			    "--cgroup %s: no such group in cgroup v2 or in the v1 hierarchies blkio, memory and name=systemd",
			    w->cgroup);
		return -ENOENT;
	}
	cgroups_filter(t->cgroups, w->cgroup, w->container, found);
	if (w->container && !found->groups) {
		log_failure_set(f, ERR_NO_CONTAINER,
			    "ioamp-stat -a --by container --duration 5    lists the containers that do I/O",
			    "--container %s: no cgroup%s%s belongs to a container of this id or name",
			    w->container, w->cgroup ? " below " : "", w->cgroup ? w->cgroup : "");
		return -ENOENT;
	}
	if (found->second) {
		log_failure_set(f, ERR_MANY_CONTAINERS, "give more digits of the id",
			    "--container %s: it may be %s or %s", w->container, found->first, found->second);
		return -EINVAL;
	}
	return 0;
}

/* Groups with an id let the kernel side tell which processes are in them. */
static int choose_cgroups(struct target *t, struct engine_request *rq, struct failure *f)
{
	struct cgroup_found found;
	int err;

	if (!t->wish.cgroup && !t->wish.container)
		return 0;
	err = find_cgroups(t, &found, f);
	if (err || rq->targeted != TARGET_ALL || t->wish.all || !found.judged)
		return err;
	rq->targeted = TARGET_CGROUPS;
	rq->text.cgroups = true;
	rq->text.io_hierarchy = cgroups_hierarchy(t->cgroups, CGROUP_IO);
	rq->text.memory_hierarchy = cgroups_hierarchy(t->cgroups, CGROUP_MEMORY);
	return 0;
}

int target_open(struct target *t, const struct target_wish *wish, struct engine_request *rq, struct failure *f)
{
	int err;

	t->wish = *wish;
	rq->targeted = wish->command && !wish->all ? TARGET_TREE : wish->nr_pids ? TARGET_PIDS : TARGET_ALL;
	rq->text.pid_ns = pid_ns_number();
	if (wish->tid) {
		rq->text.tid = wish->tid;
		rq->targeted = TARGET_PIDS;
		t->wish.nr_pids = 1;
		t->wish.pids[0] = process_of(wish->tid);
	}
	rq->pids = t->wish.pids;
	rq->nr_pids = t->wish.nr_pids;
	err = cgroups_open(&t->cgroups, "");
	if (!err)
		err = choose_cgroups(t, rq, f);
	t->targeted = rq->targeted;
	return err;
}

void target_close(struct target *t)
{
	cgroups_close(t->cgroups);
}

/* ---- control groups ---- */

static void on_cgroup(void *ctx, const struct cgroup_key *key, const char *path)
{
	cgroups_add(ctx, key, path);
}

void target_learn(struct target *t, const struct engine *e)
{
	struct cgroup_key key;
	const char *path;
	bool more = false;

	sample_cgroups(e, on_cgroup, t->cgroups);
	cgroups_stale(t->cgroups);
	if (t->targeted != TARGET_CGROUPS)
		return;
	/* groups below a wanted one are found by the kernel side itself */
	while (cgroups_next_wanted(t->cgroups, &t->cgroups_seeded, &key, &path)) {
		more |= !seed_cgroup(e, &key);
		seed_cgroup_path(e, path);
	}
	if (more)
		seed_judge_again(e);
}

void target_scan(struct target *t, const struct engine *e)
{
	cgroups_scan(t->cgroups);
	target_learn(t, e);
}

/* ---- who and what belongs to it ---- */

bool target_has_actor(const struct target *t, uint32_t actor)
{
	if (t->wish.all)
		return actor != ACTOR_SELF;
	return actor >= ACTOR_FIRST && !(actor & ACTOR_POOL);
}

bool target_has_others(const struct target *t)
{
	const struct target_wish *w = &t->wish;

	return t->targeted == TARGET_ALL && !w->comm && !w->nr_systems && !w->cgroup && !w->container;
}

bool target_has_disk(const struct target_wish *wish, const char *name)
{
	for (unsigned int i = 0; i < wish->nr_disks; i++)
		if (!fnmatch(wish->disks[i], name, 0))
			return true;
	return !wish->nr_disks;
}

int target_check_disks(const struct target *t, const struct disks *disks, struct failure *f)
{
	bool any = !t->wish.nr_disks;

	for (size_t i = 0; i < disks->n; i++)
		any |= target_has_disk(&t->wish, disks->v[i].name);
	if (any)
		return 0;
	log_failure_set(f, ERR_NO_DISK, "lsblk -d -o NAME    shows the names of disks",
			"-d %s: no disk in /sys/block matches (a partition is measured with its disk)", t->wish.disks[0]);
	return -ENOENT;
}

void target_keep_disks(const struct target_wish *wish, const struct storage *st, struct counts *c)
{
	size_t w = 0;

	if (!wish->nr_disks)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct agg_key *k = &c->v[i].key;
		const struct disk *d = k->layer < LAYER_BLOCK && k->dev ? storage_disk_of(st, k->dev) : NULL;

		if (!d || target_has_disk(wish, d->name))
			c->v[w++] = c->v[i];
	}
	c->n = w;
}

void target_flight_add(const struct target *t, struct flight *f, const struct agg_key *k, const struct agg_val *v)
{
	if (!target_has_actor(t, k->actor))
		return;
	if (k->layer == LAYER_CACHE)
		f->replaced |= k->op == CACHE_REPLACED;
	else if (k->layer == LAYER_BLOCK && k->op <= OP_WRITE)
		*(k->op == OP_READ ? &f->reads : &f->bytes) += (int64_t)v->bytes;
	/* completed by the disk on which it was queued; the disks below that one move the same bytes again */
	else if (k->layer == LAYER_DEVICE && k->op <= OP_WRITE && !(k->flags & KEY_BELOW))
		*(k->op == OP_READ ? &f->reads : &f->bytes) -= (int64_t)v->bytes;
}

const char *target_name(struct target *t)
{
	const struct target_wish *w = &t->wish;

	if (w->tid)
		snprintf(t->name, sizeof(t->name), "thread %u", w->tid);
	else if (w->nr_pids)
		snprintf(t->name, sizeof(t->name), "process %u%s", w->pids[0], w->nr_pids > 1 ? " and others" : "");
	else if (w->cgroup)
		snprintf(t->name, sizeof(t->name), "cgroup %.100s", w->cgroup);
	else if (w->container)
		snprintf(t->name, sizeof(t->name), "container %.100s", w->container);
	else if (w->nr_systems)
		snprintf(t->name, sizeof(t->name), "system %.80s%s", w->systems[0],
			 w->nr_systems > 1 ? " and others" : "");
	else if (w->comm)
		snprintf(t->name, sizeof(t->name), "processes named %.90s", w->comm);
	else
		snprintf(t->name, sizeof(t->name), "the whole machine");
	return t->name;
}
