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
	int64_t bytes, reads;		/* queued less done: written, read */
	bool replaced;			/* compressed: the kernel does not report which pages became which extent */
};

struct target {
	struct target_wish wish;	/* a copy; --tid adds the process of the thread */
	enum targeted targeted;		/* how the kernel side tells which processes belong to it */
	struct cgroups *cgroups;	/* that processes were seen in */
	size_t cgroups_seeded;		/* cursor of cgroups_next_wanted() */
	struct flight retired;		/* of counters that were retired */
	char name[128];			/* for people */
};

/*
 * Finds the processes and groups that the wish names, and sets in `rq` how the kernel side is to
 * recognise the target; rq->pids points into `t`. 0; -errno, with `f` filled unless memory is short.
 */
int target_open(struct target *t, const struct target_wish *wish, struct engine_request *rq, struct failure *f);
void target_close(struct target *t);

/* Reads the groups that appeared since the last call, and tells the kernel side which belong to the target. */
void target_learn(struct target *t, const struct engine *e);
/* The same, from the whole tree: groups may have appeared between target_open() and the first probe. */
void target_scan(struct target *t, const struct engine *e);

bool target_has_actor(const struct target *t, uint32_t actor);
/* Is I/O measured that belongs to no process? It is, unless a filter names processes. */
bool target_has_others(const struct target *t);
/* 0; -ENOENT with `f` filled: -d selects none of the disks. */
int target_check_disks(const struct target *t, const struct disks *disks, struct failure *f);
/* Whether -d selects a disk of this name; true without -d. */
bool target_has_disk(const struct target_wish *wish, const char *name);
/* -d: removes counters above the block layer if their files are on other disks. */
void target_keep_disks(const struct target_wish *wish, const struct storage *st, struct counts *c);
/* Adds what one counter says of bytes in flight, if it belongs to the target. */
void target_flight_add(const struct target *t, struct flight *f, const struct agg_key *k, const struct agg_val *v);
/* "process 4711", "the whole machine"; valid as long as `t`. */
const char *target_name(struct target *t);

#endif
