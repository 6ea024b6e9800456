/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_head - the lines above the table. */
#include "tools/ioamp-top/top_head.h"

#include <string.h>

#include "report/prose.h"
#include "report/tint.h"
#include "base/units.h"
#include "base/utf8.h"
#include "ledger/amp.h"
#include "tools/ioamp-top/top_bars.h"

#define HEIGHT_HISTORY	14	/* rows of a screen that has room for the line of history */
#define HEIGHT_TOTALS	8
#define HISTORY_SHOWN	24

/* ---- pieces that stand beside each other as long as there is room ---- */

struct bar {
	struct grid *g;
	unsigned int y, x;
	const char *between;
};

static bool bar_add(struct bar *b, const char *text, enum grid_style style)
{
	unsigned int need = utf8_columns(text);
	unsigned int gap = b->x ? utf8_columns(b->between) : 0;

	if (b->x + gap + need > b->g->cols)
		return false;
	if (gap)
		b->x += grid_put(b->g, b->y, b->x, gap, b->between, STYLE_DIM);
	b->x += grid_put(b->g, b->y, b->x, need, text, style);
	return true;
}

static const char *bar_between(const struct grid *g)
{
	return g->ascii ? " | " : " \xe2\x94\x82 ";
}

static void duration_text(char *buf, size_t size, double s)
{
	unsigned long v = s > 0 ? (unsigned long)s : 0;

	if (v >= 86400)
		snprintf(buf, size, "%lud %02lu:%02lu", v / 86400, v / 3600 % 24, v / 60 % 60);
	else
		snprintf(buf, size, "%02lu:%02lu:%02lu", v / 3600, v / 60 % 60, v % 60);
}

/* ---- line 1: who, where, how ---- */

static void add_overhead(struct bar *b, const struct top_facts *f)
{
	char text[64];

	if (f->own_cpu < 0)
		return;
	if (f->own_bpf >= 0)
		snprintf(text, sizeof(text), "ovh %.1f+%.1f%%", f->own_cpu, f->own_bpf);
	else
		snprintf(text, sizeof(text), "ovh %.1f%%", f->own_cpu);
	bar_add(b, text, STYLE_PLAIN);
}

static void put_title(const struct top *t, struct grid *g)
{
	const struct top_facts *f = &t->facts;
	struct bar b = { g, 0, 0, "  " };
	uint64_t lost = losses_sum(&f->lost_ever, LOWERS_NOTHING);
	char text[320], number[UNITS_MAX] = "";

	snprintf(text, sizeof(text), "ioamp-top %s", f->version);
	bar_add(&b, text, STYLE_BOLD);
	if (t->paused)
		bar_add(&b, "PAUSED", STYLE_ALERT);
	if (*t->filter)
		bar_add(&b, "FILTERED", STYLE_ALERT);
	bar_add(&b, f->clock, STYLE_PLAIN);
	units_double(number, f->interval_s);
	snprintf(text, sizeof(text), "every %ss", number);
	bar_add(&b, text, STYLE_PLAIN);
	units_count(number, lost, false);
	snprintf(text, sizeof(text), "loss %s", number);
	bar_add(&b, text, lost ? STYLE_ALERT : STYLE_PLAIN);
	add_overhead(&b, f);
	bar_add(&b, t->layout.ops ? "ops, WA=(vfs+blk)/sys" : "bytes, WA=dev/sys", STYLE_PLAIN);
	snprintf(text, sizeof(text), "%.60s", f->host);
	bar_add(&b, text, STYLE_PLAIN);
	utf8_safe(text, sizeof(text), f->target);
	if (strcmp(f->target, "the whole machine"))
		bar_add(&b, text, STYLE_BOLD);
	duration_text(number, sizeof(number), f->up_s);
	snprintf(text, sizeof(text), "up %s", number);
	bar_add(&b, text, STYLE_PLAIN);
	bar_add(&b, f->kernel, STYLE_PLAIN);
}

/* ---- line 2: totals ---- */

static void add_flow(struct bar *b, const struct top_totals *all, const char *name, enum layer layer)
{
	const struct layer_io io = amp_layer_io(&all->row, all->layers, layer);
	const struct top_scale *scale = &all->scale;
	const char *per = io.write.known && all->per_second ? "/s" : "";
	char text[160], w[UNITS_MAX], r[UNITS_MAX];

	top_columns_amount(w, scale->ops ? io.write_ops : io.write, scale->ops, scale);
	top_columns_amount(r, scale->ops ? io.read_ops : io.read, scale->ops, scale);
	snprintf(text, sizeof(text), "%s W %s%s  R %s%s", name, w, per, r, per);
	bar_add(b, text, STYLE_PLAIN);
}

