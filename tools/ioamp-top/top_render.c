/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_render - the whole screen, and the columns that fit into it. */
#include "tools/ioamp-top/top_render.h"

#include <string.h>

#include "base/utf8.h"
#include "report/row_name.h"
#include "tools/ioamp-top/top_foot.h"
#include "tools/ioamp-top/top_head.h"
#include "tools/ioamp-top/top_layers.h"
#include "tools/ioamp-top/top_popup.h"
#include "tools/ioamp-top/top_rows.h"

#define NAME_MIN	18	/* cells of the name before other columns get room */
#define PATH_MIN	26
#define RANKS		32	/* above every rank in top_columns */
#define HEIGHT_DETAIL	14	/* rows of a screen that has room for the line of the selected row */

/* ---- which columns ---- */

/* Rows of disks have no figures of the layers above: such columns would be empty. */
static bool of_disks(enum top_col col)
{
	static const enum top_col columns[] = {
		COL_FS_R, COL_BLK_R, COL_DEV_R, COL_FS_W, COL_BLK_W, COL_DEV_W, COL_FLUSH, COL_DEV_MS,
		COL_META, COL_JRNL, COL_SHARE, COL_TREND,
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (columns[i] == col)
			return true;
	return false;
}

static bool offered(const struct top *t, enum top_col col)
{
	const struct top_place *p = &t->place;

	if (col == COL_PID)
		return top_shown_by(t) == BY_PROCESS;
	if (col == COL_NAME || t->layout.hidden[col])
		return false;
	if (p->depth && p->levels[p->depth - 1]->only.disk)
		return of_disks(col);
	return top_shown_by(t) != BY_DEVICE || of_disks(col);
}

/* The cells that are left. The column that rows are sorted by is always shown. */
static unsigned int choose_columns(const struct top *t, unsigned int left, unsigned int width[COL_MAX])
{
	for (unsigned int rank = 0; rank < RANKS; rank++)
		for (int c = 0; c < COL_MAX; c++) {
			unsigned int r = c == (int)t->layout.sort || c == COL_PID ? 0 : top_columns[c].rank;

			if (r != rank || !offered(t, (enum top_col)c) || top_columns[c].width + 1 > left)
				continue;
			width[c] = top_columns[c].width;
			left -= width[c] + 1;
		}
	return left;
}

void top_render_columns(struct top *t, unsigned int cols)
{
	unsigned int *x = t->areas.column_x, *width = t->areas.column_width, next;
	enum row_by by = top_shown_by(t);
	unsigned int name = by == BY_FILE || by == BY_CGROUP ? PATH_MIN : NAME_MIN;

	if (name > cols)
		name = cols;
	memset(width, 0, sizeof(t->areas.column_width));
	width[COL_NAME] = name + choose_columns(t, cols - name, width);
	/* the PID is left of the name */
	x[COL_PID] = 0;
	x[COL_NAME] = width[COL_PID] ? width[COL_PID] + 1 : 0;
	next = x[COL_NAME] + width[COL_NAME];
	for (int c = COL_SYS_R; c < COL_MAX; c++) {
		x[c] = next + 1;
		if (width[c])
			next += width[c] + 1;
	}
}

/* ---- heads ---- */

static void head_text(const struct top *t, enum top_col col, char *buf, size_t size)
{
	const char *arrow = t->layout.reverse ? t->ascii ? "^" : "\xe2\x96\xb2" :
			    t->ascii ? "v" : "\xe2\x96\xbc";
	char head[64];

	snprintf(head, sizeof(head), "%s", top_columns[col].head);
	if (col == COL_NAME)
		snprintf(head, sizeof(head), "%s",
			 top_is_tree(t) || top_shown_by(t) == BY_ROLE ? "SYSTEM/ROLE" :
			 row_name_head(top_shown_by(t)));
	if (t->layout.mode != MODE_RATE && strlen(head) > 2 && !strcmp(head + strlen(head) - 2, "/s"))
		head[strlen(head) - 2] = 0;
	snprintf(buf, size, "%s%s", head, t->layout.sort == col ? arrow : "");
}

static void put_heads(const struct top *t, struct grid *g, unsigned int y)
{
	char text[80];

	grid_fill(g, y, 0, g->cols, " ", STYLE_HEAD);
	for (int c = 0; c < COL_MAX; c++) {
		enum grid_style style = t->layout.sort == (enum top_col)c ? STYLE_SORT : STYLE_HEAD;
		unsigned int x = t->areas.column_x[c], width = t->areas.column_width[c];

		if (!width)
			continue;
		head_text(t, (enum top_col)c, text, sizeof(text));
		/* a head with an arrow may need the blank between two columns */
		if (c != COL_NAME && x && utf8_columns(text) > width)
			grid_field(g, y, x - 1, width + 1, text, true, style);
		else
			grid_field(g, y, x, width, text, c != COL_NAME && c != COL_TREND, style);
	}
}

/* ---- all of it ---- */

void top_render(struct top *t, struct grid *g)
{
	bool detail = g->rows >= HEIGHT_DETAIL;
	unsigned int y, end = g->rows > 1 ? g->rows - 1 : g->rows;

	grid_clear(g);
	g->ascii = t->ascii;
	t->areas.rows = g->rows;
	y = top_head_draw(t, g);
	if (!t->place.depth && t->layout.tab == TAB_LAYERS) {
		memset(t->areas.column_width, 0, sizeof(t->areas.column_width));
		top_layers_draw(t, g, y);
	} else {
		top_render_columns(t, g->cols);
		t->areas.head_y = y;
		put_heads(t, g, y);
		t->areas.table_y = y + 1;
		if (detail)
			top_foot_selected(top_place_line(&t->place, &t->lines), t->facts.layers, g, --end);
		top_rows_draw(t, g, y + 1, end);
	}
	if (g->rows > 1)
		top_foot_draw(t, g, g->rows - 1);
	if (t->popup.kind)
		top_popup_draw(t, g);
}
