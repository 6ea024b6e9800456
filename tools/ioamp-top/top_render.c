/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_render - the table of the screen, and what stands below it. */
#include "tools/ioamp-top/top_render.h"

#include <string.h>

#include "base/names.h"
#include "base/utf8.h"
#include "report/out_text.h"
#include "report/prose.h"
#include "report/table.h"
#include "report/tint.h"
#include "tools/ioamp-top/top_bars.h"
#include "tools/ioamp-top/top_head.h"
#include "tools/ioamp-top/top_layers.h"
#include "tools/ioamp-top/top_popup.h"

#define TREND_SHOWN	8
#define NAME_MIN	18	/* cells of the name before other columns get room */
#define PATH_MIN	26
#define HEIGHT_DETAIL	14	/* rows of a screen that has room for the line of the selected row */

/* ---- which columns ---- */

/* Inside one system its name says nothing any more. */
static bool below_system(const struct top *t)
{
	return t->place.depth && t->place.levels[t->place.depth - 1]->only.system;
}

/* Nobody asks a disk for something at the layers above it: those columns would be empty. */
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
	if (col == COL_PID)
		return top_shown_by(t) == BY_PROCESS;
	if (col == COL_NAME || t->layout.hidden[col])
		return false;
	if (t->place.depth && t->place.levels[t->place.depth - 1]->only.disk)
		return of_disks(col);
	return top_shown_by(t) != BY_DEVICE || of_disks(col);
}

void top_render_columns(struct top *t, unsigned int cols)
{
	enum row_by by = top_shown_by(t);
	unsigned int name = by == BY_FILE || by == BY_CGROUP ? PATH_MIN : NAME_MIN, left, x;

	memset(t->areas.column_width, 0, sizeof(t->areas.column_width));
	if (name > cols)
		name = cols;
	left = cols - name;
	for (unsigned int rank = 0; rank < 32; rank++)
		for (int c = 0; c < COL_MAX; c++) {
			/* what rows are sorted by is never out of sight */
			unsigned int r = c == (int)t->layout.sort || c == COL_PID ? 0 : top_columns[c].rank;

			if (r != rank || !offered(t, (enum top_col)c) || top_columns[c].width + 1 > left)
				continue;
			t->areas.column_width[c] = top_columns[c].width;
			left -= top_columns[c].width + 1;
		}
	t->areas.column_width[COL_NAME] = name + left;
	t->areas.column_x[COL_NAME] = 0;
	x = name + left;
	/* a pid stands before the name it belongs to */
	if (t->areas.column_width[COL_PID]) {
		t->areas.column_x[COL_PID] = 0;
		t->areas.column_x[COL_NAME] = t->areas.column_width[COL_PID] + 1;
		x += t->areas.column_width[COL_PID] + 1;
	}
	for (int c = COL_SYS_R; c < COL_MAX; c++) {
		t->areas.column_x[c] = x + 1;
		if (t->areas.column_width[c])
			x += t->areas.column_width[c] + 1;
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
			 report_name_head(top_shown_by(t)));
	if (t->layout.mode != MODE_RATE && strlen(head) > 2 && !strcmp(head + strlen(head) - 2, "/s"))
		head[strlen(head) - 2] = 0;
	snprintf(buf, size, "%s%s", head, t->layout.sort == col ? arrow : "");
}

static void put_heads(struct top *t, struct grid *g, unsigned int y)
{
	char text[80];

	grid_fill(g, y, 0, g->cols, " ", STYLE_HEAD);
	for (int c = 0; c < COL_MAX; c++) {
		enum grid_style style = t->layout.sort == (enum top_col)c ? STYLE_SORT : STYLE_HEAD;
		unsigned int x = t->areas.column_x[c], width = t->areas.column_width[c];

		if (!width)
			continue;
		head_text(t, (enum top_col)c, text, sizeof(text));
		/* the arrow may take the blank between two columns */
		if (c != COL_NAME && x && utf8_columns(text) > width)
			grid_field(g, y, x - 1, width + 1, text, true, style);
		else
			grid_field(g, y, x, width, text, c != COL_NAME && c != COL_TREND, style);
	}
}

/* ---- rows ---- */

