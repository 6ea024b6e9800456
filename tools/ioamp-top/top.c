/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top - the state of ioamp-top's screen: what is shown, and in which mode. */
#include "tools/ioamp-top/top.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/amp.h"

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

void top_free(struct top *t)
{
	for (int i = 0; i < TAB_MAX; i++)
		top_table_free(&t->tables[i]);
	top_place_free(&t->place);
	top_folds_free(&t->folds);
	free(t->lines.v);
	free(t->lines.computed);
	memset(t, 0, sizeof(*t));
}

void top_say(struct top *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t->message, sizeof(t->message), format, args);
	va_end(args);
}

/* ---- the table that is shown ---- */

const struct top_table *top_shown(const struct top *t)
{
	if (t->place.depth)
		return &t->place.levels[t->place.depth - 1]->table;
	return t->layout.tab == TAB_LAYERS ? NULL : &t->tables[t->layout.tab];
}

enum row_by top_shown_by(const struct top *t)
{
	return t->place.depth ? t->place.levels[t->place.depth - 1]->by : top_layout_tab_by(t->layout.tab);
}

bool top_is_tree(const struct top *t)
{
	return !t->place.depth && t->layout.tab == TAB_SYSTEMS && t->layout.tree;
}

/* ---- intervals ---- */

/* Adds the write amplification of all rows to the history. */
static void push_factor(double wa[TOP_HISTORY], const struct summary *s)
{
	struct amplification amp;

	amp_compute(&s->totals, s->layers, OP_WRITE, &amp);
	memmove(wa, wa + 1, (TOP_HISTORY - 1) * sizeof(*wa));
	wa[TOP_HISTORY - 1] = amp.has_bytes ? amp.bytes : -1;
}

int top_feed_tab(struct top *t, enum top_tab tab, const struct summary *s)
{
	if (tab == TAB_SYSTEMS)
		push_factor(t->wa, s);
	t->facts.once = true;
	return top_table_add(&t->tables[tab], s);
}

int top_feed_level(struct top *t, size_t level, const struct summary *s)
{
	return top_table_add(&t->place.levels[level]->table, s);
}

/* ---- figures in the mode that is shown ---- */

/* What leaf devices read and wrote for a row, in the time that is shown. */
static uint64_t device_bytes(enum top_mode mode, const struct top_table *table, const struct top_entry *e)
{
	const struct row *r = mode == MODE_RATE ? &e->last : &e->sum;
	uint64_t bytes = r->device.read.bytes + r->device.write.bytes;

	if (mode == MODE_RATE && top_table_gone(table, e))
		return 0;
	if (mode == MODE_MARK && e->mark)
		bytes -= e->mark->device.read.bytes + e->mark->device.write.bytes;
	return bytes;
}

struct top_scale top_scale_of(const struct top_layout *l, const struct top_table *table)
{
	struct top_scale scale = {
		.seconds = l->mode == MODE_RATE ? table->last_s : 0, .ops = l->ops, .raw = l->raw,
	};

	for (size_t i = 0; i < table->n; i++)
		scale.whole += device_bytes(l->mode, table, table->v[i]);
	return scale;
}

void top_totals(const struct top *t, struct top_totals *out)
{
	const struct top_table *table = &t->tables[TAB_SYSTEMS];

	out->row = t->layout.mode == MODE_RATE ? table->last : table->sum;
	if (t->layout.mode == MODE_MARK && table->marked)
		figures_subtract(&out->row, &table->mark);
	out->layers = t->facts.layers;
	out->scale = top_scale_of(&t->layout, table);
	out->per_second = t->layout.mode == MODE_RATE;
}
