/* SPDX-License-Identifier: GPL-3.0-or-later */
/* who - names of actors: the process, its control group and container, its storage system and role. */
#include "session/who.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/grow.h"

#define NS		1000000000ll
#define YOUNG_NS	(2 * NS)	/* a process this young is examined each time: it sets its title after the fork */
#define ROUND_NS	NS		/* between two examinations of older ones */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

int who_open(struct who *w, const struct target_wish *wish, struct failure *f)
{
	const char *nearest = NULL;
	int err = systems_open(&w->systems, "");

	for (unsigned int i = 0; !err && i < wish->nr_systems; i++)
		if (!systems_known(w->systems, wish->systems[i], &nearest)) {
			log_failure_set(f, ERR_NO_SYSTEM,
				    "ioamp-doctor --systems    lists the systems that run; rules are in ioamp-systems(5)",
				    "-S %s: no rule has this name%s%s%s", wish->systems[i],
				    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
			err = -ENOENT;
		}
	return err;
}

void who_close(struct who *w)
{
	systems_close(w->systems);
	free(w->places);
	free(w->alive);
	free(w->actors);
	free(w->names);
}

/* ---- system and role of a process ---- */

static struct who_place *place_of(struct who *w, uint32_t id)
{
	size_t i = id - ACTOR_FIRST, cap;
	struct who_place *v;

	if (i >= w->cap_places) {
		for (cap = w->cap_places ? w->cap_places : 256; cap <= i; cap *= 2)
			;
		v = realloc(w->places, cap * sizeof(*v));
		if (!v)
			return NULL;
		memset(v + w->cap_places, 0, (cap - w->cap_places) * sizeof(*v));
		w->places = v;
		w->cap_places = cap;
	}
	return &w->places[i];
}

/*
 * Its number here, for /proc. Above the tool's PID namespace it has none: then it is one that no
 * process ever has, because another process may have the number that is shown.
 */
static uint32_t number_here(const struct actor *a)
{
	return a->flags & ACTOR_F_ABOVE ? UINT32_MAX : a->tgid;
}

/*
 * Keeps the earlier result if the process has ended meanwhile: its /proc files disappear before
 * the kernel side reports the end.
 */
static void examine(struct who *w, const struct actor *a, struct who_place *p)
{
	const struct system_process process = {
		.pid = number_here(a), .ppid = a->ppid, .start_ns = a->start_ns, .exe_ino = a->exe_ino,
		.exe_dev = a->exe_dev, .comm = a->comm, .exe = a->exe,
	};
	struct system_place place;

	systems_place(w->systems, &process, &place);
	p->ended = place.ended || (a->flags & ACTOR_F_EXITED);
	if (p->known && place.ended && p->execs == a->execs)
		return;
	/* a process may drop its title; it keeps the role that the title gave it */
	if (p->known && p->execs == a->execs && place.system == p->place.system && !place.role)
		place.role = p->place.role;
	p->place = place;
	p->execs = a->execs;
	p->known = true;
}

static bool add_alive(struct who *w, uint32_t id)
{
	uint32_t *v = grow_by_one(w->alive, w->nr_alive, sizeof(*v));

	if (!v)
		return false;
	w->alive = v;
	v[w->nr_alive++] = id;
	return true;
}

/* comm and exe have room for a NUL; do not rely on the kernel side for it. */
static void end_strings(struct actor *a)
{
	a->comm[sizeof(a->comm) - 1] = a->exe[sizeof(a->exe) - 1] = 0;
}

/* False: the kernel side has not filled the entry yet. */
static bool meet(struct who *w, const struct engine *e, uint32_t id, int64_t now)
{
	struct who_place *p = place_of(w, id);
	struct actor a;

	if (!p || p->known || sample_actor(e, id, &a))
		return true;
	if (a.process != id)
		return a.process;	/* the place of a thread is that of its process */
	end_strings(&a);
	p->first_ns = now;
	examine(w, &a, p);
	if (!p->ended)
		add_alive(w, id);
	return true;
}

/* Does this system have roles that depend on the process title, which may change? */
static bool has_titles(const struct rule_system *system)
{
	for (size_t i = 0; system && i < system->nr_roles; i++)
		if (system->roles[i].title.n)
			return true;
	return false;
}

/* Examines a process again, if its age or an exec calls for it. False: it has ended. `all`: older ones, too. */
static bool ask_again(struct who *w, const struct engine *e, uint32_t id, int64_t now, bool all)
{
	struct who_place *p = place_of(w, id);
	bool young = now - p->first_ns < YOUNG_NS;
	struct actor a;

	if (!young && !all)
		return true;
	if (sample_actor(e, id, &a))
		return false;
	end_strings(&a);
	if (young || a.execs != p->execs || (a.flags & ACTOR_F_EXITED) || has_titles(p->place.system))
		examine(w, &a, p);
	return !p->ended;
}

void who_learn(struct who *w, const struct engine *e)
{
	uint32_t next = sample_next_actor(e);
	int64_t now = now_ns();
	bool all = now - w->round_ns >= ROUND_NS;
	size_t left = 0;

	for (size_t i = 0; i < w->nr_alive; i++)
		if (ask_again(w, e, w->alive[i], now, all))
			w->alive[left++] = w->alive[i];
	w->nr_alive = left;
	if (all)
		w->round_ns = now;
	while (w->nr_met < next - ACTOR_FIRST && meet(w, e, ACTOR_FIRST + (uint32_t)w->nr_met, now))
		w->nr_met++;
}

/* ---- names ---- */

static bool in_systems(const struct target_wish *wish, const struct system_place *place)
{
	for (unsigned int i = 0; i < wish->nr_systems; i++)
		if (systems_match(wish->systems[i], place))
			return true;
	return !wish->nr_systems;
}

static const struct system_place *known_place(struct who *w, const struct actor *a, const struct actor *process)
{
	static const struct system_place nowhere = { .instance = "" };
	struct who_place *p = place_of(w, a->process);

	if (!p)
		return &nowhere;
	/* an event may name a process before who_learn() has met it */
	if (!p->known) {
		examine(w, process, p);
		p->first_ns = now_ns();
		if (!p->ended)
			add_alive(w, a->process);
	}
	return &p->place;
}

/* The role of a thread comes before that of its process. */
static void name_system(const struct system_place *place, const struct actor *a, struct ledger_actor *out)
{
	const struct rule_role *role = place->system ? classify_thread(place->system, a->comm) : NULL;

	if (!role)
		role = place->role;
	out->system = place->system ? place->system->name : NULL;
	out->instance = *place->instance ? place->instance : NULL;
	out->role = role ? role->name : NULL;
}

/* Filters by name, which the kernel side does not apply. */
static bool in_target(const struct target *t, const struct ledger_actor *a, const struct cgroup_place *group)
{
	const struct target_wish *w = &t->wish;

	if (w->comm && fnmatch(w->comm, a->comm, 0))
		return false;
	/* the kernel side judged by the group that the process was in then */
	if ((w->cgroup || w->container) && t->targeted != TARGET_CGROUPS)
		return group && group->wanted;
	return true;
}

/* `process` is the actor of its process: itself, but for a thread that plays a role of its own. */
static void name_actor(struct who *w, const struct target *t, const struct actor_entry *e,
		       const struct actor *process, struct ledger_actor *out)
{
	const struct system_place *place = known_place(w, &e->a, process);
	const struct cgroup_place *group;

	out->id = e->id;
	out->process = e->a.process;
	out->tgid = process->tgid;
	out->comm = process->comm;
	out->serves = process->flags & ACTOR_F_FUSE;
	name_system(place, &e->a, out);
	group = cgroups_place(t->cgroups, (const uint64_t *)process->cgroup, number_here(process),
			      t->wish.command);
	out->cgroup = group ? group->path : NULL;
	out->container = group ? group->container : NULL;
	out->target = in_systems(&t->wish, place) && in_target(t, out, group);
}

const struct ledger_actor *who_one(struct who *w, const struct engine *e, const struct target *t, uint32_t id)
{
	struct actor_entry *one = &w->one_actor;

	if (id < ACTOR_FIRST || (id & ACTOR_POOL) || sample_actor(e, id, &one->a))
		return NULL;
	one->id = id;
	end_strings(&one->a);
	if (one->a.process == id) {
		name_actor(w, t, one, &one->a, &w->one);
		return &w->one;
	}
	if (sample_actor(e, one->a.process, &w->one_process))
		return NULL;
	end_strings(&w->one_process);
	name_actor(w, t, one, &w->one_process, &w->one);
	return &w->one;
}

static int by_id(const void *key, const void *entry)
{
	__u32 a = *(const __u32 *)key, b = ((const struct actor_entry *)entry)->id;

	return a < b ? -1 : a > b;
}

/* The actor of its process. A process that was never counted may be missing: then it is `a` itself. */
static const struct actor *process_of(const struct who *w, const struct actor *a)
{
	const struct actor_entry *e = bsearch(&a->process, w->actors, w->nr_actors, sizeof(*w->actors), by_id);

	return e ? &e->a : a;
}

int who_all(struct who *w, const struct engine *e, const struct departed *d, struct target *t)
{
	int err;

	free(w->actors);
	free(w->names);
	w->names = NULL;
	err = departed_all(d, e, &w->actors, &w->nr_actors);
	target_learn(t, e);
	if (err)
		return err;
	who_learn(w, e);
	w->names = calloc(w->nr_actors ? w->nr_actors : 1, sizeof(*w->names));
	if (!w->names)
		return -ENOMEM;
	for (size_t i = 0; i < w->nr_actors; i++)
		end_strings(&w->actors[i].a);
	for (size_t i = 0; i < w->nr_actors; i++)
		name_actor(w, t, &w->actors[i], process_of(w, &w->actors[i].a), &w->names[i]);
	return 0;
}
