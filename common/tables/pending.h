/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pending - dirty bytes of each owner and file, from the kernel side's table of pages. */
#ifndef IOAMP_PENDING_H
#define IOAMP_PENDING_H

#include "engine/engine.h"
#include "ledger/counts.h"

struct pending_list {
	struct pending *v;	/* sorted by actor and file, each pair once */
	size_t n;
};

/*
 * Reads what is dirty now. 0; -ENOTSUP: the probes keep no table of pages; -errno. Free the list with
 * pending_free(), also after an error.
 */
int pending_read(const struct engine *e, struct pending_list *out);
void pending_free(struct pending_list *l);

/* Sorts and adds up the bytes of equal pairs. Exported for the unit test. */
void pending_merge(struct pending_list *l);

#endif
