/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files - inode numbers of events to file names: the full path where it can be had. */
#ifndef IOAMP_FILES_H
#define IOAMP_FILES_H

#include <stdint.h>

#include "machine/disks.h"

struct files;

/* `names` is the kernel side's table of last name parts (-1: none); `disks` must outlive it. */
int files_open(struct files **out, int names, const struct disks *disks);
void files_close(struct files *f);

/*
 * Name of an inode: the path behind /proc/PID/fd/FD when that is still the same
 * file, what was found so before, or the last part as the kernel side saw it.
 * `dev` is a file system's or a disk's device; `fd` may be -1. NULL: unknown.
 * Valid until files_close() or 4096 other names.
 */
const char *files_name(struct files *f, uint32_t dev, uint64_t ino, uint32_t pid, int fd);

#endif
