/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_layers - the tab of layers: the totals from the application down to the device. */
#ifndef IOAMP_TOP_LAYERS_H
#define IOAMP_TOP_LAYERS_H

#include "tools/ioamp-top/grid.h"
#include "tools/ioamp-top/top.h"

void top_layers_draw(const struct top *t, struct grid *g, unsigned int y);

#endif
