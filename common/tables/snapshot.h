/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snapshot - our counters and the kernel's disk statistics at one end of the
 * window, of each disk at one instant.
 */
#ifndef IOAMP_SNAPSHOT_H
#define IOAMP_SNAPSHOT_H

#include "machine/disks.h"
#include "tables/sample.h"

/* A disk's kernel counter. */
struct stat_at {
	uint32_t dev;
	bool known;
	struct disk_stat stat;
};
struct snapshot {
	struct counts counts;
	struct stat_at *stats;
	size_t nr_stats;
};

/*
 * The kernel's counter of a disk is read between two readings of ours. What is
 * kept of a disk is the reading in which the fewest of its bytes moved meanwhile:
 * none on all but the busiest, where the rest shows as unexplained. 0 or -errno.
 * It is tried `tries` times at most. What `snap` held before is freed.
 */
#define SNAPSHOT_TRIES 50
int snapshot_take(const struct engine *e, const struct disks *disks, int tries,
		  struct snapshot *snap);
void snapshot_free(struct snapshot *snap);

/*
 * Bytes by which the device counters of a disk differ; both sorted. Exported, as
 * the next, for the unit test.
 */
uint64_t snapshot_moved(const struct counts *before, const struct counts *after, uint32_t dev);
/* The device counters of `dev` in `to` are those of `from` from now on. 0 or -ENOMEM. */
int snapshot_put(struct counts *to, const struct counts *from, uint32_t dev);

#endif
