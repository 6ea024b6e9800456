/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program_cache - compiled programs of earlier starts, until the next boot: files below
 * /run/ioamp that only root may write. IOAMP_CACHE names another folder; when it is empty, or
 * IOAMP_LIBBCC names a library, there is no cache.
 */
#ifndef IOAMP_PROGRAM_CACHE_H
#define IOAMP_PROGRAM_CACHE_H

#include <stddef.h>

#include "engine/program.h"

/*
 * Opens the folder, and makes it when it does not exist. Call this before the compiler process
 * changes its mounts. -1: there is no cache; the functions below accept -1.
 */
int program_cache_open(void);

/*
 * The program that was stored under exactly this key, with new maps. 0, -ENOENT, or -errno of
 * the kernel that refused a map. A file that another user may write counts as -ENOENT.
 */
int program_cache_find(int dir, const void *key, size_t size, struct program **out);

/* Stores a program. Failure is reported with -v only. Of more than 32 the one used longest ago is deleted. */
void program_cache_put(int dir, const void *key, size_t size, const struct program *p);

#endif
