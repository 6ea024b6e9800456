/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_keys - the one list of the keys of ioamp-top's screen, and what they do. */
#include "tools/ioamp-top/top_keys.h"

#include <limits.h>
#include <stddef.h>

#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_edit.h"

/* ---- sorting, intervals ---- */

/* The next visible column to the left or right. */
static enum top_col column_beside(const struct top_areas *a, enum top_col sort, int step)
{
	int col = sort;

	for (int i = 0; i < COL_MAX; i++) {
		col = (col + step + COL_MAX) % COL_MAX;
		if (a->column_width[col] && col != COL_TREND)
			break;
	}
	return (enum top_col)col;
}

/* The next longer or shorter interval in seconds; 0: none. */
static double interval_beside(double now, int step)
{
	static const double steps[] = { 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300 };
	const size_t n = sizeof(steps) / sizeof(*steps);

	for (size_t i = 0; step > 0 && i < n; i++)
		if (steps[i] > now)
			return steps[i];
	for (size_t i = n; step < 0 && i-- > 0;)
		if (steps[i] < now)
			return steps[i];
	return 0;
}

/* ---- popups ---- */

static bool popup_is_list(const struct top_popup *p)
{
	return p->kind == POPUP_SORT || p->kind == POPUP_COLUMNS;
}

static enum top_want close_popup(struct top *t, int arg)
{
	(void)arg;
	t->popup.kind = POPUP_NONE;
	return WANT_NOTHING;
}

/* Enter or blank in a list of columns. */
static enum top_want choose_in_popup(struct top *t, int arg)
{
	enum top_col col = (enum top_col)t->popup.cursor;

	(void)arg;
	if (t->popup.kind == POPUP_COLUMNS) {
		if (col != COL_NAME)
			t->layout.hidden[col] = !t->layout.hidden[col];
		return WANT_NOTHING;
	}
	if (t->popup.kind == POPUP_SORT) {
		t->layout.sort = col;
		t->layout.reverse = false;
	}
	return close_popup(t, 0);
}

static enum top_want move_in_popup(struct top *t, int by)
{
	struct top_popup *p = &t->popup;
	size_t *at = popup_is_list(p) ? &p->cursor : &p->scroll;
	long last = p->kind == POPUP_SORT ? COL_TREND - 1 : p->kind == POPUP_COLUMNS ? COL_MAX - 1 :
		    (long)p->lines;
	long to = (long)*at + by;

	*at = (size_t)(to < 0 ? 0 : to > last ? last : to);
	return WANT_NOTHING;
}

/* ---- what keys do ---- */

static enum top_want ask(struct top *t, int want)
{
	(void)t;
	return (enum top_want)want;
}

static enum top_want move(struct top *t, int lines)
{
	top_place_move(&t->place, &t->lines, lines);
	return WANT_NOTHING;
}

static enum top_want move_page(struct top *t, int pages)
{
	const struct top_areas *a = &t->areas;
	long page = a->rows > a->table_y + 3 ? (long)(a->rows - a->table_y - 3) : 1;

	top_place_move(&t->place, &t->lines, pages * page);
	return WANT_NOTHING;
}

/* Selects no row: the cursor stays on the first line, whichever row that is. */
static enum top_want move_home(struct top *t, int arg)
{
	(void)arg;
	top_place_unselect(&t->place);
	t->place.cursor = 0;
	return WANT_NOTHING;
}

static enum top_want enter(struct top *t, int arg)
{
	const char *why = top_place_enter(&t->place, top_place_line(&t->place, &t->lines), t->facts.by_file);

	(void)arg;
	if (why)
		top_say(t, "%s", why);
	return why ? WANT_NOTHING : WANT_ROWS;
}

static enum top_want leave(struct top *t, int arg)
{
	(void)arg;
	top_place_leave(&t->place);
	return WANT_NOTHING;
}

static enum top_want go_tab(struct top *t, int tab)
{
	top_place_tab(&t->place, &t->layout, (enum top_tab)tab);
	return WANT_NOTHING;
}

static enum top_want go_beside(struct top *t, int step)
{
	return go_tab(t, ((int)t->layout.tab + TAB_MAX + step) % TAB_MAX);
}

static enum top_want open_popup(struct top *t, int kind)
{
	t->popup = (struct top_popup){ .kind = (enum top_popup_kind)kind };
	if (kind == POPUP_SORT)
		t->popup.cursor = t->layout.sort;
	return WANT_NOTHING;
}

