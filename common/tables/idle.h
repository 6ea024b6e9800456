/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle - counters of ended processes, and counters that did not move for a second, are retired
 * from the kernel side's table. Their values of this window still count in it. A counter that returns
 * starts at 0: the bytes of an ended process may reach the disk later.
 */
#ifndef IOAMP_IDLE_H
#define IOAMP_IDLE_H

#include <time.h>

#include "tables/departed.h"
#include "tables/retired.h"

struct idle {
	struct counts earlier;		/* all counters at the look before; empty: there was none */
	struct timespec earlier_at;	/* CLOCK_MONOTONIC */
	struct counts retired;		/* counters that the last idle_retire() took, with their whole values; in no order */
};

/*
 * Is it time to retire some of `n` counters? It is when the table, which has `entries`, fills up (or
 * in a `hurry`), and the look before is a second old. A table that is half full does not wait.
 */
bool idle_due(struct idle *i, unsigned int entries, size_t n, bool hurry);
/*
 * Retires counters. `now`: all of them, w->base itself or read in the middle of the window. 0 or -errno.
 */
int idle_retire(struct idle *i, const struct engine *e, const struct departed *d,
		const struct retired_window *w, const struct counts *now);
/* Is the look before a second old, so that a second look shows which counters are idle? */
bool idle_second_look_due(const struct idle *i);
/* Drops the look before: the next one is the first again. */
void idle_restart(struct idle *i);
void idle_free(struct idle *i);

#endif
