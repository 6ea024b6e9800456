/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_post - lines with one owner each to the figures of rows and totals. Pure. */
#ifndef IOAMP_LEDGER_POST_H
#define IOAMP_LEDGER_POST_H

#include "ledger/ledger_rows.h"

/* Both add to a row and, where the totals have this kind of row, to the totals. 0 or -ENOMEM. */
int ledger_post_line(struct ledger_rows *b, const struct ledger_line *l);
int ledger_post_pending(struct ledger_rows *b);

/*
 * When all lines are posted: figures that follow from others, and which ones are known.
 * `app_times`: calls were timed.
 */
void ledger_post_finish(const struct ledger_rows *b, bool app_times);

#endif
