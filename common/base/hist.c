/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hist - slots of durations, percentiles, and sums by powers of two. */
#include "base/hist.h"

#include <string.h>

/* The slots of the first two octaves are 1 ns wide, of each later one twice as wide. */
static unsigned int shift_of(unsigned int slot)
{
	return slot < HIST_SUB ? 0 : slot / HIST_SUB - 1;
}

static uint64_t lower(unsigned int slot)
{
	return (uint64_t)(slot - shift_of(slot) * HIST_SUB) << shift_of(slot);
}

uint64_t hist_upper(unsigned int slot)
{
	return lower(slot) + ((1ULL << shift_of(slot)) - 1);
}

void hist_add(struct hist *to, const struct hist *from)
{
	for (size_t i = 0; i < HIST_SLOTS; i++)
		to->n[i] += from->n[i];
}

static uint64_t count_of(const struct hist *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < HIST_SLOTS; i++)
		n += h->n[i];
	return n;
}

static uint64_t middle(unsigned int slot)
{
	return lower(slot) + (hist_upper(slot) - lower(slot)) / 2;
}

uint64_t hist_percentile(const struct hist *h, unsigned int permille, uint64_t max)
{
	uint64_t count = count_of(h), rank, seen = 0;
	unsigned int slot = 0;

	if (!count)
		return 0;
	/* the rank-th shortest; count * permille might overflow */
	rank = count / 1000 * permille + (count % 1000 * permille + 999) / 1000;
	rank = rank ? rank : 1;
	while ((seen += h->n[slot]) < rank)
		slot++;
	return middle(slot) < max ? middle(slot) : max;
}

size_t hist_fold(const struct hist *h, uint64_t unit_ns, uint64_t rows[HIST_ROWS])
{
	size_t used = 0;

	memset(rows, 0, HIST_ROWS * sizeof(*rows));
	for (unsigned int slot = 0; slot < HIST_SLOTS; slot++) {
		uint64_t units = middle(slot) / unit_ns;
		size_t row = 0;

		if (!h->n[slot])
			continue;
		while (units >> row >= 2)
			row++;
		rows[row] += h->n[slot];
		if (used < row + 1)
			used = row + 1;
	}
	return used;
}
