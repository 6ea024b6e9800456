/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grow - arrays that grow by one element at a time. */
#ifndef IOAMP_GROW_H
#define IOAMP_GROW_H

#include <stdlib.h>

/*
 * Makes room for one more than `n` elements of `size` bytes. The capacity is always a power of
 * two, so `n` tells when the array is full: never grow it in another way. NULL: no memory; `v`
 * stays valid.
 */
static inline void *grow_by_one(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : reallocarray(v, n ? n * 2 : 1, size);
}

#endif
