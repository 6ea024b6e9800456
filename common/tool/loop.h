/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop - what a run does until its end: signals, events, intervals, keys of a screen. */
#ifndef IOAMP_LOOP_H
#define IOAMP_LOOP_H

#include <stdbool.h>

struct run;

/*
 * Makes signals arrive by the descriptor that it returns, so that nothing is interrupted half way;
 * -1: none. Not before COMMAND is forked, which inherits dispositions, nor while the child
 * compiles: until then a signal simply ends us, the child, and COMMAND before it started.
 */
int loop_signals(bool screen);

/* Returns when the run is to end: 0 or -errno. */
int loop_run(struct run *r);

#endif
