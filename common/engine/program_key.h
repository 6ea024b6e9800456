/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loader_key - what a compiled program depends on, as bytes to be compared. */
#ifndef IOAMP_LOADER_KEY_H
#define IOAMP_LOADER_KEY_H

#include <stddef.h>

#include "types/ktypes.h"

/*
 * The kernel, the source of its types, the compiler's flags and the text. `dir`
 * is what ktypes_materialize() gave. 0 and *out malloc'ed, or -errno: not known.
 */
int loader_key(const struct ktypes *kt, const char *text, const char *dir, char **out, size_t *size);

#endif
