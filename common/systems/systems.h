/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * systems - which system each process belongs to, remembered: processes are asked
 * once, those that have gone get what their parent or their program had.
 */
#ifndef IOAMP_SYSTEMS_H
#define IOAMP_SYSTEMS_H

#include "systems/classify.h"

struct systems;

/* Loads the rules; files of processes are read below `root`, "" for the machine's own. 0 or -ENOMEM. */
int systems_open(struct systems **out, const char *root);
void systems_close(struct systems *s);
const struct rules *systems_rules(const struct systems *s);

/* Asks every process that is there now, so that their children are known when they have gone. */
void systems_scan(struct systems *s);

/* Where a process belongs. The strings live as long as the struct systems. */
struct system_place {
	const struct rule_system *system;	/* NULL: none that is known */
	const char *instance;			/* "" none */
	const struct rule_role *role;		/* by its title; NULL: none */
	bool inherited;				/* from its parent */
	bool gone;				/* judged without its own evidence */
};

/* What the kernel side noted of a process. */
struct system_process {
	uint32_t pid, ppid;
	uint64_t start_ns;	/* 0: not known */
	uint64_t exe_ino;	/* of the program; 0: not known */
	uint32_t exe_dev;	/* as in the kernel: major << 20 | minor */
	const char *comm;
	const char *exe;	/* last part of the program's path; "" not known */
};
void systems_place(struct systems *s, const struct system_process *p, struct system_place *out);

/*
 * The evidence of one process as it was judged (has_files included) and its place.
 * 0, -ESRCH. Free `ev` with evidence_free(), also after an error.
 */
int systems_evidence(struct systems *s, uint32_t pid, struct evidence *ev, struct system_place *out);

/* ---- -S ---- */

/* Does NAME or NAME/INSTANCE (a glob, with or without its first '/') mean this place? */
bool systems_match(const char *want, const struct system_place *place);
/* Is `want` a system at all? False: *nearest (NULL: none) is the one that may be meant. */
bool systems_known(const struct systems *s, const char *want, const char **nearest);

#endif
