/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_popup - the popups over the table: help, the explanation in words, losses, lists. */
#include "tools/ioamp-top/top_popup.h"

#include <string.h>

#include "base/names.h"
#include "base/units.h"
#include "base/utf8.h"
#include "ledger/amp.h"
#include "report/explain.h"
#include "report/prose.h"
#include "tools/ioamp-top/top_keys.h"

#define LINES_MAX	64
#define LINE_BYTES	512
#define WIDEST		76

/* Lines of text, wrapped. */
struct page {
	char line[LINES_MAX][LINE_BYTES];
	size_t n;
	unsigned int width;
	const struct grid *g;
	char title[128];
};

static void page_line(struct page *p, const char *text)
{
	if (p->n < LINES_MAX)
		snprintf(p->line[p->n++], LINE_BYTES, "%s", text);
}

/* Wraps text at blanks. A word longer than a line is cut. */
static void page_text(struct page *p, const char *text, const char *indent)
{
	char line[LINE_BYTES], word[LINE_BYTES];

	line[0] = 0;
	while (*text) {
		size_t n = strcspn(text, " ");

		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		if (*line && utf8_columns(line) + 1 + utf8_columns(word) > p->width) {
			page_line(p, line);
			snprintf(line, sizeof(line), "%s", indent);
		} else if (*line) {
			strncat(line, " ", sizeof(line) - strlen(line) - 1);
		}
		strncat(line, word, sizeof(line) - strlen(line) - 1);
		text += n + (text[n] == ' ');
	}
	page_line(p, line);
}

/* ---- help ---- */

#define HELP_LABEL	16	/* cells */
#define HELP_BESIDE	45	/* where the second key of a line begins */

/* One key. Lines of its text after the first one are indented. */
static void help_key(struct page *p, const struct top_key *k)
{
	const char *label = k->label ? k->label : k->names, *rest = k->help;
	char line[LINE_BYTES], left[HELP_BESIDE + 1];

	if (k->beside) {
		snprintf(left, sizeof(left), "%-*s", HELP_BESIDE, p->line[p->n - 1]);
		snprintf(p->line[p->n - 1], LINE_BYTES, "%s%-7s%s", left, label, k->help);
		return;
	}
	for (; *rest; rest += strspn(rest, "\n")) {
		size_t n = strcspn(rest, "\n");

		snprintf(line, sizeof(line), "%-*s%.*s", HELP_LABEL, label, (int)n, rest);
		page_line(p, line);
		label = "";
		rest += n;
	}
}

static void help_page(struct page *p, const struct top_areas *a)
{
	char text[256];

	strcpy(p->title, "help");
	for (size_t i = 0; i < top_keys_count; i++)
		if (top_keys[i].help)
			help_key(p, &top_keys[i]);
	page_line(p, "");
	page_text(p, "SYS is what applications asked for, FS what file systems made of it, BLK the top "
		  "of the device stacks, DEV what the disks did. Grey rows did nothing in the last "
		  "interval. bg: device I/O with no application I/O behind it. ovh: processor time "
		  "of this tool, and of its programs while kernel.bpf_stats_enabled is 1.", "");
	page_line(p, "");
	for (int c = COL_SYS_R; c < COL_MAX; c++) {
		if (!a->column_width[c])
			continue;
		snprintf(text, sizeof(text), "%-8s %s", top_columns[c].head, top_columns[c].help);
		page_line(p, text);
	}
}

/* ---- the explanation ---- */

/* What is explained. */
struct subject {
	const struct row *row;
	const struct layer_state *layers;
	bool raw;
};

static void put_op(struct page *p, const struct subject *s, enum op op)
{
	struct prose words = { 0 };

	explain_words(&words, s->row, s->layers, op, s->raw);
	if (!words.len)
		return;
	page_text(p, words.buf, "  ");
	page_line(p, "");
}

static void put_chain(struct page *p, const struct subject *s, enum op op)
{
	struct prose chain = { 0 };
	bool any = false;

	for (enum layer l = 0; l < LAYER_MAX; l++)
		any = any || amp_stage(s->row, s->layers, l, op).v;
	if (!any)
		return;
	explain_chain(&chain, s->row, s->layers, op, s->raw);
	page_text(p, chain.buf, "  ");
}

