/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_popup - the popups over the table: help, the explanation in words, losses, lists. */
#ifndef IOAMP_TOP_POPUP_H
#define IOAMP_TOP_POPUP_H

#include "tools/ioamp-top/grid.h"
#include "tools/ioamp-top/top.h"

void top_popup_draw(struct top *t, struct grid *g);

#endif
