/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seed - what user space tells the kernel side: system calls, symbols, mounts, loop files. */
#ifndef IOAMP_SEED_H
#define IOAMP_SEED_H

#include "engine/engine.h"
#include "machine/disks.h"
#include "machine/mounts.h"
#include "machine/symbols.h"

int seed_symbols(const struct engine *e, const struct symbols *s);
int seed_calls(const struct engine *e);
/* Devices that carry a file system, and files behind loop devices; may be called again. */
int seed_mounts(const struct engine *e, const struct mounts *m);
int seed_stacks(const struct engine *e, const struct disks *d);
int seed_actor(const struct engine *e, __u32 tgid, __u32 actor);
/* A control group is part of the target. */
/* A group of this path is of the target when it is made again. */
int seed_cgroup_path(const struct engine *e, const char *path);
int seed_cgroup(const struct engine *e, const struct cgroup_key *key);
/* Who was found to be outside is judged once more. */
void seed_judge_again(const struct engine *e);
int seed_config(const struct engine *e, enum config slot, __u64 value);
/*
 * Which ends of waits the attached probes see: of journal commits, of direct I/O through iomap.
 * Nothing without the latency probes. After all probes are attached.
 */
int seed_waits(const struct engine *e);

#endif
