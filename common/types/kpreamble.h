/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kpreamble - the includes and the #defines by which program text adapts to a kernel. */
#ifndef IOAMP_KPREAMBLE_H
#define IOAMP_KPREAMBLE_H

#include "types/kbtf.h"
#include "types/ktypes.h"

struct kfacts {
	enum ktypes_source source;
	const struct kbtf *btf;	/* used when there is BTF; NULL else */
	const char *text_dir;	/* headers, used without BTF; both NULL: nothing is known yet */
};

/* Free it. NULL: out of memory. */
char *kpreamble_make(const struct kfacts *kf);

#endif
