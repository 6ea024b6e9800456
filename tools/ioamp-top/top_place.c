/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_place - where the user is: along the lines of a table, down and up. */
#include "tools/ioamp-top/top_place.h"

#include <stdlib.h>
#include <string.h>

#include "report/table.h"

static void level_free(struct top_level *l)
{
	top_table_row_free(&l->of);
	top_table_free(&l->table);
	free(l);
}

void top_place_free(struct top_place *p)
{
	while (p->depth)
		level_free(p->levels[--p->depth]);
	top_place_unselect(p);
}

/* ---- along the lines ---- */

const struct top_line *top_place_line(const struct top_place *p, const struct top_lines *lines)
{
	return p->cursor < lines->n ? &lines->v[p->cursor] : NULL;
}

void top_place_unselect(struct top_place *p)
{
	if (p->has_selected)
		top_table_row_free(&p->selected);
	p->has_selected = false;
}

/* Without memory no row is selected. */
static void remember(struct top_place *p, const struct row *row)
{
	top_place_unselect(p);
	p->has_selected = !top_table_row_copy(&p->selected, row);
}

void top_place_select(struct top_place *p, const struct top_lines *lines, size_t line)
{
	if (line >= lines->n)
		return;
	p->cursor = line;
	remember(p, &lines->v[line].entry->last);
}

void top_place_move(struct top_place *p, const struct top_lines *lines, long by)
{
	long to = (long)p->cursor + by, last = (long)lines->n - 1;

	if (last >= 0)
		top_place_select(p, lines, (size_t)(to < 0 ? 0 : to > last ? last : to));
}

bool top_place_search(struct top_place *p, const struct top_lines *lines, const char *text, bool from_here)
{
	char name[TABLE_CELL];

	for (size_t i = from_here ? 0 : 1; *text && lines->n && i <= lines->n; i++) {
		size_t line = (p->cursor + i) % lines->n;

		top_columns_name(name, sizeof(name), &lines->v[line].entry->last, true);
		if (strcasestr(name, text)) {
			top_place_select(p, lines, line);
			return true;
		}
	}
	return false;
}

/* ---- down and up ---- */

/* The rows that a row of this kind consists of; BY_TOTAL: none. */
static enum row_by below(enum row_by by)
{
	switch (by) {
	case BY_SYSTEM: return BY_ROLE;
	case BY_ROLE: return BY_FILE;
	case BY_FILE: return BY_PROCESS;
	case BY_DEVICE: return BY_SYSTEM;
	case BY_PROCESS: return BY_FILE;
	case BY_CGROUP: case BY_CONTAINER: return BY_PROCESS;
	case BY_TOTAL: break;
	}
	return BY_TOTAL;
}

/* Restricts what is asked for to the entered row. */
static void narrow(struct ledger_only *only, const struct row *of)
{
	switch (of->by) {
	case BY_ROLE:
		only->role = of->role;
		only->no_role = !of->role;
		/* fall through */
	case BY_SYSTEM:
		only->system = of->system;
		only->instance = of->instance;
		only->no_instance = !of->instance;
		break;
	case BY_FILE:
		only->file = of->id;
		only->no_file = !of->id;
		break;
	case BY_DEVICE: only->disk = of->disk; break;
	case BY_PROCESS: only->process = of->id; break;
	case BY_CGROUP: only->cgroup = of->cgroup; break;
	case BY_CONTAINER:
		only->container = of->container;
		only->no_container = !of->container;
		break;
	case BY_TOTAL: break;
	}
}

/* Why a row cannot be entered; NULL: it can. */
static const char *closed(const struct top_place *p, const struct top_line *line, bool by_file)
{
	const struct row *r = line ? &line->entry->last : NULL;

	if (!r)
		return "there is no row to open";
	if (r->kind != ROW_OWNER)
		return "this row has no parts: it belongs to no program";
	if (line->entry->joined || (r->by == BY_PROCESS && !r->id))
		return "these processes have ended; their parts are not known";
	if (p->depth == TOP_DEPTH)
		return "there is no further level; Backspace returns";
	if (below(r->by) == BY_FILE && !by_file)
		return "files are not counted: start with --by file";
	if (r->by == BY_CGROUP && !r->cgroup)
		return "the control group of these processes is not known";
	return NULL;
}

const char *top_place_enter(struct top_place *p, const struct top_line *line, bool by_file)
{
	const char *why = closed(p, line, by_file);
	struct top_level *l;

	if (why)
		return why;
	l = calloc(1, sizeof(*l));
	if (!l || top_table_row_copy(&l->of, &line->entry->last)) {
		free(l);
		return "out of memory";
	}
	l->by = below(l->of.by);
	if (p->depth)
		l->only = p->levels[p->depth - 1]->only;
	narrow(&l->only, &l->of);
	p->levels[p->depth++] = l;
	p->cursor = p->scroll = 0;
	top_place_unselect(p);
	return NULL;
}

void top_place_leave(struct top_place *p)
{
	struct top_level *l;

	if (!p->depth)
		return;
	l = p->levels[--p->depth];
	remember(p, &l->of);
	level_free(l);
}

void top_place_tab(struct top_place *p, struct top_layout *l, enum top_tab tab)
{
	while (p->depth)
		top_place_leave(p);
	top_place_unselect(p);
	l->tab = tab;
	p->cursor = p->scroll = 0;
}
