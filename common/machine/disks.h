/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disks - the disks of this machine: names, what lies above and below, which
 * are leaves, and the kernel's own counters (/sys/block/DISK/stat).
 */
#ifndef IOAMP_DISKS_H
#define IOAMP_DISKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_NAME 64
#define DISK_LINKS 64

struct disk {
	char name[DISK_NAME];
	uint32_t dev;			/* major << 20 | minor */
	bool leaf;			/* nothing below that moves bytes to a disk */
	bool memory;			/* zram, brd: stays out of the machine's total */
	bool gone;			/* it was there at an earlier scan */
	uint32_t below[DISK_LINKS];	/* disks it stands on; 0 ends */
	uint32_t above[DISK_LINKS];	/* disks that stand on it, the first of them; 0 ends */
	/* loop: the file behind it */
	uint64_t backing_ino;
	uint32_t backing_dev;		/* its file system's device, 0: not a loop */
	bool iostats;			/* the kernel counts for it */
	bool requests;			/* takes requests; dm, md, zram take bios as they are */
};

/* /sys/block/DISK/stat, bytes. */
struct disk_stat {
	uint64_t read_bytes, write_bytes;
};

struct disks {
	struct disk *v;
	size_t n;
	const char *root;	/* what stands before /sys, /proc and /dev; NULL: nothing */
};

/*
 * Reads /sys/block. 0 or -errno; after an error the struct is as it was. Called again, it
 * keeps what was found before and is there no more (`gone`): it may have moved bytes.
 */
int disks_scan(struct disks *d);
void disks_free(struct disks *d);
const struct disk *disks_by_dev(const struct disks *d, uint32_t dev);
const struct disk *disks_by_name(const struct disks *d, const char *name);
/* The disk a partition's or disk's device number belongs to; NULL: not a block device here. */
const struct disk *disks_of_device(const struct disks *d, uint32_t dev);
/* Of a name below /sys/block; `d` says where that lies. */
bool disk_is_counted(const struct disks *d, const char *name);	/* has the kernel statistics */
bool disk_is_memory(const char *name);
/* 0 or -errno. */
int disk_stat_read(const struct disk *disk, struct disk_stat *out);

#endif
