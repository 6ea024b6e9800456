/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool - what a tool is, and the only life cycle. */
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

/* Words of --help for a shared option that does something else in this tool. */
struct opt_words {
	const char *name;	/* NULL ends a list */
	const char *help;
};

#define TOOL_TABLES 9

/* All that a tool is; members that are not named are 0 or NULL: the tool has no such thing. */
struct tool {
	const char *name, *usage, *examples;

	/* Options: tables in the order of --help, up to TOOL_TABLES - 1 of them. */
	const struct opt_def *options[TOOL_TABLES];
	const struct opt_words *words;
	size_t own_size;	/* of the struct that the tool's own options fill */
	bool intervals;		/* [INTERVAL [COUNT]] may stand among the options */
	double interval_s;	/* INTERVAL when none is given; 0: one window, to the end */
	bool needs_dashes;	/* COMMAND stands after "--" only */
	/* Takes what stands after the options, in place of COMMAND. 0, or -EINVAL after its message. */
	int (*operands)(struct options *o, int argc, char **argv);
	/* What cannot be meant together in this tool: 0, or -EINVAL after its message. */
	int (*check)(const struct options *o);
	/* Sets the switches of the program text, and what this tool takes for granted. */
	void (*needs)(struct options *o);

	/* The report: NULL ends the list of formats, the first is the default. */
	const struct writer *const *writers;
	bool events;		/* the kernel sends events one by one */
	const struct tool_screen *screen;
	/* Do the options and the terminal let the screen take the place of reports? */
	bool (*wants_screen)(const struct options *o);
	/*
	 * Instead of all this, for a tool that measures no target: 0 with the exit status, or
	 * -errno of the stream. `retry` is the command line as it would be typed again.
	 */
	int (*alone)(FILE *f, const struct options *o, const char *retry, int *status);
};

/* Exit status of the process. */
int tool_main(const struct tool *tool, int argc, char **argv);

#endif
