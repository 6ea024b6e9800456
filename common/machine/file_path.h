/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_path - what the kernel side noted of a file's path, joined with where its
 * file system is mounted. Pure. Paths are bytes and may hold anything but NUL.
 */
#ifndef IOAMP_FILE_PATH_H
#define IOAMP_FILE_PATH_H

#include "probes/abi.h"
#include "machine/mounts.h"

/*
 * The path from the root of its file system, "/a/b"; one that begins further up
 * than was noted is "/.../a/b". *out is malloc'ed, NULL when there are no names.
 * 0 or -ENOMEM.
 */
int paths_inside(const struct file_entry *e, char **out);

/*
 * Where `inside` of the file system `dev` appears: the `nth` (from 0) of the
 * mounts whose root it lies below, those that show most of the file system
 * first, then in order. *out is malloc'ed, NULL when there is none. 0 or -ENOMEM.
 */
int paths_join(const struct mounts *m, uint32_t dev, const char *inside, unsigned int nth,
	       char **out);

#endif
