/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_keys - what each key does. */
#include "tools/ioamp-top/top.h"

#include <string.h>

#include "base/utf8.h"

/* ---- sorting ---- */

static void sort_by(struct top *t, enum top_col col)
{
	if (t->layout.sort == col)
		t->layout.reverse = !t->layout.reverse;
	else
		t->layout.reverse = false;
	t->layout.sort = col;
}

/* The next visible column to the left or right. */
static void sort_beside(struct top *t, int step)
{
	int col = t->layout.sort;

	for (int i = 0; i < COL_MAX; i++) {
		col = (col + step + COL_MAX) % COL_MAX;
		if (t->areas.column_width[col] && col != COL_TREND)
			break;
	}
	t->layout.sort = (enum top_col)col;
	t->layout.reverse = false;
}

/* ---- tree ---- */

static void fold_here(struct top *t, bool fold)
{
	const struct top_line *l = t->place.cursor < t->lines.n ? &t->lines.v[t->place.cursor] : NULL;

	if (l && l->row->system)
		top_fold(t, l->row->system, fold);
}

/* ---- popups ---- */

static void open_popup(struct top *t, enum top_popup_kind kind)
{
	t->popup.kind = kind;
	t->popup.cursor = t->popup.scroll = 0;
	if (kind == POPUP_SORT)
		t->popup.cursor = t->layout.sort;
}

/* Enter or blank in a list of columns. */
static void choose_in_popup(struct top *t)
{
	enum top_col col = (enum top_col)t->popup.cursor;

	if (t->popup.kind == POPUP_SORT) {
		t->layout.sort = col;
		t->layout.reverse = false;
		t->popup.kind = POPUP_NONE;
	} else if (t->popup.kind == POPUP_COLUMNS && col != COL_NAME) {
		t->layout.hidden[col] = !t->layout.hidden[col];
	} else if (t->popup.kind != POPUP_COLUMNS) {
		t->popup.kind = POPUP_NONE;
	}
}

static void move_in_popup(struct top *t, long by)
{
	bool list = t->popup.kind == POPUP_SORT || t->popup.kind == POPUP_COLUMNS;
	size_t *at = list ? &t->popup.cursor : &t->popup.scroll;
	long last = list ? (t->popup.kind == POPUP_SORT ? COL_TREND : COL_MAX) - 1 : (long)t->popup.lines;
	long to = (long)*at + by;

	*at = (size_t)(to < 0 ? 0 : to > last ? last : to);
}

static enum top_want popup_key(struct top *t, uint32_t key)
{
	switch (key) {
	case KEYS_UP: case 'k': case KEYS_WHEEL_UP: move_in_popup(t, -1); break;
	case KEYS_DOWN: case 'j': case KEYS_WHEEL_DOWN: move_in_popup(t, 1); break;
	case KEYS_PAGE_UP: move_in_popup(t, -10); break;
	case KEYS_PAGE_DOWN: move_in_popup(t, 10); break;
	case KEYS_ENTER: case ' ': choose_in_popup(t); break;
	case 'q': case KEYS_F10: case KEYS_ESCAPE: case KEYS_BACK: case KEYS_CLICK:
		t->popup.kind = POPUP_NONE;
		break;
	default:
		/* the key that opened it closes it */
		if (t->popup.kind != POPUP_COLUMNS && t->popup.kind != POPUP_SORT)
			t->popup.kind = POPUP_NONE;
	}
	return WANT_NOTHING;
}

/* ---- one line of text ---- */

static void edit_begin(struct top *t, enum top_line_edit edit)
{
	t->edit.kind = edit;
	snprintf(t->edit.text, sizeof(t->edit.text), "%s", edit == EDIT_FILTER ? t->filter : "");
}

static void edit_done(struct top *t)
{
	const char *wrong;

	if (t->edit.kind == EDIT_FILTER) {
		wrong = top_filter_wrong(t->edit.text);
		if (wrong) {
			top_say(t, "%s", wrong);
			return;
		}
		memcpy(t->filter, t->edit.text, sizeof(t->filter));
	} else if (*t->edit.search && !top_search(t, true)) {
		top_say(t, "nothing here has \"%s\" in its name", t->edit.search);
	}
	t->edit.kind = EDIT_NONE;
}

