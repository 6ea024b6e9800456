/* SPDX-License-Identifier: GPL-3.0-or-later */
/* symbols - addresses of the kernel functions that complete bios, from /proc/kallsyms. */
#ifndef IOAMP_SYMBOLS_H
#define IOAMP_SYMBOLS_H

#include <stddef.h>

#include "probes/abi.h"

#define SYMBOLS_MAX 256

/* One completion function. */
struct symbol_endio {
	__u64 addr;
	__u32 kind;	/* enum endio */
};
struct symbols {
	struct symbol_endio v[SYMBOLS_MAX];	/* what follows the last is not read */
	size_t n;
};

/* 0; -EPERM when the kernel hides addresses (kernel.kptr_restrict), or -errno. */
int symbols_read(struct symbols *s);

#endif
