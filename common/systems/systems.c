/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systems - which system each process belongs to. */
#include "systems/systems.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/nearest.h"
#include "systems/evidence.h"
#include "systems/rule_files.h"

#define ANCESTORS	8	/* generations of parents that are examined */
#define OTHER		"other"	/* shown for a process of no system */
#define NS		1000000000ull
#define TICKS_APART	3	/* clock ticks by which two readings of one start time may differ */

struct process {
	uint32_t pid;		/* 0: free */
	uint64_t start_ticks;
	struct system_place place;
};

/* A program that alone tells the system. */
struct program {
	uint64_t ino;
	uint32_t dev;
	const struct rule_system *system;
};

struct systems {
	char root[PATH_MAX];
	struct rules rules;
	struct process *processes;	/* open addressing by pid */
	size_t nr_processes, cap_processes;
	char **names;		/* of instances */
	size_t nr_names;
	struct program *programs;
	size_t nr_programs;
	int64_t suspended_ns;	/* CLOCK_BOOTTIME minus CLOCK_MONOTONIC */
	long ticks;		/* per second */
};

int systems_open(struct systems **out, const char *root)
{
	struct systems *s = calloc(1, sizeof(*s));
	struct timespec boot, mono;
	int err = s ? rule_files_load(&s->rules) : -ENOMEM;

	if (err) {
		free(s);
		return err;
	}
	snprintf(s->root, sizeof(s->root), "%s", root);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	s->suspended_ns = (int64_t)(boot.tv_sec - mono.tv_sec) * (int64_t)NS + boot.tv_nsec - mono.tv_nsec;
	s->ticks = sysconf(_SC_CLK_TCK);
	*out = s;
	return 0;
}

void systems_close(struct systems *s)
{
	if (!s)
		return;
	rules_free(&s->rules);
	for (size_t i = 0; i < s->nr_names; i++)
		free(s->names[i]);
	free(s->names);
	free(s->programs);
	free(s->processes);
	free(s);
}

const struct rules *systems_rules(const struct systems *s)
{
	return &s->rules;
}

/* ---- memory of processes and programs ---- */

/* One copy of each name; "" when memory is short. */
static const char *intern(struct systems *s, const char *name)
{
	char **v, *copy;

	if (!*name)
		return "";
	for (size_t i = 0; i < s->nr_names; i++)
		if (!strcmp(s->names[i], name))
			return s->names[i];
	v = grow_by_one(s->names, s->nr_names, sizeof(*v));
	if (!v)
		return "";
	s->names = v;
	copy = strdup(name);
	if (!copy)
		return "";
	v[s->nr_names++] = copy;
	return copy;
}

static struct process *slot_of(struct process *v, size_t cap, uint32_t pid)
{
	size_t i = pid * 2654435761u & (cap - 1);

