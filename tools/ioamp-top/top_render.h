/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_render - the whole screen of ioamp-top, drawn into a grid. Pure. */
#ifndef IOAMP_TOP_RENDER_H
#define IOAMP_TOP_RENDER_H

#include "tools/ioamp-top/grid.h"
#include "tools/ioamp-top/top.h"

/* Draws everything. The grid has its size. Sets the areas for the mouse. */
void top_render(struct top *t, struct grid *g);
/* Chooses the columns that fit into `cols` cells, the most important ones first. */
void top_render_columns(struct top *t, unsigned int cols);

#endif
