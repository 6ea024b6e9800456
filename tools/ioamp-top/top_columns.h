/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * top_columns - the columns of ioamp-top, each once: for the batch form, the
 * screen, sorting and the help. Pure.
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
	const char *name;	/* of -s, of the saved layout */
	unsigned int width;
	unsigned int rank;	/* of two columns the one with the higher rank gives room first */
	const char *help;
};

extern const struct top_column top_columns[COL_MAX];

/* How figures are printed: what a second's share is, and of what. */
struct top_scale {
	double seconds;		/* figures are divided by it; 0: sums as they are */
	bool ops;		/* operations in place of bytes */
	bool raw;
	uint64_t whole;		/* device bytes of all rows: the 100 % of SHARE */
};

/* The column of a name (as in -s, any case; a head is one, too); COL_MAX: none. */
enum top_col top_column_find(const char *name);

/* A cell but for NAME, PID and TREND; "-" where it is not known. */
enum tint top_cell(char buf[UNITS_MAX], enum top_col col, const struct row *row,
		   const struct layer_state layers[LAYER_MAX], const struct top_scale *scale);
/* A sum of bytes, or a `count`, as the scale has it. */
void top_amount(char buf[UNITS_MAX], struct maybe m, bool count, const struct top_scale *scale);
/* What a column sorts by; below 0: not known. Not for NAME. */
double top_key(enum top_col col, const struct row *row,
	       const struct layer_state layers[LAYER_MAX], const struct top_scale *scale);

/*
 * What a row is called; safe. With `wide` in full, else ids in paths of cgroups are short, and
 * of an instance that is a path the last part stands for it.
 */
void top_name(char *buf, size_t size, const struct row *row, bool wide);

/* Is it still worth a line: did anything of this row move, or is it dirty? */
bool top_active(const struct row *row);

#endif
