/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kpreamble - the includes and the #defines by which program text adapts to a kernel. */
#ifndef IOAMP_KPREAMBLE_H
#define IOAMP_KPREAMBLE_H

#include "types/kbtf.h"
#include "types/ktypes.h"

struct kfacts {
	enum ktypes_source source;
	const struct kbtf *btf;	/* asked first, or NULL */
	const char *text_dir;	/* asked else, or NULL: nothing is known */
};

/* To be freed; NULL when memory is short. */
char *kpreamble_make(const struct kfacts *kf);

#endif
