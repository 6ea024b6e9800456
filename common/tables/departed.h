/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * departed - processes that ended and were retired from the kernel side's table of actors. Their
 * names stay here: bytes that they wrote may reach a disk much later.
 */
#ifndef IOAMP_DEPARTED_H
#define IOAMP_DEPARTED_H

#include "tables/pending.h"
#include "tables/sample.h"

struct departed {
	struct actor_entry *v;	/* sorted by id */
	size_t n;
};

/* Is an actor on the list? */
bool departed_has(const struct departed *d, __u32 actor);
/* Has an actor ended, on the list or not? Its counters may still grow: its dirty pages are written later. */
bool departed_ended(const struct departed *d, const struct engine *e, __u32 actor);

/* The actors of the kernel table and of the list, sorted by id. 0 or -errno; free() *out. */
int departed_all(const struct departed *d, const struct engine *e, struct actor_entry **out, size_t *n);
/*
 * Retires ended actors when the table fills up. `all`: the result of departed_all(). 0 or -ENOMEM.
 */
int departed_retire(struct departed *d, const struct engine *e, const struct actor_entry *all, size_t n);
/*
 * When the list is several times as long as the table, which has `entries`: removes the actors from
 * it that neither counters nor dirty pages name. 0 or -ENOMEM.
 */
int departed_forget(struct departed *d, unsigned int entries, const struct counts *c,
		    const struct pending_list *p);
void departed_free(struct departed *d);

#endif
