/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_screen - ioamp-top's screen in the life cycle of a tool: session, terminal and state together. */
#ifndef IOAMP_TOP_SCREEN_H
#define IOAMP_TOP_SCREEN_H

#include "tool/tool.h"

extern const struct tool_screen top_screen;

#endif
