/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table - a table for people: each column is as wide as its widest cell. */
#include "report/table.h"

#include <string.h>

#include "base/utf8.h"
#include "ledger/amp.h"

static void put_blanks(FILE *f, size_t n)
{
	while (n--)
		fputc(' ', f);
}

static void measure(const struct table *t, size_t width[TABLE_COLUMNS])
{
	char cell[TABLE_CELL];

	for (size_t c = 0; c < t->nr_columns; c++) {
		width[c] = strlen(t->columns[c].head);
		if (width[c] < t->columns[c].min)
			width[c] = t->columns[c].min;
		for (size_t r = 0; r < t->nr_rows; r++) {
			size_t need;

			t->cell(cell, sizeof(cell), t->ctx, r, c);
			need = utf8_columns(cell);
			if (need > width[c])
				width[c] = need;
		}
	}
}

/* Limits the last column, if it is a name, to the rest of the line. */
static void limit_last(const struct table *t, size_t width[TABLE_COLUMNS], size_t line)
{
	size_t last = t->nr_columns - 1, used = last, least = strlen(t->columns[last].head);

	for (size_t c = 0; c < last; c++)
		used += width[c];
	if (!t->columns[last].left || used + width[last] <= line)
		return;
	width[last] = used + least < line ? line - used : least;
}

struct place {
	size_t width;
	bool first, last, left;
};

static void put_cell(FILE *f, const char *cell, enum tint tint, const struct place *at,
		     const struct out_style *style)
{
	size_t have = utf8_columns(cell), pad = have < at->width ? at->width - have : 0;

	if (!at->first)
		fputc(' ', f);
	if (!at->left)
		put_blanks(f, pad);
	tint_begin(f, tint, style);
	fputs(cell, f);
	tint_end(f, tint, style);
	if (at->left && !at->last)
		put_blanks(f, pad);
}

static void put_rule(FILE *f, const struct table *t, const size_t width[TABLE_COLUMNS])
{
	size_t line = t->nr_columns - 1;

	for (size_t c = 0; c < t->nr_columns; c++)
		line += width[c];
	while (line--)
		fputc('=', f);
	fputc('\n', f);
}

static struct place place_of(const struct table *t, const size_t width[TABLE_COLUMNS], size_t col)
{
	return (struct place){ width[col], col == 0, col == t->nr_columns - 1,
			       t->columns[col].left };
}

static void put_head(FILE *f, const struct table *t, const size_t width[TABLE_COLUMNS],
		     const struct out_style *style)
{
	for (size_t c = 0; c < t->nr_columns; c++) {
		struct place at = place_of(t, width, c);

		put_cell(f, t->columns[c].head, TINT_NONE, &at, style);
	}
	fputc('\n', f);
	if (t->rule)
		put_rule(f, t, width);
}

void table_print(FILE *f, const struct table *t, const struct out_style *style)
{
	size_t width[TABLE_COLUMNS];
	char cell[TABLE_CELL];

	measure(t, width);
	limit_last(t, width, style_line_width(style));
	if (!style->no_header)
		put_head(f, t, width, style);
	for (size_t r = 0; r < t->nr_rows; r++) {
		for (size_t c = 0; c < t->nr_columns; c++) {
			enum tint tint = t->cell(cell, sizeof(cell), t->ctx, r, c);
			struct place at = place_of(t, width, c);

			if (at.last && at.left)
				utf8_clip(cell, sizeof(cell), at.width, "...", t->keep_tail);
			put_cell(f, cell, tint, &at, style);
		}
		fputc('\n', f);
	}
}
