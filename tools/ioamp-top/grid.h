/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grid - a screen in memory: cells with a character and a style. Pure.
 */
#ifndef IOAMP_GRID_H
#define IOAMP_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum grid_style {
	STYLE_PLAIN, STYLE_BOLD, STYLE_DIM,
	STYLE_GOOD, STYLE_FAIR, STYLE_BAD,	/* also bold: colour is never the only sign */
	STYLE_HEAD,	/* line of column heads */
	STYLE_SORT,	/* the head that rows are sorted by */
	STYLE_SELECT,	/* the row at the cursor */
	STYLE_TAB, STYLE_TAB_ON,
	STYLE_KEY, STYLE_KEY_WHAT,	/* bar at the bottom */
	STYLE_POPUP, STYLE_POPUP_TITLE,
	STYLE_ALERT,	/* losses, refusals */
	STYLE_MAX,
};

struct grid_cell {
	uint32_t ch;		/* 0: the right half of a wide character */
	uint8_t style;
};

struct grid {
	unsigned int rows, cols;
	struct grid_cell *v;
	bool ascii;		/* every other character becomes '?' */
};

/* Frees the old cells and makes blank ones. 0 or -ENOMEM. */
int grid_resize(struct grid *g, unsigned int rows, unsigned int cols);
void grid_free(struct grid *g);
void grid_clear(struct grid *g);

/*
 * Puts UTF-8 text into at most `width` cells from (y, x) on. Text outside the grid is cut,
 * and a character that cannot be shown becomes '?'. The number of cells used.
 */
unsigned int grid_put(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		      const char *text, enum grid_style style);
/* The same, filled with blanks up to `width`; `right` aligns the text right. */
void grid_field(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		const char *text, bool right, enum grid_style style);
void grid_fill(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
	       const char *ch, enum grid_style style);
/* Changes the style of cells, not their text. */
void grid_restyle(struct grid *g, unsigned int y, unsigned int x, unsigned int width,
		  enum grid_style style);
/* Cuts text to `width` cells; "..." (or one character for it) replaces what was cut. */
void grid_clip(const struct grid *g, char *text, size_t size, unsigned int width, bool keep_tail);

/* Prints the text, without blanks at the ends of lines. For tests. */
void grid_dump(const struct grid *g, FILE *f);

#endif
