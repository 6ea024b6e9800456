/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_bars - a series of numbers as bars, one character each. Pure. */
#ifndef IOAMP_TOP_BARS_H
#define IOAMP_TOP_BARS_H

#include <stdbool.h>
#include <stddef.h>

/* One cell for each value, the largest one full; a value below 0 becomes a blank. */
void top_bars_text(char *buf, size_t size, const double *v, size_t n, bool ascii);

#endif
