/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage - the disks and the mounts of this machine, and the mounts that were there before. */
#ifndef IOAMP_STORAGE_H
#define IOAMP_STORAGE_H

#include "machine/disks.h"
#include "machine/mounts.h"

struct storage {
	struct disks disks;
	struct mounts mounts;
	struct mounts gone;	/* seen at an earlier reading and unmounted since; see keep_gone */
	bool keep_gone;		/* set by the caller: files of unmounted file systems keep their paths */
};

/* Reads the mounts again. 0 or -errno; when they cannot be read, the struct is as it was. */
int storage_read_mounts(struct storage *st);
void storage_free(struct storage *st);

/* Disk of the device number of a file system, partition or disk; NULL: none of ours. */
const struct disk *storage_disk_of(const struct storage *st, uint32_t dev);

#endif
