/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop - what a run does until its end: signals, events, intervals, keys of a screen. */
#ifndef IOAMP_LOOP_H
#define IOAMP_LOOP_H

#include <stdbool.h>

struct run;

/*
 * Returns a descriptor from which signals are read, so that no function is interrupted; -1: none.
 * Call this after the fork of COMMAND, which inherits dispositions, and after the compilation. A
 * signal that arrives before this call ends the tool, the compiling child, and COMMAND, which has
 * not started.
 */
int loop_signals(bool screen);

/* Returns when the run is to end: 0 or -errno. */
int loop_run(struct run *r);

#endif
