/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out - a summary as text, JSON or CSV. Pure: a FILE is given, nothing else is touched. Every
 * function returns 0 or -errno of the stream (-EPIPE when the reader left).
 */
#ifndef IOAMP_OUT_H
#define IOAMP_OUT_H

#include <stdio.h>

#include "ledger/summary.h"
#include "report/stream.h"
#include "report/style.h"

struct json;

/* Writes the members that one tool adds to a summary. */
typedef void out_members(struct json *j, const struct summary *s);

/* `more` is NULL, or its members stand before `command`. */
int out_summary_json(FILE *f, const struct summary *s, out_members *more);
int out_summary_csv(FILE *f, const struct summary *s, const struct out_style *style);
int out_summary_text(FILE *f, const struct summary *s, const struct out_style *style);

/*
 * The notes that end every text report: incomplete and why, losses, layers not
 * seen and why, bytes still dirty. No error return: the caller checks the stream.
 */
void out_notes(FILE *f, const struct summary *s, const struct out_style *style);

#endif
