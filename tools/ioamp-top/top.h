/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * top - the state of ioamp-top's screen, without a terminal and without a session: takes
 * summaries and keys, gives a grid of cells and says what must be measured next. Pure.
 */
#ifndef IOAMP_TOP_H
#define IOAMP_TOP_H

#include "systems/rules.h"
#include "tools/ioamp-top/top_folds.h"
#include "tools/ioamp-top/top_layout.h"
#include "tools/ioamp-top/top_place.h"

#define TOP_HISTORY 64
#define TOP_TEXT 256

/* What is shown around the table. The caller fills it and owns the strings. */
struct top_facts {
	const char *version, *host, *kernel, *target, *clock;
	double up_s, interval_s;
	double own_cpu;			/* per cent of one processor; below 0: not known */
	double own_bpf;			/* the same for the BPF programs; below 0: not measured */
	struct layer_state layers[LAYER_MAX];
	struct losses lost_ever;
	bool complete;
	const char *incomplete_reason;
	size_t disks;
	bool by_file;			/* files are counted */
	const struct rules *rules;	/* for the usual amplification; NULL: none */
	bool once;			/* at least one interval is over */
};

/* The line of text at the bottom, while it is edited. */
enum top_line_edit { EDIT_NONE, EDIT_SEARCH, EDIT_FILTER };
struct top_edit {
	enum top_line_edit kind;
	char text[TOP_TEXT];
	char search[TOP_TEXT];		/* the last one, for the key `n` */
};

enum top_popup_kind {
	POPUP_NONE, POPUP_HELP, POPUP_EXPLAIN, POPUP_SEEN, POPUP_COLUMNS, POPUP_SORT,
};
struct top_popup {
	enum top_popup_kind kind;
	size_t cursor, scroll;
	size_t lines;			/* below the last one drawn */
};

/* Where things are on the screen, for the mouse. Drawing sets them. */
struct top_areas {
	unsigned int rows, table_y, head_y, tabs_y;
	unsigned int column_x[COL_MAX], column_width[COL_MAX];	/* width 0: not shown */
	unsigned int tab_x[TAB_MAX + 1];
	unsigned int click_y, click_x;	/* of the mouse key that is handled */
};

struct top {
	struct top_layout layout;
	struct top_facts facts;
	struct top_table tables[TAB_MAX];	/* LAYERS: none */
	double wa[TOP_HISTORY];		/* write amplification of all, the newest last; below 0: none */
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
/* The message at the bottom, until the next key. */
void top_say(struct top *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The table that is shown; NULL on LAYERS. */
const struct top_table *top_shown(const struct top *t);
enum row_by top_shown_by(const struct top *t);
/* Are roles shown below their systems? */
bool top_is_tree(const struct top *t);

/* How the figures of a table are printed. */
struct top_scale top_scale_of(const struct top_layout *l, const struct top_table *table);

/* The figures of all rows, in the mode that is shown. */
struct top_totals {
	struct row row;
	const struct layer_state *layers;
	struct top_scale scale;
	bool per_second;
};
void top_totals(const struct top *t, struct top_totals *out);

/*
 * Adds the rows of an interval. Call it after the facts are set, for the tabs and then for each
 * level. 0 or -ENOMEM.
 */
int top_feed_tab(struct top *t, enum top_tab tab, const struct summary *s);
int top_feed_level(struct top *t, size_t level, const struct summary *s);

#endif
