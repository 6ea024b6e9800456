/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_systems - systems and roles of the processes that do I/O: each is looked
 * at when it is met, again after an exec, and while its title may still change.
 */
#include "session/session_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS		1000000000ll
#define YOUNG_NS	(2 * NS)	/* a new process is asked each time: titles come after the fork */
#define ASK_NS		NS		/* the others */
#define ROLE_SLOTS	8192		/* of the cache; a power of two */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

int session_systems_open(struct session *s, struct failure *f)
{
	const char *nearest = NULL;
	int err = systems_open(&s->systems, "");

	if (!err) {
		s->file_roles = calloc(ROLE_SLOTS, sizeof(*s->file_roles));
		err = s->file_roles ? 0 : -ENOMEM;
	}
	for (unsigned int i = 0; !err && i < s->ask.target.nr_systems; i++)
		if (!systems_known(s->systems, s->ask.target.systems[i], &nearest)) {
			log_failure_set(f, ERR_NO_SYSTEM,
				    "ioamp-doctor --systems    shows those that run; rules are in ioamp-systems(5)",
				    "-S %s: no rule has this name%s%s%s", s->ask.target.systems[i],
				    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
			err = -ENOENT;
		}
	return err;
}

void session_systems_close(struct session *s)
{
	systems_close(s->systems);
	free(s->file_roles);
	free(s->roles);
	free(s->placed);
	free(s->living);
}

/* ---- who is what ---- */

static struct placed *placed_of(struct session *s, uint32_t id)
{
	size_t i = id - ACTOR_FIRST, cap;
	struct placed *v;

	if (i >= s->cap_placed) {
		for (cap = s->cap_placed ? s->cap_placed : 256; cap <= i; cap *= 2)
			;
		v = realloc(s->placed, cap * sizeof(*v));
		if (!v)
			return NULL;
		memset(v + s->cap_placed, 0, (cap - s->cap_placed) * sizeof(*v));
		s->placed = v;
		s->cap_placed = cap;
	}
	return &s->placed[i];
}

/* Keeps what is known where less is known now: a process that ends loses its /proc first. */
static void look(struct session *s, const struct actor *a, struct placed *p)
{
	const struct system_process who = {
		.pid = a->tgid, .ppid = a->ppid, .start_ns = a->start_ns, .exe_ino = a->exe_ino,
		.exe_dev = a->exe_dev, .comm = a->comm, .exe = a->exe,
	};
	struct system_place place;

	systems_place(s->systems, &who, &place);
	p->done = place.gone || (a->flags & ACTOR_F_EXITED);
	if (p->looked && place.gone && p->execs == a->execs)
		return;
	/* its role by title may go with the title */
	if (p->looked && p->execs == a->execs && place.system == p->place.system && !place.role)
		place.role = p->place.role;
	p->place = place;
	p->execs = a->execs;
	p->looked = true;
}

static bool note_living(struct session *s, uint32_t id)
{
	size_t cap = s->cap_living ? s->cap_living * 2 : 256;
	uint32_t *v;

	if (s->nr_living == s->cap_living) {
		v = realloc(s->living, cap * sizeof(*v));
		if (!v)
			return false;
		s->living = v;
		s->cap_living = cap;
	}
	s->living[s->nr_living++] = id;
	return true;
}

/* False: it is not whole yet. */
static bool meet(struct session *s, uint32_t id, int64_t now)
{
	struct placed *p = placed_of(s, id);
	struct actor a;

	if (!p || p->looked || sample_actor(&s->engine, id, &a))
		return true;
	if (a.process != id)
		return a.process;	/* a thread's is its process's */
	a.comm[sizeof(a.comm) - 1] = a.exe[sizeof(a.exe) - 1] = 0;
	p->first_ns = now;
	look(s, &a, p);
	if (!p->done)
		note_living(s, id);
	return true;
}

/* Could a look find a role that the last one did not? */
static bool has_titles(const struct rule_system *system)
{
	for (size_t i = 0; system && i < system->nr_roles; i++)
		if (system->roles[i].title.n)
			return true;
	return false;
}

/* Whether it is worth another look the next time. */
static bool ask_again(struct session *s, uint32_t id, int64_t now, bool all)
{
	struct placed *p = placed_of(s, id);
	bool young = now - p->first_ns < YOUNG_NS;
	struct actor a;

	if (!young && !all)
		return true;
	if (sample_actor(&s->engine, id, &a))
		return false;
	a.comm[sizeof(a.comm) - 1] = a.exe[sizeof(a.exe) - 1] = 0;
	if (young || a.execs != p->execs || (a.flags & ACTOR_F_EXITED) || has_titles(p->place.system))
		look(s, &a, p);
	return !p->done;
}

void session_learn_systems(struct session *s)
{
	uint32_t next = sample_next_actor(&s->engine);
	int64_t now = now_ns();
	bool all = now - s->looked_ns >= ASK_NS;
	size_t w = 0;

	for (size_t i = 0; i < s->nr_living; i++)
		if (ask_again(s, s->living[i], now, all))
			s->living[w++] = s->living[i];
	s->nr_living = w;
	if (all)
		s->looked_ns = now;
	while (s->nr_placed < next - ACTOR_FIRST && meet(s, ACTOR_FIRST + (uint32_t)s->nr_placed, now))
		s->nr_placed++;
}

/* ---- names ---- */

static bool in_systems(const struct session_request *o, const struct system_place *place)
{
	for (unsigned int i = 0; i < o->target.nr_systems; i++)
		if (systems_match(o->target.systems[i], place))
			return true;
	return !o->target.nr_systems;
}

void session_name_system(struct session *s, const struct actor *a, const struct actor *process,
			 struct ledger_actor *out)
{
	static const struct system_place nowhere = { .instance = "" };
	struct placed *p = placed_of(s, a->process);
	const struct system_place *place = p && p->looked ? &p->place : &nowhere;
	const struct rule_role *role;

	/* an event may come before the look around */
	if (p && !p->looked) {
		look(s, process, p);
		p->first_ns = now_ns();
		if (!p->done)
			note_living(s, a->process);
		place = &p->place;
	}
	out->target = in_systems(&s->ask, place);
	out->system = place->system ? place->system->name : NULL;
	out->instance = *place->instance ? place->instance : NULL;
	role = place->system ? classify_thread(place->system, a->comm) : NULL;
	if (!role)
		role = place->role;
	out->role = role ? role->name : NULL;
}

static uint64_t hash_of(const char *name)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3;
	return h;
}

