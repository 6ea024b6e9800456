/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_top - one interval of ioamp-top as a table. */
#include "tools/ioamp-top/out_top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/row_name.h"
#include "report/stream.h"
#include "report/table.h"
#include "report/tint.h"

/* Without -x. The name is the last column, where a long name moves no other column. */
static const enum top_col usual[] = {
	COL_SYS_R, COL_DEV_R, COL_R_AMP, COL_SYS_W, COL_DEV_W, COL_W_AMP, COL_SYNC,
};

struct shown {
	const struct summary *s;
	const struct out_top *t;
	const struct out_style *style;
	struct top_scale scale;
	const size_t *order;
	int columns[TABLE_COLUMNS];	/* enum top_col, or TIME */
	size_t nr_columns;
};
#define TIME	(-1)

struct keyed {
	double key;
	size_t index;
	const struct row *row;	/* when the name is the key; else NULL */
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	char p[512], q[512];
	int order = 0;

	if (x->row && y->row) {
		top_columns_name(p, sizeof(p), x->row, true);
		top_columns_name(q, sizeof(q), y->row, true);
		order = strcmp(p, q);
	}
	if (order)
		return order;
	if (x->key != y->key)
		return x->key > y->key ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static struct top_scale scale_of(const struct summary *s, bool raw)
{
	struct top_scale scale = {
		.seconds = s->window_s > 0 ? s->window_s : s->duration_s, .raw = raw,
	};

	for (size_t i = 0; i < s->nr_rows; i++)
		scale.whole += s->rows[i].device.read.bytes + s->rows[i].device.write.bytes;
	return scale;
}

int out_top_order(const struct summary *s, enum top_col sort, bool active, size_t **out, size_t *n)
{
	const struct top_scale scale = scale_of(s, false);
	struct keyed *v = calloc(s->nr_rows ? s->nr_rows : 1, sizeof(*v));
	size_t *order = calloc(s->nr_rows ? s->nr_rows : 1, sizeof(*order));

	*n = 0;
	if (!v || !order) {
		free(v);
		free(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->nr_rows; i++) {
		if (active && !top_columns_active(&s->rows[i]))
			continue;
		v[*n].row = sort == COL_NAME ? &s->rows[i] : NULL;
		v[*n].key = sort == COL_NAME ? 0 : top_columns_key(sort, &s->rows[i], s->layers, &scale);
		v[(*n)++].index = i;
	}
	if (*n)
		qsort(v, *n, sizeof(*v), by_key);
	for (size_t i = 0; i < *n; i++)
		order[i] = v[i].index;
	free(v);
	*out = order;
	return 0;
}

static enum tint cell(char *buf, size_t size, const void *ctx, size_t line, size_t col)
{
	const struct shown *x = ctx;
	const struct row *row = &x->s->rows[x->order[line]];
	char out[UNITS_MAX];
	enum tint tint;

	switch (x->columns[col]) {
	case TIME:
		snprintf(buf, size, "%s", x->t->clock);
		return TINT_NONE;
	case COL_NAME:
		top_columns_name(buf, size, row, x->style->wide);
		return TINT_NONE;
	case COL_PID:
		snprintf(buf, size, "-");
		if (row->has_pid)
			snprintf(buf, size, "%u", row->pid);
		return TINT_NONE;
	}
	tint = top_columns_cell(out, (enum top_col)x->columns[col], row, x->s->layers, &x->scale);
	snprintf(buf, size, "%s", out);
	return tint;
}

static void choose_columns(struct shown *x, enum row_by by)
{
	if (x->style->timestamp)
		x->columns[x->nr_columns++] = TIME;
	if (by == BY_PROCESS)
		x->columns[x->nr_columns++] = COL_PID;
	for (int c = COL_SYS_R; x->style->extra && c < COL_TREND; c++)
		x->columns[x->nr_columns++] = c;
	for (size_t i = 0; !x->style->extra && i < sizeof(usual) / sizeof(*usual); i++)
		x->columns[x->nr_columns++] = usual[i];
	x->columns[x->nr_columns++] = COL_NAME;
}

static void put_table(FILE *f, struct shown *x, enum row_by by, size_t n)
{
	struct table_column columns[TABLE_COLUMNS];
	struct out_style style = *x->style;
	struct table t = {
		.columns = columns, .nr_rows = n, .cell = cell, .ctx = x,
		.keep_tail = by == BY_FILE || by == BY_CGROUP,
	};

	choose_columns(x, by);
	t.nr_columns = x->nr_columns;
	for (size_t i = 0; i < x->nr_columns; i++) {
		int c = x->columns[i];

		columns[i] = (struct table_column){ "TIME", 8, true };
		if (c == COL_NAME)
			columns[i] = (struct table_column){ row_name_head(by), 0, true };
		else if (c != TIME)
			columns[i] = (struct table_column){ top_columns[c].head, 7, false };
	}
	style.wide |= style.extra;	/* all columns are wider than a line: do not shorten the name for them */
	table_print(f, &t, &style);
}

int out_top_table(FILE *f, const struct summary *s, const struct out_top *t,
		  const struct out_style *style)
{
	struct shown x = { .s = s, .t = t, .style = style, .scale = scale_of(s, style->raw) };
	size_t *order, n;
	int err = out_top_order(s, t->sort, true, &order, &n);

	if (err)
		return err;
	errno = 0;
	x.order = order;
	if (!style->no_header)
		fprintf(f, "%s loadavg: %s\n\n", t->clock, t->load);
	put_table(f, &x, t->by, n < t->maxrows ? n : t->maxrows);
	if (!s->complete)
		fprintf(f, "incomplete: %s\n", s->incomplete_reason);
	if (!style->no_header)
		fputc('\n', f);
	free(order);
	return stream_finish(f);
}
