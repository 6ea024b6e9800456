/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_place - where the user is: which table, and which of its lines. */
#ifndef IOAMP_TOP_PLACE_H
#define IOAMP_TOP_PLACE_H

#include "ledger/ledger.h"
#include "tools/ioamp-top/top_layout.h"
#include "tools/ioamp-top/top_lines.h"

/* One step down: the rows that an entered row consists of. Owns its names. */
struct top_level {
	enum row_by by;
	struct row of;			/* the row that was entered */
	struct ledger_only only;	/* points into `of`, and into the levels above */
	struct top_table table;
};
#define TOP_DEPTH 4

/* Zero-initialise. */
struct top_place {
	struct top_level *levels[TOP_DEPTH];
	size_t depth;			/* 0: the table of a tab */
	size_t cursor, scroll;		/* lines */
	struct row selected;		/* identity of the row at the cursor; owns its names */
	bool has_selected;
};

void top_place_free(struct top_place *p);

/* ---- along the lines ---- */

/* The line at the cursor; NULL: the table is empty. */
const struct top_line *top_place_line(const struct top_place *p, const struct top_lines *lines);
/* Puts the cursor on a line and remembers its row; nothing when there is no such line. */
void top_place_select(struct top_place *p, const struct top_lines *lines, size_t line);
void top_place_unselect(struct top_place *p);
void top_place_move(struct top_place *p, const struct top_lines *lines, long by);
/* To the next row whose name contains the text. False: none. */
bool top_place_search(struct top_place *p, const struct top_lines *lines, const char *text, bool from_here);

/* ---- down and up ---- */

/*
 * Enters the row of a line (NULL: none): the new level has no rows yet. NULL, or why this
 * row cannot be entered. `by_file`: files are counted.
 */
const char *top_place_enter(struct top_place *p, const struct top_line *line, bool by_file);
/* Returns to the row that was entered. */
void top_place_leave(struct top_place *p);
void top_place_tab(struct top_place *p, struct top_layout *l, enum top_tab tab);

#endif
