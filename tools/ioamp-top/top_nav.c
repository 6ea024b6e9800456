/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_nav - tabs, steps down and up, and what each of them asks of the session. */
#include "tools/ioamp-top/top.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum row_by by;
} tabs[TAB_MAX] = {
	[TAB_SYSTEMS] = { "Systems", BY_SYSTEM }, [TAB_ROLES] = { "Roles", BY_ROLE },
	[TAB_FILES] = { "Files", BY_FILE }, [TAB_DEVICES] = { "Devices", BY_DEVICE },
	[TAB_PROCESSES] = { "Processes", BY_PROCESS }, [TAB_CGROUPS] = { "Cgroups", BY_CGROUP },
	[TAB_LAYERS] = { "Layers", BY_TOTAL },
};

enum row_by top_tab_by(enum top_tab tab)
{
	return tabs[tab].by;
}

const char *top_tab_name(enum top_tab tab)
{
	return tabs[tab].name;
}

void top_init(struct top *t)
{
	memset(t, 0, sizeof(*t));
	t->layout.sort = COL_DEV_W;
	t->layout.tree = true;
	t->layout.active = true;
	for (int i = 0; i < TOP_HISTORY; i++)
		t->wa[i] = -1;
	t->facts.own_cpu = t->facts.own_bpf = -1;
}

static void level_free(struct top_level *l)
{
	top_row_free(&l->of);
	top_table_free(&l->table);
	free(l);
}

void top_free(struct top *t)
{
	for (int i = 0; i < TAB_MAX; i++)
		top_table_free(&t->tables[i]);
	while (t->place.depth)
		level_free(t->place.levels[--t->place.depth]);
	for (size_t i = 0; i < t->folds.n; i++)
		free(t->folds.v[i]);
	free(t->folds.v);
	free(t->lines.v);
	free(t->lines.computed);
	if (t->place.has_selected)
		top_row_free(&t->place.selected);
	memset(t, 0, sizeof(*t));
}

void top_say(struct top *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t->message, sizeof(t->message), format, args);
	va_end(args);
}

struct top_table *top_shown(struct top *t)
{
	if (t->place.depth)
		return &t->place.levels[t->place.depth - 1]->table;
	return t->layout.tab == TAB_LAYERS ? NULL : &t->tables[t->layout.tab];
}

enum row_by top_shown_by(const struct top *t)
{
	return t->place.depth ? t->place.levels[t->place.depth - 1]->by : top_tab_by(t->layout.tab);
}

/* History of the factor of all writes. */
static void push_factor(struct top *t, const struct summary *s)
{
	struct amplification amp;

	amplification_compute(&s->totals, s->layers, OP_WRITE, &amp);
	memmove(t->wa, t->wa + 1, sizeof(t->wa) - sizeof(*t->wa));
	t->wa[TOP_HISTORY - 1] = amp.has_bytes ? amp.bytes : -1;
}

int top_feed_tab(struct top *t, enum top_tab tab, const struct summary *s)
{
	if (tab == TAB_SYSTEMS)
		push_factor(t, s);
	t->facts.once = true;
	return top_table_add(&t->tables[tab], s);
}

int top_feed_level(struct top *t, size_t level, const struct summary *s)
{
	return top_table_add(&t->place.levels[level]->table, s);
}

/* What a row of this kind consists of; BY_TOTAL: nothing that could be shown. */
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

/* Adds what the row is about to what is asked for. */
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

/* Why one cannot go into a row; NULL: one can. */
static const char *closed(const struct top *t, const struct top_line *line, enum row_by by)
{
	const struct row *r = &line->entry->last;

	if (r->kind != ROW_OWNER)
		return "this row has no parts: it is no program's";
	if (line->entry->joined || (r->by == BY_PROCESS && !r->id))
		return "these have ended; what they consisted of is not kept";
	if (t->place.depth == TOP_DEPTH)
		return "this is as far down as it goes; Backspace goes up";
	if (by == BY_FILE && !t->facts.by_file)
		return "files are not counted: start with --by file";
	if (r->by == BY_CGROUP && !r->cgroup)
		return "the control group of these processes is not known";
	return NULL;
}

enum top_want top_enter(struct top *t)
{
	const struct top_line *line = t->place.cursor < t->lines.n ? &t->lines.v[t->place.cursor] : NULL;
	enum row_by by = line ? below(line->row->by) : BY_TOTAL;
	const char *why = line ? closed(t, line, by) : "there is no row to go into";
	struct top_level *l;

	if (why) {
		top_say(t, "%s", why);
		return WANT_NOTHING;
	}
	l = calloc(1, sizeof(*l));
	if (!l || top_row_copy(&l->of, &line->entry->last)) {
		free(l);
		top_say(t, "out of memory");
		return WANT_NOTHING;
	}
	l->by = by;
	if (t->place.depth)
		l->only = t->place.levels[t->place.depth - 1]->only;
	narrow(&l->only, &l->of);
	t->place.levels[t->place.depth++] = l;
	t->place.cursor = t->place.scroll = 0;
	t->place.has_selected ? top_row_free(&t->place.selected) : (void)0;
	t->place.has_selected = false;
	return WANT_ROWS;
}

void top_leave(struct top *t)
{
	struct top_level *l;

	if (!t->place.depth)
		return;
	l = t->place.levels[--t->place.depth];
	/* back on the row that was entered */
	if (t->place.has_selected)
		top_row_free(&t->place.selected);
	t->place.has_selected = !top_row_copy(&t->place.selected, &l->of);
	level_free(l);
}

void top_go_tab(struct top *t, enum top_tab tab)
{
	while (t->place.depth)
		top_leave(t);
	if (t->place.has_selected)
		top_row_free(&t->place.selected);
	t->place.has_selected = false;
	t->layout.tab = tab;
	t->place.cursor = t->place.scroll = 0;
}
