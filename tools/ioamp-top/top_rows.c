/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_rows - the rows of the table that is shown. */
#include "tools/ioamp-top/top_rows.h"

#include <string.h>

#include "base/utf8.h"
#include "report/table.h"
#include "report/tint.h"
#include "tools/ioamp-top/top_bars.h"

#define TREND_SHOWN	8

static enum grid_style style_of(enum tint tint, double factor)
{
	switch (tint) {
	case TINT_GOOD: return factor <= 1 ? STYLE_PLAIN : STYLE_GOOD;
	case TINT_FAIR: return STYLE_FAIR;
	case TINT_BAD: return STYLE_BAD;
	default: return STYLE_PLAIN;
	}
}

/* Inside one system its name says nothing new. */
static bool below_system(const struct top_place *p)
{
	return p->depth && p->levels[p->depth - 1]->only.system;
}

/* A line of the screen that is drawn. */
struct drawing {
	struct grid *g;
	unsigned int y;
	const struct top_line *line;
	const struct top_scale *scale;
};

static void name_text(const struct top *t, const struct top_line *line, char *buf, size_t size)
{
	const struct row *r = &line->entry->last;

	if (line->row->role && (line->depth || below_system(&t->place)))
		utf8_safe(buf, size, line->row->role);
	else
		top_columns_name(buf, size, r, t->layout.pids);
	if (line->entry->joined && r->by == BY_PROCESS)
		snprintf(buf + strlen(buf), size - strlen(buf), " (idle or ended)");
}

static void put_name(const struct top *t, const struct drawing *d)
{
	const struct top_line *line = d->line;
	enum row_by by = line->entry->last.by;
	unsigned int x = t->areas.column_x[COL_NAME], width = t->areas.column_width[COL_NAME], indent = 0;
	char name[TABLE_CELL];

	if (top_is_tree(t)) {
		indent = line->depth ? 4 : 2;
		if (line->children && top_folds_has(&t->folds, line->row->system))
			grid_put(d->g, d->y, x, width, d->g->ascii ? "+" : "\xe2\x96\xb8", STYLE_PLAIN);
		else if (line->children)
			grid_put(d->g, d->y, x, width, d->g->ascii ? "-" : "\xe2\x96\xbe", STYLE_PLAIN);
	}
	if (indent >= width)
		return;
	name_text(t, line, name, sizeof(name));
	grid_clip(d->g, name, sizeof(name), width - indent, by == BY_FILE || by == BY_CGROUP);
	grid_put(d->g, d->y, x + indent, width - indent, name, STYLE_PLAIN);
}

static void put_cell(const struct top *t, const struct drawing *d, enum top_col col)
{
	const struct top_line *line = d->line;
	const double *trend = line->entry->trend + TOP_TREND - TREND_SHOWN;
	enum grid_style style = STYLE_PLAIN;
	char text[64];
	enum tint tint;

	if (col == COL_TREND) {
		top_bars_text(text, sizeof(text), trend, TREND_SHOWN, d->g->ascii);
	} else if (col == COL_PID) {
		snprintf(text, sizeof(text), line->entry->last.has_pid ? "%u" : "-", line->entry->last.pid);
	} else {
		tint = top_columns_cell(text, col, line->row, t->facts.layers, d->scale);
		style = style_of(tint, top_columns_key(col, line->row, t->facts.layers, d->scale));
	}
	grid_field(d->g, d->y, t->areas.column_x[col], t->areas.column_width[col], text, col != COL_TREND,
		   style);
}

static void put_row(const struct top *t, const struct drawing *d, bool at_cursor)
{
	put_name(t, d);
	for (int c = COL_PID; c < COL_MAX; c++)
		if (t->areas.column_width[c])
			put_cell(t, d, (enum top_col)c);
	if (at_cursor)
		grid_restyle(d->g, d->y, 0, d->g->cols, STYLE_SELECT);
	else if (d->line->gone && t->layout.mode == MODE_RATE)
		grid_restyle(d->g, d->y, 0, d->g->cols, STYLE_DIM);
}

/* ---- what is said when there are no rows ---- */

static const char *why_empty(const struct top *t)
{
	if (!t->facts.once)
		return "measuring; the first figures come at the end of the interval";
	if (top_shown_by(t) == BY_FILE && !t->facts.by_file)
		return "files are not counted; start ioamp-top with --by file";
	if (*t->filter && t->lines.hidden)
		return "no row passes the filter; \\ changes it";
	if (t->lines.hidden)
		return "nothing moved in the last interval; o shows idle rows";
	return "no I/O so far";
}

/* ---- all of them ---- */

/* Scrolls so that the cursor is visible and no line is empty without need. */
static void scroll_to_cursor(struct top_place *p, size_t n, size_t shown)
{
	if (p->cursor < p->scroll)
		p->scroll = p->cursor;
	if (shown && p->cursor >= p->scroll + shown)
		p->scroll = p->cursor - shown + 1;
	if (p->scroll + shown > n)
		p->scroll = n > shown ? n - shown : 0;
}

void top_rows_draw(struct top *t, struct grid *g, unsigned int y, unsigned int end)
{
	const size_t shown = end > y ? end - y : 0;
	const struct top_scale scale = top_scale_of(&t->layout, top_shown(t));
	const struct top_lines *l = &t->lines;

	scroll_to_cursor(&t->place, l->n, shown);
	for (size_t i = 0; i < shown && t->place.scroll + i < l->n; i++) {
		size_t line = t->place.scroll + i;

		put_row(t, &(struct drawing){ g, y + (unsigned int)i, &l->v[line], &scale },
			line == t->place.cursor);
	}
	if (!l->n && shown)
		grid_put(g, y + (shown > 1), 2, g->cols > 2 ? g->cols - 2 : 0, why_empty(t), STYLE_DIM);
}
