/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program_key - all that a compiled program depends on, as bytes to be compared. */
#ifndef IOAMP_PROGRAM_KEY_H
#define IOAMP_PROGRAM_KEY_H

#include <stddef.h>

#include "types/ktypes.h"

/*
 * Made of the kernel, the source of its types, the compiler's flags and the text. `dir`
 * is the directory that ktypes_materialize() returned. 0 and *out malloc'ed, or -errno.
 */
int program_key(const struct ktypes *kt, const char *text, const char *dir, char **out, size_t *size);

#endif
