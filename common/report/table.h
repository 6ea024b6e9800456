/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table - text for people: columns as wide as what is in them, paragraphs that
 * wrap, colour by factor. Errors stay in the stream (ferror).
 */
#ifndef IOAMP_TABLE_H
#define IOAMP_TABLE_H

#include <stddef.h>

#include "report/out.h"

#define TABLE_CELL	4096	/* bytes of a cell; longer names are cut there */
#define TABLE_COLUMNS	28

enum tint { TINT_NONE, TINT_GOOD, TINT_FAIR, TINT_BAD };

struct table_column {
	const char *head;
	unsigned int min;	/* columns; 0: as needed */
	bool left;		/* aligned left; the last column is then clipped to the line */
};

/* Writes the cell's safe text (see name_safe) into buf. */
typedef enum tint table_cell(char *buf, size_t size, const void *ctx, size_t row, size_t col);

struct table {
	const struct table_column *columns;
	size_t nr_columns, nr_rows;
	table_cell *cell;
	const void *ctx;
	bool rule;	/* a line of '=' under the head */
	bool keep_tail;	/* clip the last column at its front */
};

void table_print(FILE *f, const struct table *t, const struct out_style *style);

/* Columns of a line: 79, more where the terminal is wide, no end with -w. */
size_t line_width(const struct out_style *style);

/* Green, yellow, red by the bands of amplification. */
enum tint tint_of(double factor);
/* Starts and ends a tint; nothing without style->color. */
void tint_begin(FILE *f, enum tint tint, const struct out_style *style);
void tint_end(FILE *f, enum tint tint, const struct out_style *style);

/* Text that grows in place; what does not fit is cut. Zero-initialise. */
struct prose {
	char buf[TABLE_CELL];
	size_t len;
};
void prose_add(struct prose *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints t wrapped at blanks, continued two columns in; nothing when empty. */
void prose_print(FILE *f, const struct prose *t, const struct out_style *style);

/* A row's factor: 3.14x; `bg` for device I/O with no application I/O behind it;
 * "-" without a denominator. */
enum tint factor_cell(char *buf, size_t size, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], enum op op);

#endif
