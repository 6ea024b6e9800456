/* SPDX-License-Identifier: GPL-3.0-or-later */
/* losses - the list of kinds of loss as a table, and its arithmetic. */
#include "ledger/losses.h"

#include <assert.h>
#include <stddef.h>

#define REASON(why, remedy) (sizeof(remedy) > 1 ? why "; " remedy : why)
#define KIND(member, source, lowers, words, why, remedy) \
	{ #member, source, lowers, words, REASON(why, remedy), remedy },
const struct losses_kind losses_kinds[LOSSES_KINDS] = { LOSSES(KIND) };

#define BIT(source)		(1ull << (source)) |
#define KIND_BIT(member, source, ...)	BIT(source)
#define ONE(source)		1 +
#define KIND_ONE(member, ...)	1 +
static_assert((LOSSES(KIND_BIT) LOSSES_APART(BIT) 0) == (2ull << LOSS_MAX) - 1 &&
	      (LOSSES(KIND_ONE) LOSSES_APART(ONE) 0) == LOSS_MAX + 1,
	      "each counter of enum loss has one line in ledger/losses.h");

#define LOWERS_WITH_REASON(member, source, lowers, words, why, remedy) \
	((lowers) != LOWERS_NOTHING) == (sizeof(why) > 1) &&
static_assert(LOSSES(LOWERS_WITH_REASON) 1, "a loss has a reason if and only if it lowers totals");

void losses_between(struct losses *out, const struct losses_counters *before,
		    const struct losses_counters *after)
{
	for (size_t i = 0; i < LOSSES_KINDS; i++)
		out->n[i] = after->n[losses_kinds[i].source] - before->n[losses_kinds[i].source];
}

void losses_add(struct losses *to, const struct losses *from)
{
	for (size_t i = 0; i < LOSSES_KINDS; i++)
		to->n[i] += from->n[i];
}

uint64_t losses_sum(const struct losses *l, enum losses_bound least)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < LOSSES_KINDS; i++)
		sum += losses_kinds[i].lowers >= least ? l->n[i] : 0;
	return sum;
}

const char *losses_incomplete(const struct losses *l)
{
	for (size_t i = 0; i < LOSSES_KINDS; i++)
		if (l->n[i] && losses_kinds[i].lowers != LOWERS_NOTHING)
			return losses_kinds[i].incomplete;
	return NULL;
}
