/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tint - factors of amplification as coloured text. Pure. */
#ifndef IOAMP_TINT_H
#define IOAMP_TINT_H

#include <stddef.h>
#include <stdio.h>

#include "ledger/row.h"
#include "report/style.h"

enum tint { TINT_NONE, TINT_GOOD, TINT_FAIR, TINT_BAD };

/* Green, yellow, red by the bands of amplification. */
enum tint tint_of(double factor);
/* Starts and ends a colour; prints nothing without style->color. */
void tint_begin(FILE *f, enum tint tint, const struct out_style *style);
void tint_end(FILE *f, enum tint tint, const struct out_style *style);

/*
 * A row's factor: 3.14x; `bg` for device I/O with no application I/O behind it;
 * "-" without a denominator.
 */
enum tint tint_factor(char *buf, size_t size, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], enum op op);

#endif
