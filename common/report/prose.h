/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prose - paragraphs that wrap at blanks. Errors stay in the stream (ferror). */
#ifndef IOAMP_PROSE_H
#define IOAMP_PROSE_H

#include <stddef.h>
#include <stdio.h>

#include "report/style.h"

#define PROSE_MAX	4096	/* bytes, with the NUL */

/* Text that grows in place; text beyond PROSE_MAX is cut. Zero-initialise. */
struct prose {
	char buf[PROSE_MAX];
	size_t len;
};
void prose_add(struct prose *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints `t` wrapped at blanks; further lines are indented by two. Prints nothing if it is empty. */
void prose_print(FILE *f, const struct prose *t, const struct out_style *style);

#endif
