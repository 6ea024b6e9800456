/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container_part - components of a path, for container.c and container_labels.c. */
#ifndef IOAMP_CONTAINER_PART_H
#define IOAMP_CONTAINER_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "machine/container.h"

/* One component of a path; not terminated. */
struct part {
	const char *s;
	size_t n;
};

static inline bool part_is(struct part p, const char *word)
{
	return p.n == strlen(word) && !memcmp(p.s, word, p.n);
}

static inline bool cut_head(struct part *p, const char *head)
{
	size_t n = strlen(head);

	if (p->n < n || memcmp(p->s, head, n))
		return false;
	p->s += n;
	p->n -= n;
	return true;
}

static inline bool cut_tail(struct part *p, const char *tail)
{
	size_t n = strlen(tail);

	if (p->n < n || memcmp(p->s + p->n - n, tail, n))
		return false;
	p->n -= n;
	return true;
}

static inline bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static inline bool all_hex(const char *s, size_t n)
{
	while (n && is_hex(*s))
		s++, n--;
	return !n;
}

static inline bool is_id(struct part p)
{
	return p.n == CONTAINER_ID && all_hex(p.s, p.n);
}

static inline bool is_plain(int c)
{
	return c >= ' ' && c < 0x7f;
}

#endif
