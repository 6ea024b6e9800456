/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * top_columns - the one list of the columns of ioamp-top: for tables, the screen, sorting
 * and the help. Pure.
 */
#ifndef IOAMP_TOP_COLUMNS_H
#define IOAMP_TOP_COLUMNS_H

#include "report/tint.h"
#include "base/units.h"

enum top_col {
	COL_NAME, COL_PID,
	COL_SYS_R, COL_VFS_R, COL_FS_R, COL_BLK_R, COL_DEV_R, COL_R_AMP,
	COL_SYS_W, COL_VFS_W, COL_FS_W, COL_BLK_W, COL_DEV_W, COL_W_AMP,
	COL_SYNC, COL_FLUSH, COL_DEV_MS, COL_DIRTY, COL_CANCEL, COL_META, COL_JRNL, COL_SHARE,
	COL_TREND,
	COL_MAX,
};

struct top_column {
	const char *head;
	const char *name;	/* in -s and in the saved layout */
	unsigned int width;
	unsigned int rank;	/* without room, columns of high rank are left out first */
	const char *help;
};

extern const struct top_column top_columns[COL_MAX];

/* How figures are printed. */
struct top_scale {
	double seconds;		/* figures are divided by this; 0: print sums */
	bool ops;		/* operations in place of bytes */
	bool raw;
	uint64_t whole;		/* device bytes of all rows: the 100 % of SHARE */
};

/* The column with this name (as in -s) or head, in any case; COL_MAX: none. */
enum top_col top_columns_find(const char *name);

/* The text of a cell, "-" for an unknown figure. Not for NAME, PID and TREND. */
enum tint top_columns_cell(char buf[UNITS_MAX], enum top_col col, const struct row *row,
		   const struct layer_state layers[LAYER_MAX], const struct top_scale *scale);
/* A sum of bytes, or a `count`, by the scale. */
void top_columns_amount(char buf[UNITS_MAX], struct maybe m, bool count, const struct top_scale *scale);
/* What a column sorts by; below 0: not known. Not for NAME. */
double top_columns_key(enum top_col col, const struct row *row,
	       const struct layer_state layers[LAYER_MAX], const struct top_scale *scale);

/*
 * The name of a row, safe for a terminal. Without `wide`, ids in paths of control groups are
 * short, and an instance that is a path is its last part.
 */
void top_columns_name(char *buf, size_t size, const struct row *row, bool wide);

/* Did this row do I/O, or has it dirty bytes? */
bool top_columns_active(const struct row *row);

#endif