static enum top_want edit(struct top *t, int kind)
{
	top_edit_begin(t, (enum top_line_edit)kind);
	return WANT_NOTHING;
}

static enum top_want search_on(struct top *t, int arg)
{
	(void)arg;
	top_place_search(&t->place, &t->lines, t->edit.search, false);
	return WANT_NOTHING;
}

static enum top_want sort(struct top *t, int col)
{
	top_layout_sort(&t->layout, (enum top_col)col);
	return WANT_NOTHING;
}

static enum top_want sort_beside(struct top *t, int step)
{
	t->layout.sort = column_beside(&t->areas, t->layout.sort, step);
	t->layout.reverse = false;
	return WANT_NOTHING;
}

static enum top_want fold(struct top *t, int fold_it)
{
	const struct top_line *l = top_place_line(&t->place, &t->lines);

	if (l && l->row->system)
		top_folds_set(&t->folds, l->row->system, fold_it);
	return WANT_NOTHING;
}

static enum top_want next_mode(struct top *t, int arg)
{
	(void)arg;
	t->layout.mode = (t->layout.mode + 1) % MODE_MAX;
	if (t->layout.mode == MODE_MARK && !t->tables[TAB_SYSTEMS].marked)
		t->layout.mode = MODE_RATE;
	return WANT_NOTHING;
}

static enum top_want set_mark(struct top *t, int arg)
{
	(void)arg;
	for (int i = 0; i < TAB_MAX; i++)
		top_table_mark(&t->tables[i]);
	for (size_t i = 0; i < t->place.depth; i++)
		top_table_mark(&t->place.levels[i]->table);
	t->layout.mode = MODE_MARK;
	top_say(t, "marked: figures are sums from now on (key a: per second)");
	return WANT_NOTHING;
}

static enum top_want change_interval(struct top *t, int step)
{
	double to = interval_beside(t->facts.interval_s, step);

	if (to > 0)
		t->facts.interval_s = t->layout.interval_s = to;
	return WANT_NOTHING;
}

static enum top_want next_scheme(struct top *t, int arg)
{
	(void)arg;
	t->layout.scheme = (t->layout.scheme + 1) % TOP_SCHEMES;
	return WANT_NOTHING;
}

/* ---- yes and no ---- */

enum toggle { TOGGLE_REVERSE, TOGGLE_TREE, TOGGLE_ACTIVE, TOGGLE_PIDS, TOGGLE_OPS, TOGGLE_RAW, TOGGLE_PAUSE };

static const struct {
	size_t offset;
	const char *on, *off;	/* messages */
} toggles[] = {
	[TOGGLE_REVERSE] = { offsetof(struct top, layout.reverse), "", "" },
	[TOGGLE_TREE] = { offsetof(struct top, layout.tree), "roles below their systems", "systems only" },
	[TOGGLE_ACTIVE] = { offsetof(struct top, layout.active), "active rows only",
			    "all rows, also idle ones" },
	[TOGGLE_PIDS] = { offsetof(struct top, layout.pids), "paths and ids in full",
			  "short names" },
	[TOGGLE_OPS] = { offsetof(struct top, layout.ops),
			 "operations; factors are (vfs + block) / application",
			 "bytes; factors are device / application" },
	[TOGGLE_RAW] = { offsetof(struct top, layout.raw), "exact numbers", "rounded numbers" },
	[TOGGLE_PAUSE] = { offsetof(struct top, paused), "paused: the kernel continues to count", "" },
};

static enum top_want toggle(struct top *t, int which)
{
	bool *what = (bool *)((char *)t + toggles[which].offset);

	*what = !*what;
	top_say(t, "%s", *what ? toggles[which].on : toggles[which].off);
	return WANT_NOTHING;
}

/* ---- the mouse ---- */

static void click_tab(struct top *t, unsigned int x)
{
	for (int i = 0; i < TAB_MAX; i++)
		if (x >= t->areas.tab_x[i] && x < t->areas.tab_x[i + 1])
			top_place_tab(&t->place, &t->layout, (enum top_tab)i);
}

static void click_head(const struct top_areas *a, struct top_layout *l, unsigned int x)
{
	for (int c = 0; c < COL_MAX; c++)
		if (a->column_width[c] && c != COL_TREND && x >= a->column_x[c] &&
		    x < a->column_x[c] + a->column_width[c])
			top_layout_sort(l, (enum top_col)c);
}

