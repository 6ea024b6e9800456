/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elapsed - seconds between two instants. */
#ifndef IOAMP_ELAPSED_H
#define IOAMP_ELAPSED_H

#include <time.h>

static inline double seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

/* Until now; `then` is of CLOCK_MONOTONIC. */
static inline double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return seconds_between(then, &now);
}

#endif
