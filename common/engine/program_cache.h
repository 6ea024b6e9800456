/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keep - compiled programs of earlier starts, until the machine is booted again:
 * files below /run/ioamp that nobody but root may write. IOAMP_CACHE names
 * another folder; empty: nothing is kept or looked for.
 */
#ifndef IOAMP_KEEP_H
#define IOAMP_KEEP_H

#include <stddef.h>

#include "engine/program.h"

/*
 * The folder, made when it is not there; to be opened before the file systems are
 * changed for the compiler. -1: nothing is kept; the functions below take that, too.
 */
int keep_open(void);

/*
 * The program that was kept with exactly this key, with fresh maps. 0, -ENOENT,
 * or -errno of the kernel that refused a map. What cannot be trusted is not there.
 */
int keep_find(int dir, const void *key, size_t size, struct program **out);

/* Best effort: a start that finds nothing compiles. The oldest go when there are many. */
void keep_put(int dir, const void *key, size_t size, const struct program *p);

#endif
