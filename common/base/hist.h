/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hist - numbers of durations in slots, 16 slots an octave: a percentile is exact within 1/32 of
 * itself (half a slot), below 16 ns exact. The kernel side uses the same slots, see lat_key. Pure.
 */
#ifndef IOAMP_HIST_H
#define IOAMP_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_SUB	16
#define HIST_OCTAVES	44	/* 2^47 ns is 39 hours; longer durations are in the last slot */
#define HIST_SLOTS	(HIST_OCTAVES * HIST_SUB)

struct hist {
	uint64_t n[HIST_SLOTS];
};

/* The longest duration of a slot; the next one begins 1 ns later. */
uint64_t hist_upper(unsigned int slot);

void hist_add(struct hist *to, const struct hist *from);

/*
 * The duration that `permille` of 1000 durations do not exceed: the middle of its slot, at most
 * `max`, the longest duration. 0 without durations.
 */
uint64_t hist_percentile(const struct hist *h, unsigned int permille, uint64_t max);

/*
 * Sums by powers of two of a unit of `unit_ns`: row 0 has durations below 2 units, row i those from
 * 2^i units. A slot that crosses a bound counts in the row of its middle. Returns the number of
 * rows up to the last that is not 0.
 */
#define HIST_ROWS	48
size_t hist_fold(const struct hist *h, uint64_t unit_ns, uint64_t rows[HIST_ROWS]);

#endif
