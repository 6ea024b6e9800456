/* SPDX-License-Identifier: GPL-3.0-or-later */
/* used_ids - the actors, or files, that counters and dirty pages name. Pure. */
#ifndef IOAMP_USED_IDS_H
#define IOAMP_USED_IDS_H

#include <stdbool.h>

#include "ledger/counts.h"
#include "tables/pending.h"

struct used_ids {
	__u32 *v;	/* sorted, each once, without 0 */
	size_t n;
};

/* 0 or -ENOMEM; free with used_ids_free(). */
int used_ids_actors(struct used_ids *out, const struct counts *c, const struct pending_list *p);
int used_ids_files(struct used_ids *out, const struct counts *c, const struct pending_list *p);
bool used_ids_has(const struct used_ids *u, __u32 id);
void used_ids_free(struct used_ids *u);

#endif
