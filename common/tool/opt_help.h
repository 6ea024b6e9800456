/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_help - prints --help and --version from the tables of options. */
#ifndef IOAMP_OPT_HELP_H
#define IOAMP_OPT_HELP_H

#include <stdio.h>

#include "tool/opt_def.h"

/* Flush `f`. The exit status: 0, or 1 if `f` cannot be written. */
int opt_help_print(FILE *f, const struct tool *tool);
int opt_help_version(FILE *f, const struct tool *tool);

/* The two columns of --help: "-p, --pid PID[,PID]", and what the option does. */
void opt_help_option(const struct opt_def *d, char *out, size_t size);
void opt_help_text(const struct tool *tool, const struct opt_def *d, char *out, size_t size);

#endif
