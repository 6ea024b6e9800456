/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_lines - which rows the screen shows, in which order. */
#include "tools/ioamp-top/top_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/row_id.h"
#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_filter.h"

static int room_for(struct top *t, const struct top_table *table)
{
	size_t need = table->n + t->tables[TAB_ROLES].n;
	struct top_line *lines;
	struct row *computed;

	if (need > t->lines.cap) {
		lines = realloc(t->lines.v, need * sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		t->lines.v = lines;
		t->lines.cap = need;
	}
	if (t->layout.mode != MODE_MARK || need <= t->lines.nr_computed)
		return 0;
	computed = realloc(t->lines.computed, need * sizeof(*computed));
	if (!computed)
		return -ENOMEM;
	t->lines.computed = computed;
	t->lines.nr_computed = need;
	return 0;
}

static const struct row *figures(struct top *t, const struct top_entry *e, size_t line)
{
	if (t->layout.mode == MODE_RATE)
		return &e->last;
	if (t->layout.mode == MODE_SUM || !e->mark)
		return &e->sum;
	t->lines.computed[line] = e->sum;
	row_subtract(&t->lines.computed[line], e->mark);
	return &t->lines.computed[line];
}

/* ---- lines ---- */

static bool visible(struct top *t, const struct top_table *table, struct top_line *line,
		    const struct top_scale *scale)
{
	line->gone = top_entry_gone(table, line->entry);
	if (t->layout.mode == MODE_RATE && line->gone && t->layout.active &&
	    table->frame - line->entry->frame > TOP_GONE)
		return false;
	if (t->layout.active && !top_active(line->row))
		return false;
	line->passed = top_filter_match(t->filter, line->row, t->facts.layers, scale);
	/* below it there may be roles that pass: weave() knows */
	return line->passed || (top_is_tree(t) && !line->depth);
}

static size_t add_lines(struct top *t, const struct top_table *table, unsigned int depth,
			const struct top_scale *scale)
{
	size_t first = t->lines.n;

	for (size_t i = 0; i < table->n; i++) {
		struct top_line *line = &t->lines.v[t->lines.n];

		*line = (struct top_line){ .entry = table->v[i], .depth = depth };
		line->row = figures(t, line->entry, t->lines.n);
		if (depth && !line->row->role)
			continue;
		if (!visible(t, table, line, scale)) {
			t->lines.hidden += !depth;
			continue;
		}
		line->key = t->layout.sort == COL_NAME ? 0 :
			    top_key(t->layout.sort, line->row, t->facts.layers, scale);
		t->lines.n++;
	}
	return t->lines.n - first;
}

/* What qsort() cannot be told: the order is a wish of the user's. */
struct wish {
	bool name, reverse;
};

static int compare_names(const struct row *a, const struct row *b)
{
	char x[512], y[512];

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	top_name(x, sizeof(x), a, true);
	top_name(y, sizeof(y), b, true);
	return strcmp(x, y);
}

static int line_order(const void *a, const void *b, void *ctx)
{
	const struct top_line *x = a, *y = b;
	const struct wish *w = ctx;
	int order = 0;

	if (w->name)
		order = compare_names(x->row, y->row);
	else if ((x->key < 0) != (y->key < 0))
		return x->key < 0 ? 1 : -1;	/* what is not known comes last, either way */
	else if (x->key != y->key)
		order = x->key > y->key ? -1 : 1;
	if (order)
		return w->reverse ? -order : order;
	if (x->row->device.write.bytes != y->row->device.write.bytes)
		return x->row->device.write.bytes > y->row->device.write.bytes ? -1 : 1;
	return top_row_order(x->row, y->row);
}

static void sort_lines(struct top *t, size_t first, size_t n)
{
	struct wish w = { t->layout.sort == COL_NAME, t->layout.reverse };

	if (n)
		qsort_r(t->lines.v + first, n, sizeof(*t->lines.v), line_order, &w);
}

static bool same_system(const struct top_line *a, const struct top_line *b)
{
	const struct row *x = &a->entry->last, *y = &b->entry->last;

	return x->kind == y->kind && x->system && same_name(x->system, y->system) &&
	       same_name(x->instance, y->instance);
}

/* Roles below their systems. */
static int weave(struct top *t, size_t parents, size_t children)
{
	struct top_line *old = malloc((t->lines.n + 1) * sizeof(*old));
	size_t n = 0;

	if (!old)
		return -ENOMEM;
	if (t->lines.n)	/* without a line there is no array either */
		memcpy(old, t->lines.v, t->lines.n * sizeof(*old));
	for (size_t i = 0; i < parents; i++) {
		struct top_line *parent = &t->lines.v[n++];

		*parent = old[i];
		for (size_t j = parents; j < parents + children; j++) {
			if (!same_system(&old[i], &old[j]))
				continue;
			parent->children = true;
			if (!top_folds_has(&t->folds, parent->row->system))
				t->lines.v[n++] = old[j];
		}
		if (!parent->passed && !parent->children) {
			n--;
			t->lines.hidden++;
		}
	}
	free(old);
	t->lines.n = n;
	return 0;
}

static void keep_cursor(struct top *t)
{
	for (size_t i = 0; t->place.has_selected && i < t->lines.n; i++)
		if (top_same(&t->lines.v[i].entry->last, &t->place.selected)) {
			t->place.cursor = i;
			return;
		}
	if (t->place.cursor >= t->lines.n)
		t->place.cursor = t->lines.n ? t->lines.n - 1 : 0;
}

int top_lines_make(struct top *t)
{
	struct top_table *table = top_shown(t);
	struct top_scale scale;
	bool tree = top_is_tree(t);
	size_t parents, children = 0;
	int err;

	t->lines.n = t->lines.hidden = 0;
	if (!table)
		return 0;
	err = room_for(t, table);
	if (err)
		return err;
	scale = top_scale_of(t, false);
	parents = add_lines(t, table, 0, &scale);
	if (tree)
		children = add_lines(t, &t->tables[TAB_ROLES], 1, &scale);
	sort_lines(t, 0, parents);
	sort_lines(t, parents, children);
	if (tree)
		err = weave(t, parents, children);
	if (t->maxrows && t->lines.n > t->maxrows)
		t->lines.n = t->maxrows;
	keep_cursor(t);
	return err;
}

void top_lines_free(struct top_lines *l)
{
	free(l->v);
	free(l->computed);
	memset(l, 0, sizeof(*l));
}
