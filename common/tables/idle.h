/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle - counters of ended processes, and counters that did not move for a second, are retired
 * from the kernel side's table. What they had of the window still counts in it; a counter that
 * returns (the bytes of an ended process reach the disk later) begins with 0.
 */
#ifndef IOAMP_IDLE_H
#define IOAMP_IDLE_H

#include <time.h>

#include "tables/departed.h"
#include "tables/retired.h"

struct idle {
	struct counts earlier;		/* counters at the look before, when the table fills up */
	struct timespec earlier_at;	/* CLOCK_MONOTONIC */
	struct counts taken;		/* what the last idle_retire() took, whole; in no order */
};

/*
 * Is it time to retire some of `n` counters? Without `hurry`, only when the table, which has
 * `entries`, fills up; and before half of them are taken, only a second after the look before.
 */
bool idle_due(struct idle *i, unsigned int entries, size_t n, bool hurry);
/*
 * Retires counters of `now`, which are all of them: the window's start itself, or read in the
 * middle of it. 0 or -errno.
 */
int idle_retire(struct idle *i, const struct engine *e, const struct departed *d,
		const struct retired_window *w, const struct counts *now);
/* Was there a look before, at least a second ago, so that a second one tells what is idle? */
bool idle_second_look_due(const struct idle *i);
/* The next look is the first one again. */
void idle_restart(struct idle *i);
void idle_free(struct idle *i);

#endif