/* The usual range of a system is that of all its rows, so a role or a file is not compared with it. */
static const char *beside_usual(const struct subject *s, double low, double high)
{
	struct amplification amp;

	amp_compute(s->row, s->layers, OP_WRITE, &amp);
	if (s->row->by != BY_SYSTEM || !amp.has_bytes)
		return "";
	return amp.bytes < low ? "; this is less" : amp.bytes > high ? "; this is more" : "; so is this";
}

static void put_role(struct page *p, const struct rule_role *role)
{
	struct prose words = { 0 };

	prose_add(&words, "Role %s (%s)%s%s.", role->name, rules_purpose_name(role->purpose),
		  role->note ? ": " : "", role->note ? role->note : "");
	page_text(p, words.buf, "  ");
}

/* What the rule of a system expects. */
static void put_expect(struct page *p, const struct subject *s, const struct rule_system *rule)
{
	struct prose words = { 0 };
	double low, high;

	prose_add(&words, "Usual for %s%s: ", rule->label ? rule->label : rule->name,
		  s->row->by == BY_SYSTEM ? "" : " as a whole");
	if (rules_usual_writes(rule, &low, &high))
		prose_add(&words, "write amplification %g-%g%s.", low, high, beside_usual(s, low, high));
	else
		prose_add(&words, "%s.", rule->expect);
	page_text(p, words.buf, "  ");
}

static void put_usual(struct page *p, const struct subject *s, const struct rules *rules)
{
	const struct row *r = s->row;
	const struct rule_system *rule = rules && r->kind == ROW_OWNER && r->system ?
		rules_find(rules, r->system) : NULL;
	const struct rule_role *role = rule && r->role ? rules_role(rule, r->role) : NULL;

	if (!rule)
		return;
	page_line(p, "");
	if (role)
		put_role(p, role);
	if (rule->expect)
		put_expect(p, s, rule);
	if (rule->note)
		page_text(p, rule->note, "  ");
}

static void put_kind(struct page *p, const struct row *r)
{
	static const char *const what[ROW_KIND_MAX] = {
		[ROW_SELF] = "This is the tool itself: its own output, and what the terminal costs.",
		[ROW_BACKGROUND] = "Kernel work that no program caused in this time: lazy initialisation, "
			"scrub, resync, pages that were dirty before the start.",
		[ROW_OUTSIDE] = "I/O of processes that are not the target.",
		[ROW_UNATTRIBUTED] = "Bytes whose owner is not known: in flight at the start, or no room "
			"in a table.",
	};

	if (what[r->kind]) {
		page_text(p, what[r->kind], "");
		page_line(p, "");
	}
}

static void put_pending(struct page *p, const struct subject *s)
{
	struct prose dirty = { 0 };
	char text[UNITS_MAX];

	if (!s->row->cache.pending.known || !s->row->cache.pending.v)
		return;
	units_bytes(text, s->row->cache.pending.v, s->raw);
	prose_add(&dirty, "Still dirty: %s; it will be written, and counted then.", text);
	page_text(p, dirty.buf, "  ");
}

static void explain_page(struct page *p, const struct top *t)
{
	const struct top_line *line = top_place_line(&t->place, &t->lines);
	const struct subject s = {
		line ? line->row : &t->tables[TAB_SYSTEMS].last, t->facts.layers, t->layout.raw,
	};
	char name[100];

	strcpy(p->title, "explain: all rows");
	if (line) {
		top_columns_name(name, sizeof(name), &line->entry->last, false);
		snprintf(p->title, sizeof(p->title), "explain: %s", name);
	}
	put_kind(p, line ? &line->entry->last : s.row);
	put_op(p, &s, OP_WRITE);
	put_op(p, &s, OP_READ);
	put_chain(p, &s, OP_WRITE);
	put_chain(p, &s, OP_READ);
	put_pending(p, &s);
	put_usual(p, &s, t->facts.rules);
	if (!p->n)
		page_line(p, "It did no I/O in the time that is shown.");
}

/* ---- what was not seen ---- */

