/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool - what a tool is, and the only life cycle. */
#ifndef IOAMP_TOOL_H
#define IOAMP_TOOL_H

#include <stdio.h>

#include "opt.h"
#include "out.h"

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
