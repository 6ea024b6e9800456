/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ktree - the header tree that the compiler gets when types come from BTF. */
#ifndef IOAMP_KTREE_H
#define IOAMP_KTREE_H

#include "types/kbtf.h"

/* A directory with this file is a tree of ours. */
#define KTREE_TYPES "include/linux/ioamp_types.h"

/* Writes all files below the existing directory `dir`. 0 or -errno. */
int ktree_write(const struct kbtf *kb, const char *release, const char *dir);

#endif
