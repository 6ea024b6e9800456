/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kemit - C declarations of the structures of probes/fields.h, made of BTF. */
#ifndef IOAMP_KEMIT_H
#define IOAMP_KEMIT_H

#include <stdio.h>

#include "types/kbtf.h"

/* Only the members that the list names, at their offsets. 0 or -errno. */
int kemit_structs(const struct kbtf *kb, FILE *f);

#endif
