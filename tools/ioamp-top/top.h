/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * top - what ioamp-top's screen shows and what its keys do, without a terminal
 * and without a session: summaries and keys come in, a grid of cells and
 * questions come out. Pure.
 */
#ifndef IOAMP_TOP_H
#define IOAMP_TOP_H

#include "tools/ioamp-top/grid.h"
#include "ledger/ledger.h"
#include "systems/rules.h"
#include "report/top_columns.h"
#include "tools/ioamp-top/top_table.h"

enum top_tab {
	TAB_SYSTEMS, TAB_ROLES, TAB_FILES, TAB_DEVICES, TAB_PROCESSES, TAB_CGROUPS, TAB_LAYERS,
	TAB_MAX,
};
enum top_mode { MODE_RATE, MODE_SUM, MODE_MARK, MODE_MAX };
enum top_popup_kind {
	POPUP_NONE, POPUP_HELP, POPUP_EXPLAIN, POPUP_SEEN, POPUP_COLUMNS, POPUP_SORT,
};
enum top_line_edit { EDIT_NONE, EDIT_SEARCH, EDIT_FILTER };

/* Keys that are no characters. */
enum top_special {
	KEYS_FIRST = 0x110000,	/* beyond Unicode */
	KEYS_UP, KEYS_DOWN, KEYS_LEFT, KEYS_RIGHT, KEYS_PAGE_UP, KEYS_PAGE_DOWN, KEYS_HOME, KEYS_END,
	KEYS_ENTER, KEYS_BACK, KEYS_ESCAPE, KEYS_TAB, KEYS_TAB_BACK,
	KEYS_F1, KEYS_F2, KEYS_F3, KEYS_F4, KEYS_F5, KEYS_F6, KEYS_F7, KEYS_F8, KEYS_F9, KEYS_F10,
	KEYS_CLICK, KEYS_WHEEL_UP, KEYS_WHEEL_DOWN,	/* with a place */
};

/* What a key asks its caller to do. */
enum top_want { WANT_NOTHING, WANT_QUIT, WANT_ROWS, WANT_SAVE, WANT_EXPORT };

/* What may be kept from one day to the next. */
struct top_layout {
	enum top_tab tab;
	enum top_col sort;
	bool reverse, tree, active, ops, raw, pids;
	enum top_mode mode;
	unsigned int scheme;		/* of colours */
	bool hidden[COL_MAX];
	double interval_s;		/* 0: not said */
};
#define TOP_SCHEMES 3

/* One step down: rows of something, of a part of the whole. It owns its names. */
struct top_level {
	enum row_by by;
	struct row of;			/* the row that was entered; its names */
	struct ledger_only only;	/* points into `of`, and into the levels above */
	struct top_table table;
};
#define TOP_DEPTH 4

/* What stands around the table; filled by the caller, strings are its own. */
struct top_facts {
	const char *version, *host, *kernel, *target, *clock;
	double up_s, interval_s;
	double own_cpu;			/* per cent of one processor; below 0: not known */
	double own_bpf;			/* the same of the programs; below 0: not measured */
	struct layer_state layers[LAYER_MAX];
	struct losses lost_ever;
	bool complete;
	const char *incomplete_reason;
	size_t disks;
	bool by_file;			/* files are known */
	const struct rules *rules;	/* what is usual; NULL: nothing is known */
	bool once;			/* at least one interval is over */
};

/* One line of the table. */
struct top_line {
	const struct top_entry *entry;
	const struct row *row;		/* the figures that are shown */
	double key;
	unsigned int depth;
	bool children, gone;
	bool passed;			/* the filter; else it stands for its roles that did */
};

/* The lines of the table that is shown, made by top_lines(). */
struct top_lines {
	struct top_line *v;
	size_t n, cap;
	size_t hidden;			/* rows left out by the filter or by key `o` */
	struct row *computed;		/* figures of MODE_MARK, one for each line */
	size_t nr_computed;
};

/* Where the user is: which table, and which of its lines. */
struct top_place {
	struct top_level *levels[TOP_DEPTH];
	size_t depth;			/* 0: the table of a tab */
	size_t cursor, scroll;		/* lines */
	struct row selected;		/* identity of the row at the cursor; owns its names */
	bool has_selected;
};

#define TOP_HISTORY 64
#define TOP_TEXT 256

