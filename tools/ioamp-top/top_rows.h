/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_rows - the rows of the table that is shown. */
#ifndef IOAMP_TOP_ROWS_H
#define IOAMP_TOP_ROWS_H

#include "tools/ioamp-top/grid.h"
#include "tools/ioamp-top/top.h"

/* Fills the lines from `y` to before `end`, or says why there are no rows. Scrolls to the cursor. */
void top_rows_draw(struct top *t, struct grid *g, unsigned int y, unsigned int end);

#endif
