/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writer - an output format of a tool: the functions that print events and summaries. */
#ifndef IOAMP_WRITER_H
#define IOAMP_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger/summary.h"

struct options;
struct event;
struct summary;

/*
 * The functions return 0 or -errno of the stream. A function that is NULL prints nothing.
 */
struct writer {
	const char *name;	/* as --format takes it */
	bool one_table;		/* only the first interval has a header line */
	bool names_files;	/* its events have a file name also without -x */
	/* Before the first event or interval. */
	int (*begin)(FILE *f, const struct options *o);
	int (*event)(FILE *f, const struct options *o, const struct event *ev);
	/* `lost` events found no room since the last call, `sent` arrived so far. NULL: log_notice(). */
	int (*lost)(FILE *f, uint64_t lost, uint64_t sent);
	/* At the end of the window, and of each interval. */
	int (*summary)(FILE *f, const struct options *o, const struct summary *s);
};

/* The formats that print summaries only: text, JSON, CSV. NULL ends the list. */
extern const struct writer *const writer_common[];

/* NULL: the list has no such format. */
const struct writer *writer_find(const struct writer *const *list, const char *name);

#endif
