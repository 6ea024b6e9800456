/* SPDX-License-Identifier: GPL-3.0-or-later */
/* events - reads the events that the kernel sends, finds their names, and calls the writer. */
#ifndef IOAMP_EVENTS_H
#define IOAMP_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "probes/abi.h"

struct event_files;
struct options;
struct output;
struct ring_buffer;
struct session;

/* One event. pid 0: unknown. A name that is NULL is unknown. */
struct event {
	const struct ioamp_event *e;
	int64_t wall_s;
	long wall_ns;
	const char *system, *role, *comm, *via, *disk, *file;
	uint32_t pid;
};

/* Zeroed: a tool without events, for which the functions below do nothing. */
struct events {
	struct session *session;
	const struct options *o;
	struct output *out;
	struct ring_buffer *ring;
	struct event_files *files;
	struct timespec wall_less_mono;	/* time of day minus the kernel's clock */
	uint64_t lost;			/* reported so far */
	unsigned int round;		/* events read in this round */
	bool limited;			/* a round ends after some events */
};

/* 0 or -errno; call events_close() in any case. All arguments must outlive `es`. */
int events_open(struct events *es, struct session *session, const struct options *o,
		struct output *out);
void events_close(struct events *es);

/* For poll(); -1: none. */
int events_fd(const struct events *es);
/* Writes the events that have arrived, at most some thousand: events_fd() is then readable again. */
void events_consume(struct events *es);
/* Has the kernel send no more, writes all that have arrived, and reports the lost ones. */
void events_finish(struct events *es);
/* Reports the events that found no room in the buffer since the last call. */
void events_report_lost(struct events *es);

#endif
