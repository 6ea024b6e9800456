/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target - what the user asked to measure: which actors, disks and control groups belong to it. */
#ifndef IOAMP_TARGET_H
#define IOAMP_TARGET_H

#include "ledger/counts.h"
#include "machine/cgroup.h"
#include "machine/storage.h"
#include "session/request.h"

/* Bytes the target has submitted to the block layer that no disk has completed yet. */
struct flight {
	int64_t bytes;			/* queued less done */
	bool replaced;			/* compressed data: nobody knows which pages it was, nor when all is done */
};

struct target {
	struct target_wish wish;	/* of a thread: with its process among the pids */
	enum targeted targeted;		/* how the kernel side tells who belongs to it */
	struct cgroups *cgroups;	/* groups of processes that were seen */
	size_t cgroups_seeded;		/* cursor of cgroups_next_wanted() */
	struct flight retired;		/* of counters that left the table */
	char name[128];			/* for people */
};

/*
 * Looks for what the wish names and puts into `rq` how the kernel side is to tell who belongs to
 * the target; rq->pids points into `t`. 0, or -errno with `f` filled, unless memory failed.
 */
int target_open(struct target *t, const struct target_wish *wish, struct engine_request *rq, struct failure *f);
void target_close(struct target *t);

/* Reads the groups that were met since the last call; those of the target are told to the kernel side. */
void target_learn(struct target *t, const struct engine *e);
/* Once after the probes are attached: groups may have come between the first look and the first probe. */
void target_scan(struct target *t, const struct engine *e);

bool target_has_actor(const struct target *t, uint32_t actor);
/* Is all that is not a process's measured, too? It is when no filter is about processes. */
bool target_has_others(const struct target *t);
/* 0; -ENOENT with `f` filled: -d selects none of the disks. */
int target_check_disks(const struct target *t, const struct disks *disks, struct failure *f);
/* Whether -d selects a disk of this name; true without -d. */
bool target_has_disk(const struct target_wish *wish, const char *name);
/* -d: removes counters above the block layer that are about files on other disks. */
void target_keep_disks(const struct target_wish *wish, const struct storage *st, struct counts *c);
/* Adds what one counter says of bytes in flight, if it belongs to the target. */
void target_flight_add(const struct target *t, struct flight *f, const struct agg_key *k, const struct agg_val *v);
/* "process 4711", "the whole machine"; valid as long as `t`. */
const char *target_name(struct target *t);

#endif
