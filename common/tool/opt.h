/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt - parses the command line of a tool by the tables that the tool names. */
#ifndef IOAMP_OPT_H
#define IOAMP_OPT_H

#include "tool/options.h"

struct tool;

/*
 * Fills `o`, except width and color of its style. The caller sets o->own to tool->own_size bytes of
 * 0, or to NULL if the size is 0. Returns 0: the tool goes on. Otherwise the tool should end with
 * *status: 0 after --help and the like, 1 if their output failed, 2 after a message on misuse.
 */
int opt_parse(const struct tool *tool, struct options *o, int argc, char **argv, int *status);

#endif
