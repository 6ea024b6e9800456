/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * systems - which system each process belongs to. A process is examined once and remembered; an
 * ended one gets the system of its program or its parent.
 */
#ifndef IOAMP_SYSTEMS_H
#define IOAMP_SYSTEMS_H

#include "systems/classify.h"

struct systems;

/* Loads the rules. `root`: what precedes /proc, "" for this machine. 0 or -ENOMEM. */
int systems_open(struct systems **out, const char *root);
void systems_close(struct systems *s);
const struct rules *systems_rules(const struct systems *s);

/* Examines every running process: its children can be named even if it ends soon. */
void systems_scan(struct systems *s);

/* Where a process belongs. The strings are valid until systems_close(). */
struct system_place {
	const struct rule_system *system;	/* NULL: none */
	const char *instance;			/* "" none */
	const struct rule_role *role;		/* by its title; NULL: none */
	bool inherited;				/* from its parent */
	bool ended;				/* the process had ended: decided without its own evidence */
};

/* A process as the kernel side noted it. */
struct system_process {
	uint32_t pid, ppid;
	uint64_t start_ns;	/* 0: unknown */
	uint64_t exe_ino;	/* inode of the program; 0: unknown */
	uint32_t exe_dev;	/* as in the kernel: major << 20 | minor */
	const char *comm;
	const char *exe;	/* last part of the program's path; "": unknown */
};
void systems_place(struct systems *s, const struct system_process *p, struct system_place *out);

/*
 * The evidence of one process, with open files if they were needed, and its place. 0 or -ESRCH.
 * Call evidence_free() also after an error.
 */
int systems_evidence(struct systems *s, uint32_t pid, struct evidence *ev, struct system_place *out);

/* ---- -S ---- */

/* Does NAME or NAME/INSTANCE (a glob, with or without its first '/') mean this place? */
bool systems_match(const char *want, const struct system_place *place);
/* Is `want` the name of a system? If not, *nearest is a similar name or NULL. */
bool systems_known(const struct systems *s, const char *want, const char **nearest);

#endif
