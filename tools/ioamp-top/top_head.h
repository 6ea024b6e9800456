/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_head - the lines above the table. */
#ifndef IOAMP_TOP_HEAD_H
#define IOAMP_TOP_HEAD_H

#include "tools/ioamp-top/grid.h"
#include "tools/ioamp-top/top.h"

/* The number of lines drawn. */
unsigned int top_head_draw(struct top *t, struct grid *g);

#endif
