/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt - parses the command line of a tool by the tables that the tool names. */
#ifndef IOAMP_OPT_H
#define IOAMP_OPT_H

#include "tool/options.h"

struct tool;

/*
 * Fills `o` but for the width and colour of its style. o->own must lead to tool->own_size bytes of
 * 0, or be NULL when there are none. 0: go on. Otherwise the process should end with *status:
 * 0 after --help and the like (1 when they cannot be written), 2 after misuse (already said).
 */
int opt_parse(const struct tool *tool, struct options *o, int argc, char **argv, int *status);

#endif
