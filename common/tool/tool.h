/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool - what a tool is, and the main function of all tools. */
#ifndef IOAMP_TOOL_H
#define IOAMP_TOOL_H

#include <stdio.h>

#include "base/log.h"
#include "report/out.h"
#include "tool/opt_def.h"
#include "tool/options.h"
#include "tool/writer.h"

struct session;

/*
 * A screen on the whole terminal. loop.c calls its functions between open and close. Those that
 * return an int return 0 or -errno; an error ends the measurement.
 */
struct tool_screen {
	int (*open)(void **ctx, const struct options *o, struct failure *f);
	void (*close)(void *ctx);	/* restores the terminal; accepts NULL */
	/* An interval has ended. Until the next call the session answers for this interval. */
	int (*interval)(void *ctx, struct session *s);
	/* The length of an interval, in seconds. 0: paused, the current interval does not end. */
	double (*interval_s)(void *ctx);
	/* Standard input is readable. Sets *end when the user quits. */
	int (*keys)(void *ctx, struct session *s, bool *end);
	void (*resize)(void *ctx);
	/* Called before the process stops (Ctrl-Z), and after it continues. */
	void (*leave)(void *ctx);
	void (*come_back)(void *ctx);
	void (*target_ended)(void *ctx);		/* the process of -p */
	void (*child_ended)(void *ctx, int status);	/* COMMAND, with this exit status */
};

/* Words of --help for a shared option that does something else in this tool. */
struct opt_words {
	const char *name;	/* NULL ends a list */
	const char *help;
};

#define TOOL_TABLES 9

/* A tool. A member that is 0 or NULL: the tool has no such thing. */
struct tool {
	const char *name, *usage, *examples;

	/* Options: tables in the order of --help, up to TOOL_TABLES - 1 of them. */
	const struct opt_def *options[TOOL_TABLES];
	const struct opt_words *words;
	size_t own_size;	/* of the struct that the tool's own options fill */
	bool intervals;		/* [INTERVAL [COUNT]] may stand among the options */
	double interval_s;	/* INTERVAL when none is given; 0: one window, to the end */
	bool needs_dashes;	/* COMMAND stands after "--" only */
	/* Takes the words after the options, in place of COMMAND. 0, or -EINVAL after its message. */
	int (*operands)(struct options *o, int argc, char **argv);
	/* Do the options fit together in this tool? 0, or -EINVAL after its message. */
	int (*check)(const struct options *o);
	/* Sets the switches of the program text and other defaults of this tool. */
	void (*needs)(struct options *o);

	/* The formats; the first is the default, NULL ends the list. */
	const struct writer *const *writers;
	bool events;		/* the kernel sends events one by one */
	const struct tool_screen *screen;
	/* Should the screen replace the reports, by options and terminal? */
	bool (*wants_screen)(const struct options *o);
	/*
	 * Replaces the measurement, for a tool that has no target. 0 with the exit status, or
	 * -errno of the stream. `retry` is the command line, for messages.
	 */
	int (*alone)(FILE *f, const struct options *o, const char *retry, int *status);
};

/* The only statement of main(). Returns the exit status of the process. */
int tool_main(const struct tool *tool, int argc, char **argv);

#endif
