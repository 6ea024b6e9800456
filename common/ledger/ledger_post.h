/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_post - adds lines to the figures of rows and totals. Pure. */
#ifndef IOAMP_LEDGER_POST_H
#define IOAMP_LEDGER_POST_H

#include "ledger/ledger_rows.h"

/* Add to a row and, where the totals include this kind of row, to the totals. 0 or -ENOMEM. */
int ledger_post_line(struct ledger_rows *b, const struct ledger_line *l);
int ledger_post_pending(struct ledger_rows *b);

/*
 * Call when all lines are posted: computes the figures that depend on others, and sets which
 * figures are known. `app_times`: calls were timed.
 */
void ledger_post_finish(const struct ledger_rows *b, bool app_times);

#endif
