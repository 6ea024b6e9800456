/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style - how the user wants reports to look. */
#ifndef IOAMP_STYLE_H
#define IOAMP_STYLE_H

#include <stdbool.h>
#include <stddef.h>

struct out_style {
	bool raw;	/* exact numbers instead of 4.0K */
	bool color;
	bool wide;
	bool extra;	/* -x */
	bool millis;	/* -m */
	bool no_header;
	bool timestamp;	/* -T */
	unsigned int width;	/* columns of the terminal; 80 when unknown */
};

/* Columns of a line: 79, more on a wider terminal, without end with -w. */
size_t style_line_width(const struct out_style *style);

#endif
