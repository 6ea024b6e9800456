/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waits - the kernel side's table of waits at both ends of a window, and the waits that were retired
 * from it in between. Without the latency probes all are empty.
 */
#ifndef IOAMP_WAITS_H
#define IOAMP_WAITS_H

#include "ledger/latency.h"
#include "tables/departed.h"

struct wait_list {
	struct lat_entry *v;	/* sorted by key */
	size_t n;
};

struct waits {
	struct wait_list base, end;	/* at the ends of the window */
	struct wait_list retired;	/* in this window; they still count in it */
	struct wait_list before;	/* base of the window before, from waits_next() to waits_retire() */
};

/* Read the table for an end of the window. 0 or -errno. */
int waits_begin(struct waits *w, const struct engine *e);
int waits_end(struct waits *w, const struct engine *e);
/* The end of a window becomes the start of the next. */
void waits_next(struct waits *w);
/* Writes the waits of the window into `out`, which has room for w->end.n; returns their number. */
size_t waits_of_window(const struct waits *w, struct lat_entry *out);
/*
 * After waits_next(): when the table fills up, retires waits of ended processes; when it is half full,
 * also those that did not move in the window before. 0 or -ENOMEM.
 */
int waits_retire(struct waits *w, const struct engine *e, const struct departed *d);
/* In the middle of a window: when the table fills up, retires waits of ended processes. 0 or -errno. */
int waits_retire_midway(struct waits *w, const struct engine *e, const struct departed *d);
void waits_free(struct waits *w);

#endif
