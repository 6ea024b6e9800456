/* SPDX-License-Identifier: GPL-3.0-or-later */
/* written - the file systems and raw disks that the target wrote to. Pure. */
#ifndef IOAMP_WRITTEN_H
#define IOAMP_WRITTEN_H

#include "session/target.h"
#include "tables/kept_shares.h"

struct written {
	uint32_t *devs;		/* device numbers, each once */
	size_t n;
};

/* Adds devices whose data the target wrote, by counters. 0 or -ENOMEM. */
int written_add_data(struct written *w, const struct target *t, const struct counts *c);
/* Adds file systems whose journal the target filled: it may have changed only metadata. 0 or -ENOMEM. */
int written_add_metadata(struct written *w, const struct target *t, const struct share_list *shares,
			 const struct mounts *m);
void written_free(struct written *w);

#endif
