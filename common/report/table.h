/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table - a table for people: each column is as wide as its widest cell. Errors stay in the
 * stream (ferror).
 */
#ifndef IOAMP_TABLE_H
#define IOAMP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/style.h"
#include "report/tint.h"

#define TABLE_CELL	4096	/* bytes of a cell; longer names are cut */
#define TABLE_COLUMNS	28

struct table_column {
	const char *head;
	unsigned int min;	/* columns; 0: as needed */
	bool left;		/* aligned left; the last column is then clipped to the line */
};

/* Writes the cell's safe text (see utf8_safe) into buf. */
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

#endif
