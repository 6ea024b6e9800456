/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_text - what the halves of the text report share, and the live table with them.
 */
#ifndef IOAMP_OUT_TEXT_H
#define IOAMP_OUT_TEXT_H

#include "report/out.h"
#include "base/units.h"

struct report {
	const struct summary *s;
	const struct out_style *style;
};

/* Bytes, or "-" where they are unknown. */
void out_text_bytes(char out[UNITS_MAX], struct maybe m, bool raw);

/* What was measured, and for how long. */
void out_text_head(FILE *f, const struct report *r);

/* The table of layers, and what belongs to it: interfaces, cache, discards. */
void out_text_layers(FILE *f, const struct report *r);

/* The table of rows after an empty line; nothing without rows. */
void out_text_rows(FILE *f, const struct report *r);

#endif
