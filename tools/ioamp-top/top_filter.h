/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_filter - which rows are shown: words and comparisons joined by "and". Pure. */
#ifndef IOAMP_TOP_FILTER_H
#define IOAMP_TOP_FILTER_H

#include "tools/ioamp-top/top_columns.h"

/*
 * Does a row pass: "word" (in any name; a glob when it has *, ? or [), "column=word",
 * "column>number" with K, M, G; several joined by "and". An empty filter passes all.
 */
bool top_filter_match(const char *filter, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], const struct top_scale *scale);
/* NULL when the text is a filter; else what is wrong with it. */
const char *top_filter_wrong(const char *filter);

#endif
