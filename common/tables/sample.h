/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample - contents of the kernel side's tables as plain arrays. Counters only
 * grow; differences are the caller's.
 */
#ifndef IOAMP_SAMPLE_H
#define IOAMP_SAMPLE_H

#include <stddef.h>

#include "probes/abi.h"
#include "engine/engine.h"
#include "ledger/counts.h"

#define TABLE_PART 4	/* retiring begins when a table is a quarter full */

/* Both counter tables. 0 or -errno; free with counts_free(). */
int sample_counts(const struct engine *e, struct counts *out);
/* Retires a counter whose bytes were moved elsewhere. */
void sample_retire(const struct engine *e, const struct agg_key *key);

struct actor_entry {
	__u32 id;
	struct actor a;
};
int sample_actors(const struct engine *e, struct actor_entry **out, size_t *n);	/* sorted by id */

int sample_actor(const struct engine *e, __u32 id, struct actor *out);	/* one; -ENOENT */
/* Ids below this one, from ACTOR_FIRST on, were given so far; none is given twice. */
__u32 sample_next_actor(const struct engine *e);

/* Sorted by pool, then actor. */
int sample_shares(const struct engine *e, struct share **out, size_t *n);
int sample_txns(const struct engine *e, struct txn_entry **out, size_t *n);

/* A file that was used; -ENOENT, -ENOTSUP without BY_FILE. */
int sample_file(const struct engine *e, __u32 id, struct file_entry *out);
/* Calls `each` with every group that came since the last time, and forgets them. */
void sample_cgroups(const struct engine *e,
		    void (*each)(void *ctx, const struct cgroup_key *key, const char *path), void *ctx);

/* Waits so far, sorted by key; their sums are those of whole waits. 0 or -errno; free() it. */
struct lat_entry;
int sample_latency(const struct engine *e, struct lat_entry **out, size_t *n);
/* Takes one out of the table; it becomes what the table had. False: it stays as it was. */
bool sample_latency_take(const struct engine *e, struct lat_entry *seen);

/* One of enum loss, all CPUs. */
__u64 sample_loss(const struct engine *e, enum loss which);
/* Runs the kernel skipped because the same program was running on that CPU, and no other stood in. */
__u64 sample_recursion(const struct engine *e);

/* What the kernel says of one program; times only while kernel.bpf_stats_enabled is 1. */
struct program_cost {
	char name[16];
	__u64 runs, ns;
	__u64 skipped;	/* as in sample_recursion(), always known */
};
/* -ENOENT: there is no i-th program. */
int sample_cost(const struct engine *e, size_t i, struct program_cost *out);

#endif
