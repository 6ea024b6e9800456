/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hist - counts of durations in slots of which 16 are an octave, so that a
 * percentile is known within 1/32 of itself (half a slot; below 16 ns exactly).
 * The kernel side fills slots of the same bounds, see lat_key. Pure.
 */
#ifndef IOAMP_HIST_H
#define IOAMP_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_SUB	16
#define HIST_OCTAVES	44	/* 2^47 ns is 39 hours; what is longer counts in the last slot */
#define HIST_SLOTS	(HIST_OCTAVES * HIST_SUB)

struct hist {
	uint64_t n[HIST_SLOTS];
};

/* The longest duration of a slot; the next one begins 1 ns later. */
uint64_t hist_upper(unsigned int slot);

void hist_add(struct hist *to, const struct hist *from);

/*
 * The duration that `permille` of a thousand do not exceed: the middle of its
 * slot, `max` (the longest there was) at most. 0 when there are none.
 */
uint64_t hist_percentile(const struct hist *h, unsigned int permille, uint64_t max);

/*
 * Powers of two of a unit of `unit_ns`: row 0 counts below 2 units, row i from 2^i on. A
 * slot that a bound cuts counts where its middle is. Returns the number of rows up to the
 * last that counts anything.
 */
#define HIST_ROWS	48
size_t hist_fold(const struct hist *h, uint64_t unit_ns, uint64_t rows[HIST_ROWS]);

#endif
