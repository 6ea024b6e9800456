/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_foot - the two lines below the table: more of the selected row; keys, message or edited line. */
#ifndef IOAMP_TOP_FOOT_H
#define IOAMP_TOP_FOOT_H

#include "tools/ioamp-top/grid.h"
#include "tools/ioamp-top/top.h"

/* What of the row at the cursor does not fit into its line; nothing for NULL. */
void top_foot_selected(const struct top_line *line, const struct layer_state layers[LAYER_MAX],
		       struct grid *g, unsigned int y);
void top_foot_draw(const struct top *t, struct grid *g, unsigned int y);

#endif