static enum grid_style style_of(enum tint tint, double factor)
{
	switch (tint) {
	case TINT_GOOD: return factor <= 1 ? STYLE_PLAIN : STYLE_GOOD;
	case TINT_FAIR: return STYLE_FAIR;
	case TINT_BAD: return STYLE_BAD;
	default: return STYLE_PLAIN;
	}
}

static void put_name(struct top *t, struct grid *g, unsigned int y, const struct top_line *line)
{
	enum row_by by = line->entry->last.by;
	unsigned int x = t->areas.column_x[COL_NAME], width = t->areas.column_width[COL_NAME], indent = 0;
	char name[4096];

	if (line->row->role && (line->depth || below_system(t)))
		name_safe(name, sizeof(name), line->row->role);
	else
		top_name(name, sizeof(name), &line->entry->last, t->layout.pids);
	if (line->entry->joined && by == BY_PROCESS)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), " (idle or ended)");
	if (top_is_tree(t)) {
		indent = line->depth ? 4 : 2;
		if (line->children && top_folds_has(&t->folds, line->row->system))
			grid_put(g, y, x, width, t->ascii ? "+" : "\xe2\x96\xb8", STYLE_PLAIN);
		else if (line->children)
			grid_put(g, y, x, width, t->ascii ? "-" : "\xe2\x96\xbe", STYLE_PLAIN);
	}
	if (indent >= width)
		return;
	grid_clip(g, name, sizeof(name), width - indent, by == BY_FILE || by == BY_CGROUP);
	grid_put(g, y, x + indent, width - indent, name, STYLE_PLAIN);
}

static double largest(const double *v, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	return max;
}

static void put_cell(struct top *t, struct grid *g, unsigned int y, const struct top_line *line,
		     enum top_col col, const struct top_scale *scale)
{
	const double *trend = line->entry->trend + TOP_TREND - TREND_SHOWN;
	char text[64];
	enum tint tint = TINT_NONE;

	if (col == COL_TREND) {
		top_bars_text(text, sizeof(text), trend, TREND_SHOWN, largest(trend, TREND_SHOWN), t->ascii);
	} else if (col == COL_PID) {
		snprintf(text, sizeof(text), line->entry->last.has_pid ? "%u" : "-", line->entry->last.pid);
	} else {
		tint = top_cell(text, col, line->row, t->facts.layers, scale);
	}
	grid_field(g, y, t->areas.column_x[col], t->areas.column_width[col], text, col != COL_TREND,
		   style_of(tint, tint == TINT_NONE ? 0 :
			    top_key(col, line->row, t->facts.layers, scale)));
}

