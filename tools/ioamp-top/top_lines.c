/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_lines - which rows the screen shows, in which order. */
#include "tools/ioamp-top/top_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/row_id.h"
#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_filter.h"

/* `marks`: also room for figures since the mark. */
static int room_for(struct top_lines *l, size_t need, bool marks)
{
	struct top_line *lines;
	struct row *computed;

	if (need > l->cap) {
		lines = realloc(l->v, need * sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		l->v = lines;
		l->cap = need;
	}
	if (!marks || need <= l->nr_computed)
		return 0;
	computed = realloc(l->computed, need * sizeof(*computed));
	if (!computed)
		return -ENOMEM;
	l->computed = computed;
	l->nr_computed = need;
	return 0;
}

static const struct row *figures(struct top_lines *l, size_t line, enum top_mode mode,
				 const struct top_entry *e)
{
	if (mode == MODE_RATE)
		return &e->last;
	if (mode == MODE_SUM || !e->mark)
		return &e->sum;
	l->computed[line] = e->sum;
	figures_subtract(&l->computed[line], e->mark);
	return &l->computed[line];
}

/* ---- lines ---- */

static bool visible(const struct top *t, const struct top_table *table, struct top_line *line,
		    const struct top_scale *scale)
{
	line->gone = top_table_gone(table, line->entry);
	if (t->layout.mode == MODE_RATE && line->gone && t->layout.active &&
	    table->frame - line->entry->frame > TOP_GONE)
		return false;
	if (t->layout.active && !top_columns_active(line->row))
		return false;
	line->passed = top_filter_match(t->filter, line->row, t->facts.layers, scale);
	/* a system stays for a role that passes: weave() decides */
	return line->passed || (top_is_tree(t) && !line->depth);
}

static size_t add_lines(struct top *t, const struct top_table *table, unsigned int depth,
			const struct top_scale *scale)
{
	size_t first = t->lines.n;

	for (size_t i = 0; i < table->n; i++) {
		struct top_line *line = &t->lines.v[t->lines.n];

		*line = (struct top_line){ .entry = table->v[i], .depth = depth };
		line->row = figures(&t->lines, t->lines.n, t->layout.mode, line->entry);
		if (depth && !line->row->role)
			continue;
		if (!visible(t, table, line, scale)) {
			t->lines.hidden += !depth;
			continue;
		}
		line->key = t->layout.sort == COL_NAME ? 0 :
			    top_columns_key(t->layout.sort, line->row, t->facts.layers, scale);
		t->lines.n++;
	}
	return t->lines.n - first;
}

/* The order that the user chose, for the comparison. */
struct wish {
	bool name, reverse;
};

static int compare_names(const struct row *a, const struct row *b)
{
	char x[512], y[512];

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	top_columns_name(x, sizeof(x), a, true);
	top_columns_name(y, sizeof(y), b, true);
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
		return x->key < 0 ? 1 : -1;	/* unknown figures are last in both orders */
	else if (x->key != y->key)
		order = x->key > y->key ? -1 : 1;
	if (order)
		return w->reverse ? -order : order;
	if (x->row->device.write.bytes != y->row->device.write.bytes)
		return x->row->device.write.bytes > y->row->device.write.bytes ? -1 : 1;
	return top_table_row_order(x->row, y->row);
}

static void sort_lines(struct top_line *v, size_t n, const struct top_layout *l)
{
	struct wish w = { l->sort == COL_NAME, l->reverse };

	if (n)
		qsort_r(v, n, sizeof(*v), line_order, &w);
}

static bool same_system(const struct top_line *a, const struct top_line *b)
{
	const struct row *x = &a->entry->last, *y = &b->entry->last;

	return x->kind == y->kind && x->system && row_id_same_name(x->system, y->system) &&
	       row_id_same_name(x->instance, y->instance);
}

/* Puts roles below their systems. */
static int weave(struct top_lines *l, size_t parents, const struct top_folds *folds)
{
	struct top_line *old = malloc((l->n + 1) * sizeof(*old));
	size_t all = l->n, n = 0;

	if (!old)
		return -ENOMEM;
	if (all)	/* l->v may be NULL */
		memcpy(old, l->v, all * sizeof(*old));
	for (size_t i = 0; i < parents; i++) {
		struct top_line *parent = &l->v[n++];

		*parent = old[i];
		for (size_t j = parents; j < all; j++) {
			if (!same_system(&old[i], &old[j]))
				continue;
			parent->children = true;
			if (!top_folds_has(folds, parent->row->system))
				l->v[n++] = old[j];
		}
		if (!parent->passed && !parent->children) {
			n--;
			l->hidden++;
		}
	}
	free(old);
	l->n = n;
	return 0;
}

/* Keeps the cursor on its row; if that is not shown, on its line. */
static void keep_cursor(struct top_place *p, const struct top_lines *l)
{
	for (size_t i = 0; p->has_selected && i < l->n; i++)
		if (top_table_same(&l->v[i].entry->last, &p->selected)) {
			p->cursor = i;
			return;
		}
	if (p->cursor >= l->n)
		p->cursor = l->n ? l->n - 1 : 0;
}

int top_lines_make(struct top *t)
{
	const struct top_table *table = top_shown(t), *roles = &t->tables[TAB_ROLES];
	struct top_lines *l = &t->lines;
	bool tree = top_is_tree(t);
	struct top_scale scale;
	size_t parents;
	int err;

	l->n = l->hidden = 0;
	if (!table)
		return 0;
	err = room_for(l, table->n + roles->n, t->layout.mode == MODE_MARK);
	if (err)
		return err;
	scale = top_scale_of(&t->layout, table);
	parents = add_lines(t, table, 0, &scale);
	sort_lines(l->v, parents, &t->layout);
	if (tree) {
		size_t children = add_lines(t, roles, 1, &scale);

		sort_lines(l->v + parents, children, &t->layout);
		err = weave(l, parents, &t->folds);
	}
	if (t->maxrows && l->n > t->maxrows)
		l->n = t->maxrows;
	keep_cursor(&t->place, l);
	return err;
}
