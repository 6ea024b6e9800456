/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row_sum - sums and differences of the figures of rows; names and kinds stay. Pure. */
#ifndef IOAMP_ROW_SUM_H
#define IOAMP_ROW_SUM_H

#include "ledger/row.h"

/* to += from. What is not known of one is not known of the sum. `pending` is a level: added, too. */
void row_add(struct row *to, const struct row *from);
/* to -= from, where `from` is an earlier state of the same sum; `pending` stays that of `to`. */
void row_subtract(struct row *to, const struct row *from);
/* All figures 0, all of them known. */
void row_zero(struct row *row);

#endif
