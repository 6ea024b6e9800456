/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * losses - the one list of kinds of loss: how often something was not counted, and which totals
 * are lower bounds because of it. Pure.
 */
#ifndef IOAMP_LOSSES_H
#define IOAMP_LOSSES_H

#include <stdint.h>

#include "probes/abi.h"

/* Which totals a loss turns into lower bounds. */
enum losses_bound {
	LOWERS_NOTHING,
	LOWERS_CALLS,	/* of the application layer, for programs that make such calls */
	LOWERS_ALL,
};

/* A source beside the counters of enum loss: runs of our programs that the kernel skipped. */
#define LOSS_RECURSION LOSS_MAX

#define LOSSES_ROOM "try a larger --map-size"

/*
 * X(member, source, which totals it lowers, words after a number, why a summary is incomplete,
 * remedy or ""). The order is that of JSON; a summary states the first reason that applies.
 * A new line needs a paragraph under LOSSES in iolayers(7).
 */
#define LOSSES(X) \
	X(events, LOSS_EVENTS, LOWERS_NOTHING, "event lines", "", "") \
	X(map_full, LOSS_MAP_FULL, LOWERS_ALL, "updates of a full table", \
	  "a table of the kernel side was full", LOSSES_ROOM) \
	X(recursion, LOSS_RECURSION, LOWERS_ALL, "runs of a probe that the kernel skipped", \
	  "the kernel skipped runs of a probe", "") \
	X(owner_evicted, LOSS_OWNER_EVICTED, LOWERS_ALL, "owners that found no room", \
	  "owners of some dirty pages found no room", LOSSES_ROOM) \
	X(compat_tasks, LOSS_COMPAT_TASKS, LOWERS_CALLS, \
	  "32-bit programs whose system calls are not counted", \
	  "system calls of 32-bit programs are not counted", "") \
	X(async_calls, LOSS_ASYNC_CALLS, LOWERS_CALLS, \
	  "io_uring or libaio requests whose bytes are not counted", \
	  "some io_uring or libaio requests could not be counted at the application layer", "")

/* Counters of enum loss that are no kind of loss in a summary: X(counter). */
#define LOSSES_APART(X) \
	X(LOSS_EVENTS_SENT)	/* the other part of the ratio of lost events */ \
	X(LOSS_CAUGHT)		/* subtracted from the skipped runs in sample_recursion() */ \
	X(LOSS_DIRTY_RUNS)	/* for ledger/silent.h */ \
	X(LOSS_WAITS)		/* a note of iolatency-layers, in words of its own */

#define LOSSES_INDEX(member, ...) LOSSES_##member,
enum { LOSSES(LOSSES_INDEX) LOSSES_KINDS };
#undef LOSSES_INDEX

/* Each kind by its name, or all of them in the order of the list. */
struct losses {
	union {
		struct {
#define LOSSES_MEMBER(member, ...) uint64_t member;
			LOSSES(LOSSES_MEMBER)
#undef LOSSES_MEMBER
		};
		uint64_t n[LOSSES_KINDS];
	};
};

struct losses_kind {
	const char *name;	/* of the member */
	unsigned int source;	/* index of losses_counters.n */
	enum losses_bound lowers;
	const char *words;
	const char *incomplete;	/* "" when it lowers nothing */
	const char *remedy;	/* "" none */
};
extern const struct losses_kind losses_kinds[LOSSES_KINDS];

/* All sources at one instant; each only grows. */
struct losses_counters {
	uint64_t n[LOSS_MAX + 1];	/* by enum loss; the last is LOSS_RECURSION */
};

void losses_between(struct losses *out, const struct losses_counters *before,
		    const struct losses_counters *after);
void losses_add(struct losses *to, const struct losses *from);
/* Sum of the kinds that lower at least these totals: LOWERS_NOTHING for all kinds. */
uint64_t losses_sum(const struct losses *l, enum losses_bound least);
/* Why totals are lower bounds; NULL: they are complete. */
const char *losses_incomplete(const struct losses *l);

#endif