/* The line of text at the bottom, while it is edited. */
struct top_edit {
	enum top_line_edit kind;
	char text[TOP_TEXT];
	char search[TOP_TEXT];		/* the last one, for the key `n` */
};

struct top_popup {
	enum top_popup_kind kind;
	size_t cursor, scroll;
	size_t lines;			/* that the last drawing left out at the end */
};

/* Systems whose roles are not shown. Owns the names. */
struct top_folds {
	char **v;
	size_t n;
};

/* Where things are on the screen, for the mouse; set by drawing. */
struct top_areas {
	unsigned int rows, table_y, head_y, tabs_y;
	unsigned int column_x[COL_MAX], column_width[COL_MAX];	/* width 0: not shown */
	unsigned int tab_x[TAB_MAX + 1];
};

struct top {
	struct top_layout layout;
	struct top_facts facts;
	struct top_table tables[TAB_MAX];	/* LAYERS: none */
	double wa[TOP_HISTORY];		/* of the totals, the newest last; below 0: none */
	struct top_place place;
	struct top_lines lines;
	struct top_folds folds;
	struct top_edit edit;
	struct top_popup popup;
	struct top_areas areas;
	char filter[TOP_TEXT];
	char message[TOP_TEXT];		/* until the next key */
	bool paused, ascii;
	size_t maxrows;			/* -r; 0: all */
};

void top_init(struct top *t);
void top_free(struct top *t);

/* ---- top_nav.c: where one is, and what must be asked ---- */

enum row_by top_tab_by(enum top_tab tab);
const char *top_tab_name(enum top_tab tab);
/* The table that is shown; NULL on LAYERS. */
struct top_table *top_shown(struct top *t);
enum row_by top_shown_by(const struct top *t);
/*
 * The answers of an interval: of a tab, and of each level, in this order, after the facts.
 * 0 or -ENOMEM.
 */
int top_feed_tab(struct top *t, enum top_tab tab, const struct summary *s);
int top_feed_level(struct top *t, size_t level, const struct summary *s);
/* Into the row at the cursor: WANT_ROWS, or nothing (a message says why). */
enum top_want top_enter(struct top *t);
void top_leave(struct top *t);
void top_go_tab(struct top *t, enum top_tab tab);
void top_say(struct top *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- top_lines.c: which rows in which order ---- */

/* Makes the lines of what is shown; the cursor stays on its row. 0 or -ENOMEM. */
int top_lines(struct top *t);
/* Are roles shown below their systems? */
bool top_is_tree(const struct top *t);
struct top_scale top_scale_of(const struct top *t, bool totals);
/* Totals in the mode that is shown. */
struct row top_totals(struct top *t, const struct top_table *table);
/* Moves the cursor; the row that it comes to is remembered. */
void top_move(struct top *t, long by);
void top_select(struct top *t, size_t line);
/* To the next row whose name has the text of the search. False: none. */
bool top_search(struct top *t, bool from_here);
bool top_is_folded(const struct top *t, const char *system);
void top_fold(struct top *t, const char *system, bool fold);

/* ---- top_filter.c ---- */

/*
 * Does a row pass: "word" (in any name; a glob when it has *, ? or [), "column=word",
 * "column>number" with K, M, G; several joined by "and". An empty filter passes all.
 */
bool top_filter_match(const char *filter, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], const struct top_scale *scale);
/* NULL when the text can be a filter; else what is wrong with it. */
const char *top_filter_wrong(const char *filter);

/* ---- top_keys.c ---- */

/* One key; (y, x) for those of the mouse. */
enum top_want top_key_pressed(struct top *t, uint32_t key, unsigned int y, unsigned int x);

/* ---- top_render.c, top_head.c, top_popup.c ---- */

/* The whole screen. The grid has its size. */
void top_render(struct top *t, struct grid *g);
unsigned int top_render_head(struct top *t, struct grid *g);	/* lines that it took */
void top_render_layers(struct top *t, struct grid *g, unsigned int y);
void top_render_popup(struct top *t, struct grid *g);
/* Columns that fit, most important first; which are shown is in column_width. */
void top_choose_columns(struct top *t, unsigned int cols);

/* The visible table as CSV. 0 or -errno of the stream. */
int top_export(struct top *t, FILE *f);

#endif
