/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_lines - which rows the screen shows, in which order. */
#ifndef IOAMP_TOP_LINES_H
#define IOAMP_TOP_LINES_H

#include "tools/ioamp-top/top_table.h"

/* One line of the table. */
struct top_line {
	const struct top_entry *entry;
	const struct row *row;		/* the figures that are shown */
	double key;			/* of the sort column; below 0: not known */
	unsigned int depth;		/* 1: a role below its system */
	bool children, gone;
	bool passed;			/* the filter; else the line is here for its roles */
};

/* The lines of the shown table. Zero-initialise; top_free() frees them. */
struct top_lines {
	struct top_line *v;
	size_t n, cap;
	size_t hidden;			/* rows left out by the filter or by key `o` */
	struct row *computed;		/* figures of MODE_MARK, one for each line */
	size_t nr_computed;
};

struct top;

/* Makes the lines of the shown table; the cursor stays on its row. 0 or -ENOMEM. */
int top_lines_make(struct top *t);

#endif
