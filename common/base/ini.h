/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ini - reads [SECTION] headings and KEY = VALUE lines, with line and column of each. Pure.
 *
 * A line whose first character is ; or # is a comment. In a KEY = VALUE line a ; after a
 * blank begins a comment. KEY : VALUE means the same. Blanks around keys and values are
 * dropped, and so is a carriage return at the end of a line. No line continues another.
 */
#ifndef IOAMP_INI_H
#define IOAMP_INI_H

#include <stdio.h>

#define INI_LINE_MAX	1023	/* bytes of a line, without its end */
#define INI_LINES_MAX	5000	/* lines of a file */

enum ini_kind {
	INI_END,		/* of the file; or the stream failed: ferror() */
	INI_HEADING, INI_KEY,
	INI_BAD_HEADING,	/* the keys below belong to no section */
	INI_BAD_LINE,
};

/* Set `f` and zero the rest. Names and values are valid until the next call. */
struct ini {
	FILE *f;
	/* lines and columns (of bytes) count from 1 */
	unsigned int line;
	unsigned int column;		/* of the heading's bracket, of the key, or of the mistake */
	unsigned int value_column;
	const char *name;		/* the text between the brackets, or the key */
	const char *value;		/* "" if the line has none */
	char what[64];			/* the mistake, in words */
	char text[INI_LINE_MAX + 1];	/* private: the line */
};

/* Reads up to the next heading, key or mistake. */
enum ini_kind ini_next(struct ini *ini);

#endif
