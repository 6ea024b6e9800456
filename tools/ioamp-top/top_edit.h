/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_edit - the line of text at the bottom of the screen: a search or a filter. */
#ifndef IOAMP_TOP_EDIT_H
#define IOAMP_TOP_EDIT_H

#include "tools/ioamp-top/top.h"
#include "tools/ioamp-top/top_keys.h"

void top_edit_begin(struct top *t, enum top_line_edit kind);
/* One key while the line is edited: a search follows each key, a filter applies with Enter. */
enum top_want top_edit_press(struct top *t, uint32_t key);

#endif