/* A second click on a row enters it. */
static enum top_want click(struct top *t, int arg)
{
	unsigned int y = t->areas.click_y, x = t->areas.click_x;
	size_t line = y - t->areas.table_y + t->place.scroll;

	(void)arg;
	if (y == t->areas.tabs_y)
		click_tab(t, x);
	if (y == t->areas.head_y)
		click_head(&t->areas, &t->layout, x);
	if (y < t->areas.table_y || line >= t->lines.n)
		return WANT_NOTHING;
	if (t->place.has_selected && line == t->place.cursor)
		return enter(t, 0);
	top_place_select(&t->place, &t->lines, line);
	return WANT_NOTHING;
}

/* ---- the list ---- */

const struct top_key top_keys[] = {
	{ { KEYS_UP, 'k' }, move, -1, .names = "Up k",
	  .label = "arrows j k", .help = "move; PgUp PgDn Home End" },
	{ { KEYS_DOWN, 'j' }, move, 1, .names = "Down j" },
	{ { KEYS_PAGE_UP }, move_page, -1, .names = "PgUp" },
	{ { KEYS_PAGE_DOWN }, move_page, 1, .names = "PgDn" },
	{ { KEYS_HOME, 'g' }, move_home, 0, .names = "Home g" },
	{ { KEYS_END, 'G' }, move, INT_MAX, .names = "End G" },
	{ { KEYS_ENTER }, enter, 0, .names = "Enter",
	  .help = "into the row: systems > roles > files > processes,\n"
		  "devices > systems, cgroups > processes > files" },
	{ { KEYS_BACK, KEYS_ESCAPE }, leave, 0, .names = "Backspace Esc", .help = "up again" },
	{ { KEYS_TAB }, go_beside, 1, .names = "Tab",
	  .label = "Tab 1-7", .help = "tabs: systems roles files devices processes cgroups layers" },
	{ { KEYS_TAB_BACK }, go_beside, -1, .names = "Shift-Tab" },
	{ { '1' }, go_tab, TAB_SYSTEMS, .names = "1-7" },
	{ { '2' }, go_tab, TAB_ROLES, .names = "1-7" },
	{ { '3' }, go_tab, TAB_FILES, .names = "1-7" },
	{ { '4' }, go_tab, TAB_DEVICES, .names = "1-7" },
	{ { '5' }, go_tab, TAB_PROCESSES, .names = "1-7" },
	{ { '6' }, go_tab, TAB_CGROUPS, .names = "1-7" },
	{ { '7' }, go_tab, TAB_LAYERS, .names = "1-7" },
	{ { 's', KEYS_F6 }, open_popup, POPUP_SORT, .names = "s F6",
	  .label = "s F6  Left Right  ", .help = "sort column; r reverses" },
	{ { KEYS_LEFT, '<' }, sort_beside, -1, .names = "Left <" },
	{ { KEYS_RIGHT, '>' }, sort_beside, 1, .names = "Right >" },
	{ { 'r', 'I' }, toggle, TOGGLE_REVERSE, .names = "r I" },
	{ { 'D' }, sort, COL_DEV_W, .names = "D", .label = "D W R A L S",
	  .help = "sort by device writes, write or read amplification, all\n"
		  "device bytes, device time, syncs" },
	{ { 'W' }, sort, COL_W_AMP, .names = "W" },
	{ { 'R' }, sort, COL_R_AMP, .names = "R" },
	{ { 'A' }, sort, COL_SHARE, .names = "A" },
	{ { 'L' }, sort, COL_DEV_MS, .names = "L" },
	{ { 'S' }, sort, COL_SYNC, .names = "S" },
	{ { '/' }, edit, EDIT_SEARCH, .names = "/", .label = "/  n", .help = "search in names, next" },
	{ { 'n', KEYS_F3 }, search_on, 0, .names = "n F3" },
	{ { 't', KEYS_F5 }, toggle, TOGGLE_TREE, .names = "t F5", .help = "roles below systems", .beside = true },
	{ { '\\', 'f', KEYS_F4 }, edit, EDIT_FILTER, .names = "\\ f F4",
	  .label = "\\ F4", .help = "filter: word, glob*, file=*.wal and dev-w>1M" },
	{ { '+', '=' }, fold, false, .names = "+ =", .label = "+ -", .help = "unfold, fold" },
	{ { '-' }, fold, true, .names = "-" },
	{ { 'o' }, toggle, TOGGLE_ACTIVE, .names = "o", .help = "idle rows, too", .beside = true },
	{ { 'a' }, next_mode, 0, .names = "a",
	  .help = "per second, sums since the start, sums since the mark" },
	{ { 'm' }, set_mark, 0, .names = "m", .help = "set the mark" },
	{ { ' ' }, toggle, TOGGLE_PAUSE, .names = "Space", .help = "pause the screen", .beside = true },
	{ { 'b' }, toggle, TOGGLE_OPS, .names = "b", .help = "bytes or operations" },
	{ { 'u' }, toggle, TOGGLE_RAW, .names = "u", .help = "exact numbers", .beside = true },
	{ { 'e', KEYS_F8 }, open_popup, POPUP_EXPLAIN, .names = "e F8", .help = "explain the row in words" },
	{ { 'd', KEYS_F9 }, open_popup, POPUP_SEEN, .names = "d F9", .help = "what was not seen", .beside = true },
	{ { 'c', KEYS_F7 }, open_popup, POPUP_COLUMNS, .names = "c F7", .help = "choose columns" },
	{ { 'p' }, toggle, TOGGLE_PIDS, .names = "p", .help = "names in full", .beside = true },
	{ { '[' }, change_interval, -1, .names = "[", .label = "[ ]", .help = "shorter, longer interval" },
	{ { ']' }, change_interval, 1, .names = "]" },
	{ { 'z' }, next_scheme, 0, .names = "z", .help = "colours", .beside = true },
	{ { 'x' }, ask, WANT_EXPORT, .names = "x", .help = "export this table (CSV)" },
	{ { 'w', KEYS_F2 }, ask, WANT_SAVE, .names = "w F2", .help = "save this layout", .beside = true },
	{ { KEYS_CLICK }, click, 0, .names = "mouse",
	  .help = "head sorts, row selects, again enters, wheel moves" },
	{ { KEYS_WHEEL_UP }, move, -3, .names = "mouse" },
	{ { KEYS_WHEEL_DOWN }, move, 3, .names = "mouse" },
	{ { 'q', KEYS_F10 }, ask, WANT_QUIT, .names = "q F10", .label = "q F10 ^C", .help = "quit" },
	{ { 'h', '?', KEYS_F1 }, open_popup, POPUP_HELP, .names = "h ? F1" },
};
const size_t top_keys_count = sizeof(top_keys) / sizeof(*top_keys);

