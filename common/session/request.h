/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request - what a measurement is to do: its target, the rows of its summary, the work of the probes. */
#ifndef IOAMP_REQUEST_H
#define IOAMP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "ledger/row.h"

#define TARGET_MAX_PIDS 64
#define TARGET_MAX_DISKS 64
#define TARGET_MAX_SYSTEMS 16

/* What the user wants to measure. Strings are not owned. */
struct target_wish {
	uint32_t pids[TARGET_MAX_PIDS];
	unsigned int nr_pids;
	uint32_t tid;			/* 0: any */
	const char *comm;		/* glob, NULL: any */
	const char *disks[TARGET_MAX_DISKS];	/* names without /dev/, globs allowed */
	unsigned int nr_disks;
	char disk_text[1024];		/* disks[] points in here; in a copy, into the original */
	const char *systems[TARGET_MAX_SYSTEMS];	/* NAME or NAME/INSTANCE */
	unsigned int nr_systems;
	char system_text[1024];		/* systems[] points in here, as disks[] above */
	const char *cgroup;		/* path below the cgroup mount, or absolute */
	const char *container;		/* start of an id, or a name */
	bool all;			/* -a */
	char *const *command;		/* after "--"; NULL: none */
};

struct session_request {
	struct target_wish target;
	enum row_by by;			/* rows of the summary */
	uint64_t min_ns;		/* the kernel side sends no event of a shorter request */
	/* engine.layers: all bits if the user names none */
	struct engine_request engine;
};

#endif
