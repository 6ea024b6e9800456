/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disks - the disks of this machine: names, how they stack, which are leaves, and the kernel's
 * own counters (/sys/block/DISK/stat).
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
	bool leaf;			/* no disk below it */
	bool memory;			/* zram, brd, pmem: not in the total of the machine */
	bool gone;			/* found at an earlier scan only */
	uint32_t below[DISK_LINKS];	/* the disks below it; 0 ends the list */
	uint32_t above[DISK_LINKS];	/* the disks above it, as many as fit; 0 ends the list */
	/* loop: its backing file */
	uint64_t backing_ino;
	uint32_t backing_dev;		/* device of its file system; 0: no loop device */
	bool iostats;			/* the kernel counts for it */
	bool requests;			/* takes requests; dm, md and zram take bios */
};

/* /sys/block/DISK/stat, bytes. */
struct disk_stat {
	uint64_t read_bytes, write_bytes;
	uint64_t id;	/* of the counters: another one after the disk was removed and added again */
};

struct disks {
	struct disk *v;
	size_t n;
	const char *root;	/* what precedes /sys, /proc and /dev; NULL: nothing */
};

/*
 * Reads /sys/block. 0 or -errno; an error leaves the struct unchanged. Another call keeps disks
 * that were removed meanwhile (`gone`), because they may have moved bytes in this window.
 */
int disks_scan(struct disks *d);
void disks_free(struct disks *d);
const struct disk *disks_by_dev(const struct disks *d, uint32_t dev);
const struct disk *disks_by_name(const struct disks *d, const char *name);
/* The disk of the device number of a disk or partition. NULL: no block device of this machine. */
const struct disk *disks_of_device(const struct disks *d, uint32_t dev);
/* `name`: an entry of /sys/block. */
bool disk_is_counted(const struct disks *d, const char *name);	/* the kernel counts its I/O */
bool disk_is_memory(const char *name);
/* Nothing was handed to its driver and is not back. False, too, when that cannot be read. */
bool disk_is_idle(const struct disk *disk);
/* 0 or -errno. */
int disk_stat_read(const struct disk *disk, struct disk_stat *out);

#endif