/* As the ledger shows a file that is gone. */
#define DELETED " (deleted)"

static const char *role_of_path(const struct rule_system *system, const char *path)
{
	size_t n = strlen(path), tail = sizeof(DELETED) - 1;
	const struct rule_role *role;
	char *plain;

	if (n <= tail || strcmp(path + n - tail, DELETED)) {
		role = classify_file(system, path);
	} else {
		plain = strndup(path, n - tail);
		role = plain ? classify_file(system, plain) : NULL;
		free(plain);
	}
	return role ? role->name : NULL;
}

static const char *role_of_file(struct session *s, const char *name_of_system,
				const struct ledger_file *file)
{
	const struct rule_system *system = rules_find(systems_rules(s->systems), name_of_system);
	uint64_t name = hash_of(file->name);
	struct file_role *r = &s->file_roles[(file->id * 31 + (uintptr_t)system / sizeof(*system)) &
					     (ROLE_SLOTS - 1)];

	if (!system)
		return NULL;
	if (r->system != system || r->file != file->id || r->name != name)
		*r = (struct file_role){ system, file->id, name, role_of_path(system, file->name) };
	return r->role;
}

/* Adds the file and the system that used it; the role follows when each pair is there once. */
static void note_use(struct session *s, __u32 actor, __u32 file)
{
	const struct ledger_actor *who = file ? ledger_actor_find(&s->input, actor) : NULL;
	const struct ledger_file *f = who && who->system ? ledger_file_find(&s->input, file) : NULL;

	if (f)
		s->roles[s->nr_roles++] = (struct ledger_role){ who->system, f->id, NULL };
}

int session_file_roles(struct session *s)
{
	size_t n = s->lines.n + s->pending.n, w = 0;
	struct ledger_role *v = realloc(s->roles, (n ? n : 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	s->roles = v;
	s->nr_roles = 0;
	for (size_t i = 0; i < s->lines.n; i++)
		note_use(s, s->lines.v[i].key.actor, s->lines.v[i].key.file);
	for (size_t i = 0; i < s->pending.n; i++)
		note_use(s, s->pending.v[i].actor, s->pending.v[i].file);
	if (s->nr_roles)
		qsort(v, s->nr_roles, sizeof(*v), ledger_role_compare);
	for (size_t i = 0; i < s->nr_roles; i++) {
		if (i && !ledger_role_compare(&v[i - 1], &v[i]))
			continue;
		v[i].role = role_of_file(s, v[i].system, ledger_file_find(&s->input, v[i].file));
	}
	for (size_t i = 0; i < s->nr_roles; i++)
		if (v[i].role)
			v[w++] = v[i];
	s->nr_roles = w;
	s->input.roles = v;
	s->input.nr_roles = w;
	return 0;
}

const char *session_role_of_path(const struct session *s, const struct ledger_actor *who, const char *path)
{
	const struct rule_system *system = who->system ?
		rules_find(systems_rules(s->systems), who->system) : NULL;

	return system ? role_of_path(system, path) : NULL;
}

const struct rules *session_rules(const struct session *s)
{
	return systems_rules(s->systems);
}
