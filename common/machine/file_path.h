/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_path - builds the path of a file from the parts that the kernel side noted and the mounts
 * of its file system. Paths may contain any byte but NUL. Pure.
 */
#ifndef IOAMP_FILE_PATH_H
#define IOAMP_FILE_PATH_H

#include <stddef.h>

#include "machine/mounts.h"
#include "probes/abi.h"

/* Ends the path of a deleted file: in links of /proc, and in names of files in reports. */
#define FILE_PATH_DELETED	" (deleted)"

/* Bytes of a path without FILE_PATH_DELETED at its end. */
size_t file_path_length(const char *path);

/*
 * The path from the root of the file system: "/a/b", or "/.../a/b" if the first parts were not
 * noted. *out is malloc'ed, NULL if no part was noted. 0 or -ENOMEM.
 */
int file_path_inside(const struct file_entry *e, char **out);

/*
 * The path of `inside`, a path inside the file system `dev`, below the `nth` mount (from 0) that
 * shows it. Mounts that show most of the file system are first. *out is malloc'ed, NULL if there
 * is no such mount. 0 or -ENOMEM.
 */
int file_path_join(const struct mounts *m, uint32_t dev, const char *inside, unsigned int nth,
	       char **out);

#endif