static void add_factor(struct bar *b, const struct top_totals *all, const char *name, enum top_col col)
{
	char text[80], factor[UNITS_MAX];
	enum tint tint = top_columns_cell(factor, col, &all->row, all->layers, &all->scale);

	snprintf(text, sizeof(text), "%s %s", name, factor);
	bar_add(b, text, tint == TINT_BAD ? STYLE_BAD : tint == TINT_FAIR ? STYLE_FAIR : STYLE_BOLD);
}

static void put_totals(const struct top_totals *all, struct grid *g, unsigned int y)
{
	const char *between = bar_between(g);
	struct bar b = { g, y, 0, between };
	char text[96], number[UNITS_MAX];

	add_flow(&b, all, " app ", LAYER_APPLICATION);
	add_flow(&b, all, "dev ", LAYER_DEVICE);
	add_factor(&b, all, "WA", COL_W_AMP);
	b.between = "  ";
	add_factor(&b, all, "RA", COL_R_AMP);
	b.between = between;
	top_columns_cell(number, COL_FLUSH, &all->row, all->layers, &all->scale);
	snprintf(text, sizeof(text), "flush %s%s", number, all->per_second && *number != '-' ? "/s" : "");
	bar_add(&b, text, STYLE_PLAIN);
}

/* ---- line 3: history and what has no owner ---- */

static void add_history(struct bar *b, const double wa[TOP_HISTORY])
{
	const double *v = wa + TOP_HISTORY - HISTORY_SHOWN;
	double low = -1, high = 0;
	int first = 0;
	char bars[4 * HISTORY_SHOWN + 1], text[sizeof(bars) + 96], a[UNITS_MAX], z[UNITS_MAX];

	for (int i = 0; i < HISTORY_SHOWN; i++) {
		if (v[i] < 0)
			continue;
		low = low < 0 || v[i] < low ? v[i] : low;
		high = v[i] > high ? v[i] : high;
	}
	while (first < HISTORY_SHOWN && v[first] < 0)
		first++;
	top_bars_text(bars, sizeof(bars), v + first, (size_t)(HISTORY_SHOWN - first), b->g->ascii);
	units_factor(a, low < 0 ? 0 : low);
	units_factor(z, high);
	if (low < 0)
		snprintf(text, sizeof(text), " WA of the last %d intervals: no writes yet", HISTORY_SHOWN);
	else if (!strcmp(a, z))
		snprintf(text, sizeof(text), " WA %s %s", bars, a);
	else
		snprintf(text, sizeof(text), " WA %s %s%s%s", bars, a, b->g->ascii ? ".." : "\xe2\x80\xa6", z);
	bar_add(b, text, STYLE_PLAIN);
}

/* Per cent of the device bytes that no application asked for; below 0: there are no device bytes. */
static double without_app(const struct top_table *processes)
{
	uint64_t all = 0, none = 0;

	for (size_t i = 0; i < processes->n; i++) {
		const struct row *r = &processes->v[i]->last;

		/* the application may have written these bytes in an earlier interval */
		const struct row *ever = &processes->v[i]->sum;

		if (top_table_gone(processes, processes->v[i]) || r->kind == ROW_OUTSIDE)
			continue;
		all += r->device.write.bytes + r->device.read.bytes;
		none += ever->app.write.bytes ? 0 : r->device.write.bytes;
		none += ever->app.read.bytes ? 0 : r->device.read.bytes;
	}
	return all ? 100.0 * (double)none / (double)all : -1;
}

static size_t count_rows(const struct top_table *table)
{
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++)
		n += table->v[i]->last.kind == ROW_OWNER && !top_table_gone(table, table->v[i]);
	return n;
}

/* Why the figures are incomplete; if they are complete, how many rows there are. */
static void add_rows(struct bar *b, const struct top_facts *f, const struct top_table tables[TAB_MAX])
{
	size_t systems = count_rows(&tables[TAB_SYSTEMS]), processes = count_rows(&tables[TAB_PROCESSES]);
	char text[160];

	if (!f->complete && f->incomplete_reason) {
		snprintf(text, sizeof(text), "incomplete: %.120s", f->incomplete_reason);
		bar_add(b, text, STYLE_ALERT);
		bar_add(b, "incomplete: d says why", STYLE_ALERT);
		return;
	}
	snprintf(text, sizeof(text), "%zu system%s, %zu process%s, %zu disk%s", systems,
		 systems == 1 ? "" : "s", processes, processes == 1 ? "" : "es", f->disks,
		 f->disks == 1 ? "" : "s");
	bar_add(b, text, STYLE_PLAIN);
}

