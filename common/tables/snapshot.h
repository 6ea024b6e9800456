/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snapshot - our counters and the kernel's own counters of each disk, at one end of the window. The
 * two of a disk are of the same instant.
 */
#ifndef IOAMP_SNAPSHOT_H
#define IOAMP_SNAPSHOT_H

#include "machine/disks.h"
#include "tables/sample.h"

/*
 * The kernel's own counters of a disk, read between two readings of ours; not `known`: they could
 * not be read.
 */
struct stat_at {
	uint32_t dev;
	bool known;
	struct disk_stat stat;
	struct disk_stat moved;	/* from our first reading to our second, which is the one that counts */
};
struct snapshot {
	struct counts counts;
	struct stat_at *stats;
	size_t nr_stats;
};

/*
 * Reads the kernel's counters of a disk between two readings of ours, up to `tries` times. Of each
 * disk it keeps the reading during which the fewest of its bytes moved: none, but on the busiest
 * disks, where the kernel's counters may be anywhere between the two of ours. Frees what `snap` held
 * before. 0 or -errno.
 */
#define SNAPSHOT_TRIES 50
int snapshot_take(const struct engine *e, const struct disks *disks, int tries,
		  struct snapshot *snap);
void snapshot_free(struct snapshot *snap);

/*
 * Bytes by which the device counters of a disk differ; both arrays are sorted. Exported for the unit
 * test, as snapshot_put() is.
 */
uint64_t snapshot_moved(const struct counts *before, const struct counts *after, uint32_t dev);
/* By how much the device counters of a disk grew, as the kernel counts: write-zeroes are written. */
struct disk_stat snapshot_grown(const struct counts *before, const struct counts *after, uint32_t dev);
/* Replaces the device counters of `dev` in `to` by those of `from`. 0 or -ENOMEM. */
int snapshot_put(struct counts *to, const struct counts *from, uint32_t dev);

#endif