static void seen_page(struct page *p, const struct top_facts *f)
{
	const struct losses *l = &f->lost_ever;
	char text[LINE_BYTES];
	bool any = false;

	strcpy(p->title, "not seen");
	for (int i = 0; i < LAYER_MAX; i++) {
		const struct layer_state *s = &f->layers[i];

		snprintf(text, sizeof(text), "%-12s %s%s%s", names_layer((enum layer)i),
			 !s->available ? "not seen" : s->reason ? "partly seen" : "seen", s->reason ? ": " : "",
			 s->reason ? s->reason : "");
		page_text(p, text, "             ");
	}
	page_line(p, "");
	for (size_t i = 0; i < LOSSES_KINDS; i++) {
		const struct losses_kind *k = &losses_kinds[i];

		if (!l->n[i])
			continue;
		any = true;
		snprintf(text, sizeof(text), "lost: %llu %s%s%s", (unsigned long long)l->n[i], k->words,
			 *k->remedy ? "; " : "", k->remedy);
		page_text(p, text, "  ");
	}
	page_line(p, any ? "Totals are lower bounds where something was lost." : "Nothing was lost.");
	if (!f->by_file)
		page_line(p, "Files are not counted: start with --by file.");
	page_line(p, "For reasons and remedies: ioamp-doctor");
}

/* ---- lists ---- */

static void list_page(struct page *p, const bool hidden[COL_MAX], bool sort)
{
	char text[LINE_BYTES];

	strcpy(p->title, sort ? "sort by" : "columns: Enter shows or hides");
	for (int c = 0; c < (sort ? COL_TREND : COL_MAX); c++) {
		snprintf(text, sizeof(text), sort ? "%s%-8s %s" : "[%s] %-8s %s",
			 sort ? "" : hidden[c] ? " " : "x", top_columns[c].head, top_columns[c].help);
		page_line(p, text);
	}
}

/* ---- the frame ---- */

static void put_box(struct grid *g, unsigned int y, unsigned int x, unsigned int h, unsigned int w)
{
	static const char *const lines[2][6] = {
		{ "\xe2\x94\x8c", "\xe2\x94\x90", "\xe2\x94\x94", "\xe2\x94\x98", "\xe2\x94\x80", "\xe2\x94\x82" },
		{ "+", "+", "+", "+", "-", "|" },
	};
	const char *const *l = lines[g->ascii];

	for (unsigned int i = 0; i < h; i++) {
		bool edge = !i || i == h - 1;

		grid_fill(g, y + i, x, w, edge ? l[4] : " ", STYLE_POPUP);
		grid_put(g, y + i, x, 1, !i ? l[0] : edge ? l[2] : l[5], STYLE_POPUP);
		grid_put(g, y + i, x + w - 1, 1, !i ? l[1] : edge ? l[3] : l[5], STYLE_POPUP);
	}
}

static void put_page(struct top_popup *at, struct grid *g, const struct page *p)
{
	bool list = at->kind == POPUP_SORT || at->kind == POPUP_COLUMNS;
	unsigned int w = p->width + 4, h = (unsigned int)p->n + 2, x, y;
	size_t shown;
	char more[160];

	h = h > g->rows ? g->rows : h;
	if (h < 3 || w > g->cols)
		return;
	shown = h - 2;
	x = (g->cols - w) / 2;
	y = (g->rows - h) / 2;
	at->lines = p->n > shown ? p->n - shown : 0;
	if (at->scroll > at->lines)
		at->scroll = at->lines;
	if (list && at->cursor >= at->scroll + shown)
		at->scroll = at->cursor - shown + 1;
	if (list && at->cursor < at->scroll)
		at->scroll = at->cursor;
	put_box(g, y, x, h, w);
	snprintf(more, sizeof(more), " %s ", p->title);
	grid_put(g, y, x + 2, w - 4, more, STYLE_POPUP_TITLE);
	if (at->scroll < at->lines)
		grid_put(g, y + h - 1, x + 2, w - 4, " down: more ", STYLE_POPUP_TITLE);
	for (size_t i = 0; i < shown && at->scroll + i < p->n; i++) {
		bool here = list && at->scroll + i == at->cursor;

		grid_field(g, y + 1 + (unsigned int)i, x + 2, p->width, p->line[at->scroll + i], false,
			   here ? STYLE_SELECT : STYLE_POPUP);
	}
}

void top_popup_draw(struct top *t, struct grid *g)
{
	struct page p = { .g = g, .width = g->cols < WIDEST + 4 ? g->cols > 8 ? g->cols - 4 : 4 : WIDEST };

	switch (t->popup.kind) {
	case POPUP_HELP: help_page(&p, &t->areas); break;
	case POPUP_EXPLAIN: explain_page(&p, t); break;
	case POPUP_SEEN: seen_page(&p, &t->facts); break;
	case POPUP_COLUMNS: list_page(&p, t->layout.hidden, false); break;
	case POPUP_SORT: list_page(&p, t->layout.hidden, true); break;
	case POPUP_NONE: return;
	}
	put_page(&t->popup, g, &p);
}
