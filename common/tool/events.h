/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events - what the kernel sends one by one, with names. */
#ifndef IOAMP_EVENTS_H
#define IOAMP_EVENTS_H

#include <stdint.h>

#include "probes/abi.h"

/* One event. pid 0: unknown. A name that is NULL is unknown. */
struct event {
	const struct ioamp_event *e;
	int64_t wall_s;
	long wall_ns;
	const char *system, *role, *comm, *via, *disk, *file;
	uint32_t pid;
};

#endif
