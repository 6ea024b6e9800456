/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check - the checks of doctor_check(), and what they share. Only check_*.c and doctor_check.c include it. */
#ifndef IOAMP_CHECK_H
#define IOAMP_CHECK_H

#include <limits.h>

#include "machine/may_trace.h"
#include "tools/ioamp-doctor/doctor.h"

/* What one check leaves for the next ones. */
struct check {
	const struct machine *m;
	struct findings *out;
	struct may_trace_self self;
	struct may_trace_paths env;
	char paths[5][PATH_MAX];	/* the members of `env` point here */
	bool may_trace;			/* no check so far forbids tracing */
	int major, minor;		/* version of the kernel */
};

/* "ROOT/NAME", in one of four buffers that are used in turn. */
const char *check_path(const struct check *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool check_exists(const char *path);
/* The first line of a file, without its newline. False: "" in `buf`. */
bool check_first_line(const char *path, char *buf, size_t size);
/* The number that the first line begins with; -1: none, or no such file. */
long check_number(const char *path);
bool check_has_capability(const struct check *c, unsigned int cap);
/* PRETTY_NAME of an os-release file; "Linux" without one. */
void check_system_name(const char *os_release, char *out, size_t size);

/* ---- check_kernel.c: which kernel, and its settings ---- */
void check_kernel(struct check *c);
void check_bpf(struct check *c);
void check_memlock(struct check *c);
void check_symbols(struct check *c);
void check_costs(struct check *c);

/* ---- check_rights.c: privileges and confinement ---- */
void check_privileges(struct check *c);
void check_namespaces(struct check *c);
void check_container(struct check *c);
void check_seccomp(struct check *c);
void check_lockdown(struct check *c);

/* ---- check_types.c: the compiler, and the types of the kernel ---- */
void check_library(struct check *c);
void check_types(struct check *c);

/* ---- check_hooks.c: where probes attach ---- */
void check_tracefs(struct check *c);
void check_hooks(struct check *c);
void check_orphans(struct check *c);

/* ---- check_disks.c: control groups and disks ---- */
void check_cgroups(struct check *c);
void check_iostats(struct check *c);
void check_blind(struct check *c);

#endif