static void put_history(const struct top *t, struct grid *g, unsigned int y)
{
	struct bar b = { g, y, 0, bar_between(g) };
	double none = without_app(&t->tables[TAB_PROCESSES]);
	char text[64];

	add_history(&b, t->wa);
	if (none >= 0) {
		snprintf(text, sizeof(text), "no app I/O behind %.1f%%", none);
		bar_add(&b, text, STYLE_PLAIN);
	}
	add_rows(&b, &t->facts, t->tables);
}

/* ---- tabs, or the way down ---- */

static void mode_text(enum top_mode mode, const struct top_table *table, char *buf, size_t size)
{
	bool marked = mode == MODE_MARK && table->marked;
	char time[32];

	duration_text(time, sizeof(time), marked ? table->seconds - table->mark_s : table->seconds);
	if (mode == MODE_RATE)
		snprintf(buf, size, "per second");
	else
		snprintf(buf, size, "sums of %s%s", time,
			 marked ? " since mark" : mode == MODE_MARK ? " since here" : "");
}

/* The number of cells used. Sets in `tab_x` where each tab begins. */
static unsigned int put_tabs(struct grid *g, unsigned int y, enum top_tab shown,
			     unsigned int tab_x[TAB_MAX + 1])
{
	unsigned int x = 0;
	char text[32];

	for (int i = 0; i < TAB_MAX; i++) {
		bool on = shown == (enum top_tab)i;

		/* on a narrow screen the number alone, but for the shown tab */
		snprintf(text, sizeof(text), g->cols >= 80 || on ? "%c%d %s%c" : "%c%d%.0s%c",
			 on ? '[' : ' ', i + 1, top_layout_tab_name((enum top_tab)i), on ? ']' : ' ');
		tab_x[i] = x;
		x += grid_put(g, y, x, g->cols > x ? g->cols - x : 0, text, on ? STYLE_TAB_ON : STYLE_TAB);
	}
	tab_x[TAB_MAX] = x;
	return x;
}

static unsigned int put_crumbs(struct grid *g, unsigned int y, enum top_tab tab, const struct top_place *place)
{
	const char *arrow = g->ascii ? " > " : " \xe2\x80\xba ";
	struct prose p = { 0 };
	char name[512];

	prose_add(&p, "[%s", top_layout_tab_name(tab));
	for (size_t i = 0; i < place->depth; i++) {
		top_columns_name(name, sizeof(name), &place->levels[i]->of, false);
		grid_clip(g, name, sizeof(name), 32, true);
		prose_add(&p, "%s%s", arrow, name);
	}
	prose_add(&p, "]");
	grid_clip(g, p.buf, sizeof(p.buf), g->cols, true);
	return grid_put(g, y, 0, g->cols, p.buf, STYLE_TAB_ON);
}

static void put_way(struct top *t, struct grid *g, unsigned int y)
{
	const struct top_table *table = t->place.depth ? top_shown(t) : &t->tables[TAB_SYSTEMS];
	char text[TOP_TEXT + 64], mode[80];
	unsigned int x, need;

	t->areas.tabs_y = y;
	if (t->place.depth) {
		x = put_crumbs(g, y, t->layout.tab, &t->place);
		memset(t->areas.tab_x, 0xff, sizeof(t->areas.tab_x));	/* nothing to click */
	} else {
		x = put_tabs(g, y, t->layout.tab, t->areas.tab_x);
	}
	mode_text(t->layout.mode, table, mode, sizeof(mode));
	snprintf(text, sizeof(text), "%s%s%s", *t->filter ? "filter: " : "", t->filter, *t->filter ? "  " : "");
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", mode);
	need = utf8_columns(text);
	if (x + 1 + need > g->cols) {
		snprintf(text, sizeof(text), "%s", t->layout.mode ? "sums" : "");
		need = utf8_columns(text);
	}
	if (x + 1 + need <= g->cols)
		grid_put(g, y, g->cols - need, need, text, *t->filter ? STYLE_ALERT : STYLE_DIM);
}

unsigned int top_head_draw(struct top *t, struct grid *g)
{
	struct top_totals all;
	unsigned int y = 0;

	put_title(t, g);
	y++;
	top_totals(t, &all);
	if (g->rows >= HEIGHT_TOTALS)
		put_totals(&all, g, y++);
	if (g->rows >= HEIGHT_HISTORY)
		put_history(t, g, y++);
	put_way(t, g, y++);
	return y;
}
