/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_top - one interval of ioamp-top as a table for pipes and dumb terminals, as BCC's tops have it. */
#ifndef IOAMP_OUT_TOP_H
#define IOAMP_OUT_TOP_H

#include "ledger/summary.h"
#include "tools/ioamp-top/top_columns.h"

struct out_top {
	enum row_by by;
	enum top_col sort;
	size_t maxrows;
	const char *clock;	/* HH:MM:SS of the interval's end */
	const char *load;	/* the text of /proc/loadavg, without a newline */
};

/* 0 or -errno of the stream. */
int out_top_table(FILE *f, const struct summary *s, const struct out_top *t,
		  const struct out_style *style);

/*
 * Indices of the rows of a summary, the largest of a column first (NAME: by name). `active`
 * leaves out rows without I/O. The caller frees *out. 0 or -ENOMEM.
 */
int out_top_order(const struct summary *s, enum top_col sort, bool active, size_t **out, size_t *n);

#endif
