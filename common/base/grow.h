/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grow - arrays that grow by one element at a time. */
#ifndef IOAMP_GROW_H
#define IOAMP_GROW_H

#include <stdlib.h>

/*
 * Room for one more than `n` elements of `size` bytes. The array has room for 1, 2, 4 ...
 * elements, so `n` tells when it is full: grow an array with this function only. NULL: no
 * memory, and `v` stays as it was.
 */
static inline void *grow_by_one(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : reallocarray(v, n ? n * 2 : 1, size);
}

#endif
