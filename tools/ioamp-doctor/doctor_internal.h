/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_internal - what the doctor_*.c files share. Nobody else includes this. */
#ifndef IOAMP_DOCTOR_INTERNAL_H
#define IOAMP_DOCTOR_INTERNAL_H

#include "tools/ioamp-doctor/doctor.h"
#include "machine/may_trace.h"

#include <limits.h>
#include <stdio.h>

/* What the checks hand on to each other. */
struct look {
	const struct machine *m;
	struct findings *out;
	struct env_self self;
	struct env_paths env;
	char paths[5][PATH_MAX];	/* env's members point here */
	bool may_trace;			/* nothing so far forbids it */
	int major, minor;		/* of the kernel */
};

/* A new finding, VERDICT_OK, to be filled; never NULL (the last place is used again). */
struct finding *found(struct look *l, const char *name);
void finding_say(struct finding *f, enum verdict verdict, const char *detail, ...)
	__attribute__((format(printf, 3, 4)));
void finding_fix(struct finding *f, const char *fix, ...) __attribute__((format(printf, 2, 3)));
/* The reason and remedy of a failure. */
void finding_fail(struct finding *f, enum verdict verdict, const struct failure *why);

/* "root/name"; in one of four buffers, taken in turn. */
const char *at(const struct look *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first line of a file, without its end. */
bool first_line(const char *path, char *buf, size_t size);
/* First line as a number; -1: no such file. */
long number_in(const char *path);
bool exists(const char *path);
bool has_capability(const struct look *l, unsigned int cap);

/* ---- doctor_who.c: kernel, privileges, confinement ---- */
void look_kernel(struct look *l);
void look_privileges(struct look *l);
void look_namespaces(struct look *l);
void look_container(struct look *l);
void look_seccomp(struct look *l);
void look_lockdown(struct look *l);
void look_bpf(struct look *l);
void look_memlock(struct look *l);

/* ---- doctor_hooks.c: the compiler, its types, and where probes attach ---- */
void look_library(struct look *l);
void look_types(struct look *l);
void look_tracefs(struct look *l);
void look_hooks(struct look *l);
void look_symbols(struct look *l);
void look_costs(struct look *l);
void look_orphans(struct look *l);

/* ---- doctor_disks.c: names of owners, disks ---- */
void look_cgroups(struct look *l);
void look_iostats(struct look *l);
void look_blind(struct look *l);

/* The name of the system in os-release; "Linux" when it has none. */
void system_name(const char *os_release, char *out, size_t size);

#endif