static void edit_add(struct top *t, uint32_t key)
{
	size_t used = strlen(t->edit.text);

	if (used + UTF8_MAX >= sizeof(t->edit.text) || key < ' ' || key == 0x7f)
		return;
	t->edit.text[used + utf8_encode(t->edit.text + used, key)] = 0;
}

static void edit_cut(struct top *t)
{
	size_t n = strlen(t->edit.text);

	while (n && (t->edit.text[n - 1] & 0xc0) == 0x80)
		n--;
	t->edit.text[n ? n - 1 : 0] = 0;
}

static enum top_want edit_key(struct top *t, uint32_t key)
{
	switch (key) {
	case KEYS_ENTER:
		edit_done(t);
		return WANT_NOTHING;
	case KEYS_ESCAPE:
		t->edit.kind = EDIT_NONE;
		return WANT_NOTHING;
	case KEYS_BACK:
		edit_cut(t);
		break;
	case 'U' - '@':		/* as in a shell: the line is empty again */
		t->edit.text[0] = 0;
		break;
	default:
		if (key >= KEYS_FIRST)
			return WANT_NOTHING;
		edit_add(t, key);
	}
	if (t->edit.kind == EDIT_SEARCH) {
		memcpy(t->edit.search, t->edit.text, sizeof(t->edit.search));
		top_search(t, true);
	}
	return WANT_NOTHING;
}

/* ---- the mouse ---- */

static enum top_want click(struct top *t, unsigned int y, unsigned int x)
{
	size_t line;

	if (y == t->areas.tabs_y)
		for (int i = 0; i < TAB_MAX; i++)
			if (x >= t->areas.tab_x[i] && x < t->areas.tab_x[i + 1])
				top_go_tab(t, (enum top_tab)i);
	if (y == t->areas.head_y)
		for (int c = 0; c < COL_MAX; c++)
			if (t->areas.column_width[c] && c != COL_TREND && x >= t->areas.column_x[c] &&
			    x < t->areas.column_x[c] + t->areas.column_width[c])
				sort_by(t, (enum top_col)c);
	if (y < t->areas.table_y || y - t->areas.table_y + t->place.scroll >= t->lines.n)
		return WANT_NOTHING;
	line = y - t->areas.table_y + t->place.scroll;
	/* a second click goes into it */
	if (t->place.has_selected && line == t->place.cursor)
		return top_enter(t);
	top_select(t, line);
	return WANT_NOTHING;
}

/* ---- all others ---- */

static void next_mode(struct top *t)
{
	t->layout.mode = (t->layout.mode + 1) % MODE_MAX;
	if (t->layout.mode == MODE_MARK && !t->tables[TAB_SYSTEMS].marked)
		t->layout.mode = MODE_RATE;
}

static void set_mark(struct top *t)
{
	for (int i = 0; i < TAB_MAX; i++)
		top_table_mark(&t->tables[i]);
	for (size_t i = 0; i < t->place.depth; i++)
		top_table_mark(&t->place.levels[i]->table);
	t->layout.mode = MODE_MARK;
	top_say(t, "marked; figures are sums from here on (a: rates again)");
}

static void change_interval(struct top *t, bool longer)
{
	static const double steps[] = { 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300 };
	const size_t n = sizeof(steps) / sizeof(*steps);
	double now = t->facts.interval_s, to = 0;

	for (size_t i = 0; i < n && longer && to <= now; i++)
		to = steps[i];
	for (size_t i = n; i-- > 0 && !longer && (!to || to >= now);)
		to = steps[i];
	if ((longer && to <= now) || (!longer && to >= now))
		return;
	t->facts.interval_s = t->layout.interval_s = to;
}

static void toggle(struct top *t, bool *what, const char *on, const char *off)
{
	*what = !*what;
	top_say(t, "%s", *what ? on : off);
}