/* While a popup is open. */
static const struct top_key popup_keys[] = {
	{ { KEYS_UP, 'k', KEYS_WHEEL_UP }, move_in_popup, .arg = -1 },
	{ { KEYS_DOWN, 'j', KEYS_WHEEL_DOWN }, move_in_popup, .arg = 1 },
	{ { KEYS_PAGE_UP }, move_in_popup, .arg = -10 },
	{ { KEYS_PAGE_DOWN }, move_in_popup, .arg = 10 },
	{ { KEYS_ENTER, ' ' }, choose_in_popup, .arg = 0 },
	{ { 'q', KEYS_F10, KEYS_ESCAPE }, close_popup, .arg = 0 },
	{ { KEYS_BACK, KEYS_CLICK }, close_popup, .arg = 0 },
};

static const struct top_key *find(const struct top_key *v, size_t n, uint32_t key)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < TOP_KEY_SAME && v[i].key[k]; k++)
			if (v[i].key[k] == key)
				return &v[i];
	return NULL;
}

enum top_want top_keys_press(struct top *t, uint32_t key, unsigned int y, unsigned int x)
{
	const struct top_key *k;

	t->message[0] = 0;
	t->areas.click_y = y;
	t->areas.click_x = x;
	if (!t->popup.kind && t->edit.kind)
		return top_edit_press(t, key);
	if (!t->popup.kind) {
		k = find(top_keys, top_keys_count, key);
		return k ? k->press(t, k->arg) : WANT_NOTHING;
	}
	k = find(popup_keys, sizeof(popup_keys) / sizeof(*popup_keys), key);
	if (k)
		return k->press(t, k->arg);
	/* any other key closes a page of text, also the key that opened it */
	return popup_is_list(&t->popup) ? WANT_NOTHING : close_popup(t, 0);
}
