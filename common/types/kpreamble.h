/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kpreamble - the includes and the #defines by which program text adapts to a kernel. */
#ifndef IOAMP_KPREAMBLE_H
#define IOAMP_KPREAMBLE_H

#include "types/kbtf.h"
#include "types/ktypes.h"

struct kfacts {
	enum ktypes_source source;
	const struct kbtf *btf;	/* NULL: there is none */
	const char *text_dir;	/* headers, asked where BTF is not the source; NULL: not unpacked yet */
};

/* Free it. NULL: out of memory. */
char *kpreamble_make(const struct kfacts *kf);

#endif