static void put_row(struct top *t, struct grid *g, unsigned int y, size_t index,
		    const struct top_scale *scale)
{
	const struct top_line *line = &t->lines.v[index];

	put_name(t, g, y, line);
	for (int c = COL_PID; c < COL_MAX; c++)
		if (t->areas.column_width[c])
			put_cell(t, g, y, line, (enum top_col)c, scale);
	if (index == t->place.cursor)
		grid_restyle(g, y, 0, g->cols, STYLE_SELECT);
	else if (line->gone && t->layout.mode == MODE_RATE)
		grid_restyle(g, y, 0, g->cols, STYLE_DIM);
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

/* ---- below the table ---- */

static void add_classes(struct prose *p, const struct row *r)
{
	bool any = false;

	for (int c = 0; c < CLASS_MAX && r->device.write.bytes; c++) {
		double share = 100.0 * (double)r->device.write_class[c] / (double)r->device.write.bytes;

		if (share < 0.5)
			continue;
		prose_add(p, "%s%s %.0f%%", any ? " " : "  writes ", class_name((enum io_class)c), share);
		any = true;
	}
}

/* The row at the cursor, what does not fit into its line. */
static void put_selected(const struct top *t, struct grid *g, unsigned int y)
{
	const struct top_line *line = top_place_line(&t->place, &t->lines);
	const struct row *r = line ? line->row : NULL;
	char name[TABLE_CELL];
	struct prose p = { 0 };

	if (!line)
		return;
	top_name(name, sizeof(name), &line->entry->last, true);
	grid_clip(g, name, sizeof(name), g->cols / 2, true);
	prose_add(&p, " %s", name);
	if (r->has_pid)
		prose_add(&p, " pid %u", r->pid);
	if (row_has_layer(r, t->facts.layers, LAYER_DEVICE))
		add_classes(&p, r);
	if (r->device.shared_bytes && r->device.write.bytes)
		prose_add(&p, "  shared %.0f%%", 100.0 * (double)r->device.shared_bytes /
			  (double)r->device.write.bytes);
	if (r->by == BY_PROCESS && line->entry->last.system && strcmp(line->entry->last.system, "other")) {
		name_safe(name, sizeof(name), line->entry->last.system);
		prose_add(&p, "  %s", name);
	}
	if (r->by == BY_PROCESS && line->entry->last.cgroup) {
		name_safe(name, sizeof(name), line->entry->last.cgroup);
		report_shorten_ids(name);
		prose_add(&p, "  %s", name);
	}
	grid_clip(g, p.buf, sizeof(p.buf), g->cols, false);
	grid_put(g, y, 0, g->cols, p.buf, STYLE_BOLD);
}

static void put_edit(const struct top *t, struct grid *g, unsigned int y)
{
	char text[TOP_TEXT + 16];

	snprintf(text, sizeof(text), "%s %s_", t->edit.kind == EDIT_SEARCH ? "search:" : "filter:",
		 t->edit.text);
	grid_fill(g, y, 0, g->cols, " ", STYLE_POPUP);
	grid_clip(g, text, sizeof(text), g->cols, true);
	grid_put(g, y, 0, g->cols, text, STYLE_POPUP);
}

static void put_footer(const struct top *t, struct grid *g, unsigned int y)
{
	static const struct { const char *key, *what; } keys[] = {
		{ "h", "help" }, { "q", "quit" }, { "Enter", "into" }, { "e", "explain" }, { "s", "sort" },
		{ "/", "search" }, { "\\", "filter" }, { "a", "sums" }, { "b", "ops" }, { "Space", "pause" },
		{ "d", "not seen" }, { "t", "tree" }, { "m", "mark" }, { "c", "columns" }, { "x", "export" },
		{ "o", "idle" }, { "[ ]", "interval" }, { "F2", "save" }, { "r", "reverse" },
		{ "u", "exact" }, { "z", "colours" },
	};
	unsigned int x = 0;

	if (t->edit.kind && !*t->message) {
		put_edit(t, g, y);
		return;
	}
	if (*t->message) {
		grid_put(g, y, 0, g->cols, t->message, STYLE_ALERT);
		return;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		unsigned int need = (unsigned int)(strlen(keys[i].key) + strlen(keys[i].what)) + 3;

		if (x + need > g->cols)
			break;
		x += grid_put(g, y, x, g->cols - x, " ", STYLE_KEY_WHAT);
		x += grid_put(g, y, x, g->cols - x, keys[i].key, STYLE_KEY);
		x += grid_put(g, y, x, g->cols - x, " ", STYLE_KEY_WHAT);
		x += grid_put(g, y, x, g->cols - x, keys[i].what, STYLE_KEY_WHAT);
		x += grid_put(g, y, x, g->cols - x, " ", STYLE_KEY_WHAT);
	}
	grid_fill(g, y, x, g->cols - x, " ", STYLE_KEY_WHAT);
}

/* ---- all of it ---- */

static void put_rows(struct top *t, struct grid *g, unsigned int y, unsigned int end)
{
	const size_t shown = end > y ? end - y : 0;
	const struct top_scale scale = top_scale_of(t, false);

	if (t->place.cursor < t->place.scroll)
		t->place.scroll = t->place.cursor;
	if (shown && t->place.cursor >= t->place.scroll + shown)
		t->place.scroll = t->place.cursor - shown + 1;
	if (t->place.scroll + shown > t->lines.n)
		t->place.scroll = t->lines.n > shown ? t->lines.n - shown : 0;
	for (size_t i = 0; i < shown && t->place.scroll + i < t->lines.n; i++)
		put_row(t, g, y + (unsigned int)i, t->place.scroll + i, &scale);
	if (!t->lines.n && shown)
		grid_put(g, y + (shown > 1), 2, g->cols > 2 ? g->cols - 2 : 0, why_empty(t), STYLE_DIM);
}

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
			put_selected(t, g, --end);
		put_rows(t, g, y + 1, end);
	}
	if (g->rows > 1)
		put_footer(t, g, g->rows - 1);
	if (t->popup.kind)
		top_popup_draw(t, g);
}