/* Keys that change how things are shown. False: it is none of them. */
static bool view_key(struct top *t, uint32_t key)
{
	struct top_layout *l = &t->layout;

	switch (key) {
	case 'r': case 'I': l->reverse = !l->reverse; break;
	case 'W': sort_by(t, COL_W_AMP); break;
	case 'R': sort_by(t, COL_R_AMP); break;
	case 'A': sort_by(t, COL_SHARE); break;
	case 'L': sort_by(t, COL_DEV_MS); break;
	case 'S': sort_by(t, COL_SYNC); break;
	case 'D': sort_by(t, COL_DEV_W); break;
	case KEYS_LEFT: case '<': sort_beside(t, -1); break;
	case KEYS_RIGHT: case '>': sort_beside(t, 1); break;
	case 't': case KEYS_F5: toggle(t, &l->tree, "roles below their systems", "systems alone"); break;
	case '+': case '=': fold_here(t, false); break;
	case '-': fold_here(t, true); break;
	case 'a': next_mode(t); break;
	case 'm': set_mark(t); break;
	case 'o': toggle(t, &l->active, "active rows only", "all rows, idle ones too"); break;
	case 'p': toggle(t, &l->pids, "paths and ids in full", "names as short as useful"); break;
	case 'b': toggle(t, &l->ops, "operations; factors are (vfs + block) / application",
			 "bytes; factors are device / application"); break;
	case 'u': toggle(t, &l->raw, "exact numbers", "rounded numbers"); break;
	case 'z': l->scheme = (l->scheme + 1) % TOP_SCHEMES; break;
	case ' ': toggle(t, &t->paused, "paused: counting goes on, the screen stands", ""); break;
	default: return false;
	}
	return true;
}

/* Keys that go somewhere. False: none of them. */
static bool move_key(struct top *t, uint32_t key)
{
	long page = t->areas.rows > t->areas.table_y + 3 ? (long)(t->areas.rows - t->areas.table_y - 3) : 1;

	switch (key) {
	case KEYS_UP: case 'k': top_move(t, -1); break;
	case KEYS_DOWN: case 'j': top_move(t, 1); break;
	case KEYS_WHEEL_UP: top_move(t, -3); break;
	case KEYS_WHEEL_DOWN: top_move(t, 3); break;
	case KEYS_PAGE_UP: top_move(t, -page); break;
	case KEYS_PAGE_DOWN: top_move(t, page); break;
	case KEYS_END: case 'G': top_move(t, (long)t->lines.n); break;
	case KEYS_HOME: case 'g':
		/* and whatever comes to the top is there */
		if (t->place.has_selected)
			top_row_free(&t->place.selected);
		t->place.has_selected = false;
		t->place.cursor = 0;
		break;
	case KEYS_TAB: top_go_tab(t, (t->layout.tab + 1) % TAB_MAX); break;
	case KEYS_TAB_BACK: top_go_tab(t, (t->layout.tab + TAB_MAX - 1) % TAB_MAX); break;
	case KEYS_BACK: case KEYS_ESCAPE: top_leave(t); break;
	case 'n': case KEYS_F3: top_search(t, false); break;
	default:
		if (key < '1' || key >= '1' + TAB_MAX)
			return false;
		top_go_tab(t, (enum top_tab)(key - '1'));
	}
	return true;
}

static enum top_want other_key(struct top *t, uint32_t key)
{
	switch (key) {
	case 'q': case KEYS_F10: return WANT_QUIT;
	case KEYS_ENTER: return top_enter(t);
	case '[': case ']': change_interval(t, key == ']'); break;
	case 'w': case KEYS_F2: return WANT_SAVE;
	case 'x': return WANT_EXPORT;
	case 'h': case '?': case KEYS_F1: open_popup(t, POPUP_HELP); break;
	case 'e': case KEYS_F8: open_popup(t, POPUP_EXPLAIN); break;
	case 'd': case KEYS_F9: open_popup(t, POPUP_SEEN); break;
	case 'c': case KEYS_F7: open_popup(t, POPUP_COLUMNS); break;
	case 's': case KEYS_F6: open_popup(t, POPUP_SORT); break;
	case '/': edit_begin(t, EDIT_SEARCH); break;
	case '\\': case 'f': case KEYS_F4: edit_begin(t, EDIT_FILTER); break;
	default: break;
	}
	return WANT_NOTHING;
}

enum top_want top_key_pressed(struct top *t, uint32_t key, unsigned int y, unsigned int x)
{
	t->message[0] = 0;
	if (t->popup.kind)
		return popup_key(t, key);
	if (t->edit.kind)
		return edit_key(t, key);
	if (key == KEYS_CLICK)
		return click(t, y, x);
	if (move_key(t, key) || view_key(t, key))
		return WANT_NOTHING;
	return other_key(t, key);
}
