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

/* Devices whose data the target wrote, by counters. 0 or -ENOMEM. */
int written_add_data(struct written *w, const struct target *t, const struct counts *c);
/* File systems of which the target changed metadata alone: those whose journal it filled. 0 or -ENOMEM. */
int written_add_metadata(struct written *w, const struct target *t, const struct share_list *shares,
			 const struct mounts *m);
void written_free(struct written *w);

#endif
