/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run - one run of a tool that measures a target: attach, measure, settle, report. */
#ifndef IOAMP_RUN_H
#define IOAMP_RUN_H

#include <time.h>

#include "tool/command.h"
#include "tool/events.h"
#include "tool/output.h"
#include "tool/tool.h"

/* The parts of a run. loop.c changes `stop`, `due`, `intervals`, `incomplete`. */
struct run {
	const struct tool *tool;
	struct options o;
	struct output out;
	struct session *session;
	struct command command;
	struct events events;
	const struct tool_screen *screen;	/* NULL: reports go to `out` */
	void *screen_ctx;	/* NULL until it is open */
	int signals;		/* signalfd, or -1 */
	int watched;		/* pidfd of the only -p, or -1 */
	bool stop;		/* a signal, a key or an end asked for the end of the run */
	struct timespec due;	/* CLOCK_MONOTONIC: end of this INTERVAL */
	unsigned int intervals;	/* reported so far */
	bool incomplete;	/* an interval was incomplete */
};

/* Exit status; `f` is set when the run failed. */
int run_measure(struct run *r, struct failure *f);

#endif
