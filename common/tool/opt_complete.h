/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_complete - the script by which bash completes the command line of a tool. */
#ifndef IOAMP_OPT_COMPLETE_H
#define IOAMP_OPT_COMPLETE_H

#include <stdio.h>

struct tool;

/* Flushes `f`. The exit status: 0, or 1 if `f` cannot be written. */
int opt_complete_bash(FILE *f, const struct tool *tool);

#endif
