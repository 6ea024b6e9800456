/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_layout - how the screen shows its rows, and the INI file in which the user saves it. */
#ifndef IOAMP_TOP_LAYOUT_H
#define IOAMP_TOP_LAYOUT_H

#include "ledger/row.h"
#include "tools/ioamp-top/top_columns.h"

enum top_tab {
	TAB_SYSTEMS, TAB_ROLES, TAB_FILES, TAB_DEVICES, TAB_PROCESSES, TAB_CGROUPS, TAB_LAYERS,
	TAB_MAX,
};
/* Figures per second, sums since the start, sums since the mark. */
enum top_mode { MODE_RATE, MODE_SUM, MODE_MARK, MODE_MAX };

#define TOP_SCHEMES 3
struct top_layout {
	enum top_tab tab;
	enum top_col sort;
	bool reverse, tree, active, ops, raw, pids;
	enum top_mode mode;
	unsigned int scheme;		/* of colours, below TOP_SCHEMES */
	bool hidden[COL_MAX];
	double interval_s;		/* 0: not given */
};

const char *top_layout_tab_name(enum top_tab tab);
/* The rows of a tab; BY_TOTAL for LAYERS. */
enum row_by top_layout_tab_by(enum top_tab tab);
/* The largest first; a second time, the smallest. */
void top_layout_sort(struct top_layout *l, enum top_col col);

/*
 * Sets what the file says. 0; the number of the first line that is wrong (such lines change
 * nothing); or -EIO when the stream failed.
 */
int top_layout_parse(struct top_layout *l, FILE *f);
/* Writes a file for top_layout_parse(). 0 or -errno of the stream. */
int top_layout_print(const struct top_layout *l, FILE *f);

/*
 * The file is $XDG_CONFIG_HOME/ioamp/toprc, else $HOME/.config/ioamp/toprc. 0, for loading
 * also when there is no file; else a negative number, with the reason in `why`.
 */
int top_layout_load(struct top_layout *l, char *why, size_t size);
int top_layout_save(const struct top_layout *l, char *why, size_t size);

#endif
