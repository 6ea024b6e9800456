/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool - what a tool is, and the only life cycle. */
#ifndef IOAMP_TOOL_H
#define IOAMP_TOOL_H

#include <stdio.h>

#include "tool/options.h"
#include "report/out.h"

struct session;

/*
 * A tool that may take the whole terminal. Its functions are called in the life cycle only,
 * between open and close; those that return an int: 0 or -errno, which ends the measurement.
 */
struct tool_screen {
	int (*open)(void **ctx, const struct options *o, struct failure *f);
	void (*close)(void *ctx);	/* the terminal is as it was; NULL is none */
	/* An interval is over: now and until the next one ends the session may be asked about it. */
	int (*interval)(void *ctx, struct session *s);
	/* How long an interval is from now on; 0: the one that runs goes on until this changes. */
	double (*interval_s)(void *ctx);
	/* Standard input has something; *end is set when that ends it. */
	int (*keys)(void *ctx, struct session *s, bool *end);
	void (*resize)(void *ctx);
	/* Before the process is stopped, and when it goes on. */
	void (*leave)(void *ctx);
	void (*come_back)(void *ctx);
	void (*target_ended)(void *ctx);		/* the process of -p; the same */
	void (*child_ended)(void *ctx, int status);	/* COMMAND; what it did stays to be seen */
};

struct tool {
	enum opt_tool id;
	const char *name;
	bool events;	/* lines arrive one by one */
	double interval_s;	/* INTERVAL when none is given; 0: one window, to the end */
	/* One event, names resolved. 0 or -errno of the stream. NULL without events. */
	int (*on_event)(FILE *f, const struct options *o, const struct out_event *ev,
			const struct out_style *style);
	/* Before the first event; NULL: nothing. */
	int (*begin)(FILE *f, const struct options *o, const struct out_style *style);
	/* At the end of the window, and of each INTERVAL. */
	int (*report)(FILE *f, const struct options *o, const struct summary *s,
		      const struct out_style *style);
	const struct tool_screen *screen;	/* where opt_wants_screen(); NULL: never */
	/*
	 * Instead of all this, for a tool that measures no target: 0 with the exit status, or
	 * -errno of the stream. `retry` is the command line as it would be typed again.
	 */
	int (*alone)(FILE *f, const struct options *o, const struct out_style *style,
		     const char *retry, int *status);
};

/* Exit status of the process. */
int tool_main(const struct tool *tool, int argc, char **argv);

#endif
