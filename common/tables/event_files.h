/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event_files - names for the files of events: from inode numbers to paths, or to the last part of a path. */
#ifndef IOAMP_EVENT_FILES_H
#define IOAMP_EVENT_FILES_H

#include <stdint.h>

#include "machine/disks.h"

struct event_files;

/*
 * `names`: descriptor of the kernel side's table of last parts of names, -1: none. `disks` must
 * outlive the result. 0 or -ENOMEM.
 */
int event_files_open(struct event_files **out, int names, const struct disks *disks);
void event_files_close(struct event_files *f);

/*
 * Name of an inode: the path behind /proc/PID/fd/FD if that is the same file still, the name that was
 * found before, or the last part that the kernel side noted. `dev`: device of a file system or disk;
 * `fd`: -1 if there is none. NULL: unknown. Valid until the next call.
 */
const char *event_files_name(struct event_files *f, uint32_t dev, uint64_t ino, uint32_t pid, int fd);

#endif
