/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unheard - bios whose end no program heard, although their disk counted them. The kernel skips the
 * programs of block_rq_complete now and then for a batch of requests, and does not count that (seen on
 * 6.18). The records of these bios, with owner and class, stay in the kernel side's table.
 */
#ifndef IOAMP_UNHEARD_H
#define IOAMP_UNHEARD_H

#include "machine/disks.h"
#include "tables/bios.h"

/*
 * Takes the records of bios of `disk` out of the table, the oldest first, and appends the counters
 * that the end of each would have added to `to`. Never more than `missing`, the bytes that
 * the kernel counted and we did not: the record of a bio that still waits is not told from the others.
 * Takes nothing while the disk works. 0 or -errno.
 */
int unheard_take(const struct engine *e, const struct disk *disk, struct disk_stat missing, struct counts *to);

/* Which of the records that would be: they come first in `v`, and their number is the result. Exported for the unit test. */
size_t unheard_choose(struct bio_entry *v, size_t n, __u32 dev, struct disk_stat missing);

#endif
