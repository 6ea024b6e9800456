/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disks_internal - what disks.c (all disks) uses of disk.c (one disk). Nobody else includes this. */
#ifndef IOAMP_DISKS_INTERNAL_H
#define IOAMP_DISKS_INTERNAL_H

#include <limits.h>

#include "machine/disks.h"

/* A path below the root of `d`; cut if it is too long. */
void disk_path(const struct disks *d, char path[PATH_MAX], const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The first line of a file, without its end. */
bool disk_read_line(const char *path, char *buf, size_t size);
/* Reads all but `below` and `above`. False: the disk has no device number. */
bool disk_read(const struct disks *d, const char *name, struct disk *out);

#endif
