/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table - text for people: columns as wide as what is in them, paragraphs that
 * wrap, colour by factor.
 */
#include "report/table.h"

#include <stdarg.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"

#define LINE_DEFAULT	80
#define LINE_ENDLESS	100000
#define INDENT		2

size_t line_width(const struct out_style *style)
{
	if (style->wide)
		return LINE_ENDLESS;
	/* One column stays free: some terminals wrap when the last one is written. */
	return (style->width > LINE_DEFAULT ? style->width : LINE_DEFAULT) - 1;
}

enum tint tint_of(double factor)
{
	if (factor <= 3)
		return TINT_GOOD;
	return factor <= 10 ? TINT_FAIR : TINT_BAD;
}

void tint_begin(FILE *f, enum tint tint, const struct out_style *style)
{
	static const char *const codes[] = {
		[TINT_GOOD] = "\033[32m", [TINT_FAIR] = "\033[33m", [TINT_BAD] = "\033[31m",
	};

	if (style->color && tint != TINT_NONE)
		fputs(codes[tint], f);
}

void tint_end(FILE *f, enum tint tint, const struct out_style *style)
{
	if (style->color && tint != TINT_NONE)
		fputs("\033[0m", f);
}

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

/* What the other columns leave of the line for the last one, if that is a name. */
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
	limit_last(t, width, line_width(style));
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

void prose_add(struct prose *t, const char *format, ...)
{
	size_t room = sizeof(t->buf) - t->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->buf + t->len, room, format, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

void prose_print(FILE *f, const struct prose *t, const struct out_style *style)
{
	size_t line = line_width(style), used = 0;

	if (!t->len)
		return;
	for (const char *word = t->buf; *word;) {
		char part[TABLE_CELL];
		size_t len = strcspn(word, " "), columns;

		if (!strncmp(word + len, " %", 2))	/* a number keeps its unit */
			len += 1 + strcspn(word + len + 1, " ");
		memcpy(part, word, len);
		part[len] = '\0';
		columns = utf8_columns(part);
		if (used && used + 1 + columns > line) {
			fprintf(f, "\n%*s", INDENT, "");
			used = INDENT;
		} else if (word != t->buf) {
			fputc(' ', f);
			used++;
		}
		fputs(part, f);
		used += columns;
		word += len + (word[len] == ' ');
	}
	fputc('\n', f);
}

enum tint factor_cell(char *buf, size_t size, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], enum op op)
{
	struct maybe app = amplification_stage(row, layers, LAYER_APPLICATION, op);
	struct maybe device = amplification_stage(row, layers, LAYER_DEVICE, op);
	struct amplification amp;
	char factor[UNITS_MAX];

	amplification_compute(row, layers, op, &amp);
	if (!amp.has_bytes) {
		snprintf(buf, size, "%s", app.known && !app.v && device.v ? "bg" : "-");
		return TINT_NONE;
	}
	units_factor(factor, amp.bytes);
	snprintf(buf, size, "%s", factor);
	return tint_of(amp.bytes);
}
