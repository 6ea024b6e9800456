/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_foot - the two lines below the table. */
#include "tools/ioamp-top/top_foot.h"

#include <string.h>

#include "base/names.h"
#include "base/utf8.h"
#include "report/prose.h"
#include "report/row_name.h"
#include "report/table.h"

static void add_classes(struct prose *p, const struct row *r)
{
	bool any = false;

	for (int c = 0; c < CLASS_MAX && r->device.write.bytes; c++) {
		double share = 100.0 * (double)r->device.write_class[c] / (double)r->device.write.bytes;

		if (share < 0.5)
			continue;
		prose_add(p, "%s%s %.0f%%", any ? " " : "  writes ", names_class((enum io_class)c), share);
		any = true;
	}
}

void top_foot_selected(const struct top_line *line, const struct layer_state layers[LAYER_MAX],
		       struct grid *g, unsigned int y)
{
	const struct row *r = line ? line->row : NULL;
	char name[TABLE_CELL];
	struct prose p = { 0 };

	if (!line)
		return;
	top_columns_name(name, sizeof(name), &line->entry->last, true);
	grid_clip(g, name, sizeof(name), g->cols / 2, true);
	prose_add(&p, " %s", name);
	if (r->has_pid)
		prose_add(&p, " pid %u", r->pid);
	if (row_has_layer(r, layers, LAYER_DEVICE))
		add_classes(&p, r);
	if (r->device.shared_bytes && r->device.write.bytes)
		prose_add(&p, "  shared %.0f%%", 100.0 * (double)r->device.shared_bytes /
			  (double)r->device.write.bytes);
	if (r->by == BY_PROCESS && line->entry->last.system && strcmp(line->entry->last.system, "other")) {
		utf8_safe(name, sizeof(name), line->entry->last.system);
		prose_add(&p, "  %s", name);
	}
	if (r->by == BY_PROCESS && line->entry->last.cgroup) {
		utf8_safe(name, sizeof(name), line->entry->last.cgroup);
		row_name_shorten_ids(name);
		prose_add(&p, "  %s", name);
	}
	grid_clip(g, p.buf, sizeof(p.buf), g->cols, false);
	grid_put(g, y, 0, g->cols, p.buf, STYLE_BOLD);
}

static void put_edit(const struct top_edit *e, struct grid *g, unsigned int y)
{
	char text[TOP_TEXT + 16];

	snprintf(text, sizeof(text), "%s %s_", e->kind == EDIT_SEARCH ? "search:" : "filter:",
		 e->text);
	grid_fill(g, y, 0, g->cols, " ", STYLE_POPUP);
	grid_clip(g, text, sizeof(text), g->cols, true);
	grid_put(g, y, 0, g->cols, text, STYLE_POPUP);
}

static void put_keys(struct grid *g, unsigned int y)
{
	static const struct { const char *key, *what; } keys[] = {
		{ "h", "help" }, { "q", "quit" }, { "Enter", "into" }, { "e", "explain" }, { "s", "sort" },
		{ "/", "search" }, { "\\", "filter" }, { "a", "sums" }, { "b", "ops" }, { "Space", "pause" },
		{ "d", "not seen" }, { "t", "tree" }, { "m", "mark" }, { "c", "columns" }, { "x", "export" },
		{ "o", "idle" }, { "[ ]", "interval" }, { "F2", "save" }, { "r", "reverse" },
		{ "u", "exact" }, { "z", "colours" },
	};
	unsigned int x = 0;

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

void top_foot_draw(const struct top *t, struct grid *g, unsigned int y)
{
	if (*t->message)
		grid_put(g, y, 0, g->cols, t->message, STYLE_ALERT);
	else if (t->edit.kind)
		put_edit(&t->edit, g, y);
	else
		put_keys(g, y);
}
