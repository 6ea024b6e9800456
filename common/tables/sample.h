/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample - reads the kernel side's tables into plain arrays. Counters only grow; the caller
 * subtracts. Functions return 0 or -errno, and the caller frees the arrays.
 */
#ifndef IOAMP_SAMPLE_H
#define IOAMP_SAMPLE_H

#include <stddef.h>

#include "probes/abi.h"
#include "engine/engine.h"
#include "ledger/counts.h"

#define TABLE_PART 4	/* retiring begins when a table is a quarter full */

/* The counters of both tables, all CPUs added up. Free with counts_free(). */
int sample_counts(const struct engine *e, struct counts *out);
/* Retires a counter; its bytes were moved elsewhere. */
void sample_retire(const struct engine *e, const struct agg_key *key);

struct actor_entry {
	__u32 id;
	struct actor a;
};
/* All actors, sorted by id. */
int sample_actors(const struct engine *e, struct actor_entry **out, size_t *n);
/* One actor; -ENOENT: there is none. */
int sample_actor(const struct engine *e, __u32 id, struct actor *out);
/* The next id of an actor. Ids are given in order, from ACTOR_FIRST on, and never twice. */
__u32 sample_next_actor(const struct engine *e);

/* Sorted by pool, then actor. */
int sample_shares(const struct engine *e, struct share **out, size_t *n);
int sample_txns(const struct engine *e, struct txn_entry **out, size_t *n);

/* What is noted of a file; -ENOENT: there is none of this id; -ENOTSUP: the probes note no files. */
int sample_file(const struct engine *e, __u32 id, struct file_entry *out);
/* Calls `each` with every group that appeared since the last call, and deletes it from the table. */
void sample_cgroups(const struct engine *e,
		    void (*each)(void *ctx, const struct cgroup_key *key, const char *path), void *ctx);

/* All waits, sorted by key. The sums are of whole waits: none is read while it is being counted. */
struct lat_entry;
int sample_latency(const struct engine *e, struct lat_entry **out, size_t *n);
/* Retires an entry; *seen becomes what the table held. False: neither changed. */
bool sample_latency_take(const struct engine *e, struct lat_entry *seen);

/* A counter of losses, all CPUs added up. */
__u64 sample_loss(const struct engine *e, enum loss which);
/*
 * Runs of programs that the kernel skipped, because the program was running on that CPU already,
 * and that no understudy took over.
 */
__u64 sample_recursion(const struct engine *e);

/* The kernel's own statistics of a program. It counts runs and times only while kernel.bpf_stats_enabled is 1. */
struct program_cost {
	char name[16];
	__u64 runs, ns;
	__u64 skipped;	/* runs, understudy or not; always counted */
};
/* Of the i-th program; -ENOENT: there are fewer. */
int sample_cost(const struct engine *e, size_t i, struct program_cost *out);

#endif
