/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apportion - splits a number into whole parts that add up. */
#include "ledger/apportion.h"

typedef unsigned __int128 u128;

/* The remainder of total * weight / sum, whose whole part is `part`; exact modulo 2^128. */
static u128 remainder_of(uint64_t total, uint64_t weight, uint64_t part, u128 sum)
{
	return (u128)total * weight - (u128)part * sum;
}

/*
 * The largest bound that at least `want` remainders reach. Found by bisection: sorting would need
 * memory, which can fail.
 */
static u128 find_bound(uint64_t total, const uint64_t *weight, const uint64_t *part, size_t n,
		       u128 sum, uint64_t want)
{
	u128 low = 0, high = sum;	/* a remainder is below sum */

	while (high - low > 1) {
		u128 mid = low + (high - low) / 2;
		uint64_t reach = 0;

		for (size_t i = 0; i < n; i++)
			reach += remainder_of(total, weight[i], part[i], sum) >= mid;
		if (reach >= want)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static void give_rest(uint64_t total, const uint64_t *weight, uint64_t *part, size_t n, u128 sum,
		      uint64_t rest)
{
	u128 bound = find_bound(total, weight, part, n, sum, rest);
	uint64_t ties = rest;

	for (size_t i = 0; i < n; i++)
		ties -= remainder_of(total, weight[i], part[i], sum) > bound;
	for (size_t i = 0; i < n; i++) {
		u128 r = remainder_of(total, weight[i], part[i], sum);

		if (r > bound) {
			part[i]++;
		} else if (r == bound && ties) {
			part[i]++;
			ties--;
		}
	}
}

void apportion(uint64_t total, const uint64_t *weight, uint64_t *part, size_t n)
{
	u128 sum = 0;
	uint64_t rest = total;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		sum += weight[i];
	for (size_t i = 0; i < n; i++) {
		part[i] = sum ? (uint64_t)((u128)total * weight[i] / sum) : 0;
		rest -= part[i];
	}
	if (!sum)
		part[0] = total;
	else if (rest)
		give_rest(total, weight, part, n, sum, rest);
}