	while (v[i].pid && v[i].pid != pid)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static const struct process *find_process(const struct systems *s, uint32_t pid)
{
	const struct process *k = s->cap_processes ? slot_of(s->processes, s->cap_processes, pid) : NULL;

	return k && k->pid ? k : NULL;
}

static bool make_room(struct systems *s)
{
	size_t cap = s->cap_processes ? s->cap_processes * 2 : 1024;
	struct process *v;

	if (s->nr_processes * 2 < s->cap_processes)
		return true;
	v = calloc(cap, sizeof(*v));
	if (!v)
		return false;
	for (size_t i = 0; i < s->cap_processes; i++)
		if (s->processes[i].pid)
			*slot_of(v, cap, s->processes[i].pid) = s->processes[i];
	free(s->processes);
	s->processes = v;
	s->cap_processes = cap;
	return true;
}

/* Replaces an earlier process with the same pid. */
static void remember(struct systems *s, const struct evidence *ev, const struct system_place *place)
{
	struct process *k;

	if (!make_room(s))
		return;
	k = slot_of(s->processes, s->cap_processes, ev->pid);
	s->nr_processes += !k->pid;
	*k = (struct process){ ev->pid, ev->start_ticks, *place };
}

static const struct program *find_program(const struct systems *s, uint64_t ino, uint32_t dev)
{
	for (size_t i = 0; ino && i < s->nr_programs; i++)
		if (s->programs[i].ino == ino && s->programs[i].dev == dev)
			return &s->programs[i];
	return NULL;
}

static void learn_program(struct systems *s, uint64_t ino, uint32_t dev, const struct rule_system *system)
{
	struct program *v;

	if (!ino || find_program(s, ino, dev))
		return;
	v = grow_by_one(s->programs, s->nr_programs, sizeof(*v));
	if (!v)
		return;
	s->programs = v;
	v[s->nr_programs++] = (struct program){ ino, dev, system };
}

/* Does the program alone tell the system? An interpreter does not. */
static bool told_by_program(const struct rule_system *system, const struct evidence *ev)
{
	struct evidence *alone = calloc(1, sizeof(*alone));
	bool told = false;

	if (alone) {
		memcpy(alone->exe, ev->exe, sizeof(alone->exe));
		told = classify_score(system, alone, NULL) >= POINTS_DETECTED;
	}
	free(alone);
	return told;
}

static void learn(struct systems *s, const struct evidence *ev, const struct rule_system *system)
{
	char path[PATH_MAX + 32];
	struct stat st;

	if (!told_by_program(system, ev))
		return;
	snprintf(path, sizeof(path), "%s/proc/%u/exe", s->root, ev->pid);
	if (!stat(path, &st))
		learn_program(s, st.st_ino, major(st.st_dev) << 20 | minor(st.st_dev), system);
}

/* ---- judging ---- */

static const struct system_place nowhere = { .instance = "" };

static void place_of_pid(struct systems *s, uint32_t pid, int depth, struct system_place *out);

static void judge(struct systems *s, struct evidence *ev, int depth, struct system_place *out)
{
	struct system_place parent = nowhere;
	char instance[INSTANCE_MAX] = "";
	int points;

	*out = nowhere;
	if (ev->ppid > 1 && !ev->kthread)
		place_of_pid(s, ev->ppid, depth + 1, &parent);
	ev->parent = parent.system ? parent.system->name : "";
	if (classify_needs_files(&s->rules, ev))
		evidence_gather_files(s->root, ev);
	out->system = classify(&s->rules, ev, &points);
	if (!out->system && parent.system && !classify_stops(ev->comm, ev->exe)) {
		out->system = parent.system;
		out->inherited = true;
	}
	if (!out->system)
		return;
	out->role = classify_title(out->system, ev->title);
	if (parent.system == out->system && *parent.instance) {
		out->instance = parent.instance;
	} else if (!ev->kthread) {
		if (!classify_instance(out->system, ev, instance, sizeof(instance))) {
			evidence_gather_files(s->root, ev);
			classify_instance(out->system, ev, instance, sizeof(instance));
		}
		out->instance = intern(s, instance);
	}
	if (!out->inherited)
		learn(s, ev, out->system);
}

/* The place of a pid: from /proc, or as remembered if the process has ended. */
static void place_of_pid(struct systems *s, uint32_t pid, int depth, struct system_place *out)
{
	struct evidence *ev = depth < ANCESTORS ? calloc(1, sizeof(*ev)) : NULL;
	const struct process *k = find_process(s, pid);

	*out = nowhere;
	if (!ev)
		return;
	if (evidence_title(s->root, pid, ev)) {
		if (k)
			*out = k->place;
	} else if (k && k->start_ticks == ev->start_ticks) {
		*out = k->place;
	} else if (!evidence_gather(s->root, pid, ev)) {
		judge(s, ev, depth, out);
		remember(s, ev, out);
	}
	evidence_free(ev);
	free(ev);
}

int systems_evidence(struct systems *s, uint32_t pid, struct evidence *ev, struct system_place *out)
{
	int err = evidence_gather(s->root, pid, ev);

	*out = nowhere;
	if (err)
		return err;
	judge(s, ev, 0, out);
	remember(s, ev, out);
	return 0;
}

static void scan_one(void *ctx, uint32_t pid)
{
	struct system_place place;

	place_of_pid(ctx, pid, 0, &place);
}

void systems_scan(struct systems *s)
{
	evidence_processes(s->root, scan_one, s);
}

/* Is it the same process? The kernel reuses pids. After a suspend the clocks differ: then yes. */
static bool same_process(const struct systems *s, const struct system_process *p, const struct evidence *ev)
{
	int64_t ticks;

	if (!p->start_ns || s->suspended_ns > (int64_t)NS / s->ticks)
		return true;
	ticks = (int64_t)(p->start_ns / (NS / (uint64_t)s->ticks)) - (int64_t)ev->start_ticks;
	return ticks >= -TICKS_APART && ticks <= TICKS_APART;
}

/* By the name of the program, if that alone has enough points. */
static const struct rule_system *system_of_name(struct systems *s, const char *exe)
{
	struct evidence *ev = calloc(1, sizeof(*ev));
	const struct rule_system *system = NULL;
	int points;

	if (ev) {
		snprintf(ev->exe, sizeof(ev->exe), "%s", exe);
		system = classify(&s->rules, ev, &points);
	}
	free(ev);
	return system;
}

/* An ended process: by its program, else by its parent. */
static void place_by_trace(struct systems *s, const struct system_process *p, struct system_place *out)
{
	const struct program *program = find_program(s, p->exe_ino, p->exe_dev);
	struct system_place parent = nowhere;

	*out = nowhere;
	if (p->ppid > 1)
		place_of_pid(s, p->ppid, 1, &parent);
	out->system = program ? program->system : system_of_name(s, p->exe);
	if (!out->system && parent.system && !classify_stops(p->comm, p->exe)) {
		out->system = parent.system;
		out->inherited = true;
	}
	if (out->system && out->system == parent.system)
		out->instance = parent.instance;
	out->ended = true;
}

void systems_place(struct systems *s, const struct system_process *p, struct system_place *out)
{
	struct evidence *ev = calloc(1, sizeof(*ev));

	*out = nowhere;
	if (!ev)
		return;
	if (!evidence_gather(s->root, p->pid, ev) && same_process(s, p, ev)) {
		judge(s, ev, 0, out);
		remember(s, ev, out);
		/* in a container's file system stat() may show another inode than the kernel side noted */
		if (out->system && !out->inherited && told_by_program(out->system, ev))
			learn_program(s, p->exe_ino, p->exe_dev, out->system);
	} else {
		place_by_trace(s, p, out);
	}
	evidence_free(ev);
	free(ev);
}

/* ---- -S ---- */

bool systems_match(const char *want, const struct system_place *place)
{
	const char *name = place->system ? place->system->name : OTHER, *slash = strchr(want, '/');
	size_t n = slash ? (size_t)(slash - want) : strlen(want);

	if (strlen(name) != n || strncasecmp(name, want, n))
		return false;
	if (!slash)
		return true;
	return !fnmatch(slash + 1, place->instance, 0) || !fnmatch(slash, place->instance, 0);
}

bool systems_known(const struct systems *s, const char *want, const char **nearest)
{
	char name[RULE_NAME];
	struct nearest near;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(want, "/"), want);
	near = nearest_start(name);
	if (rules_find(&s->rules, name) || !strcasecmp(name, OTHER))
		return true;
	for (size_t i = 0; i < s->rules.n; i++)
		nearest_try(&near, s->rules.v[i].name);
	*nearest = near.best;
	return false;
}
