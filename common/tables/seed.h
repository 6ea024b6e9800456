/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seed - writes what the kernel side must know into its tables. Functions return 0 or -errno. */
#ifndef IOAMP_SEED_H
#define IOAMP_SEED_H

#include "engine/engine.h"
#include "machine/disks.h"
#include "machine/mounts.h"
#include "machine/symbols.h"

/* The functions that complete bios. */
int seed_symbols(const struct engine *e, const struct symbols *s);
/* What each system call does. After all probes are attached. */
int seed_calls(const struct engine *e);
/* Devices that carry a file system; call it again when mounts have changed. */
int seed_mounts(const struct engine *e, const struct mounts *m);
/* Which disks stand on which, and the files behind loop devices; call it again when disks have changed. */
int seed_stacks(const struct engine *e, const struct disks *d);
/* A process belongs to `actor`. */
int seed_actor(const struct engine *e, __u32 tgid, __u32 actor);
/* A control group belongs to the target. */
int seed_cgroup(const struct engine *e, const struct cgroup_key *key);
/* A group of this path belongs to the target when it is made again. */
int seed_cgroup_path(const struct engine *e, const char *path);
/* Forgets the verdict on all processes outside of the target, so that the kernel side judges them again. */
void seed_judge_again(const struct engine *e);
int seed_config(const struct engine *e, enum config slot, __u64 value);
/*
 * Which ends of waits the attached probes observe: of journal commits, of direct I/O through iomap.
 * Does nothing without the latency probes. After all probes are attached.
 */
int seed_waits(const struct engine *e);
/* Which calls' syncs are counted by a probe of their own. After all probes are attached. */
int seed_syncs(const struct engine *e);

#endif
