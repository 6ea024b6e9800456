/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync_list - the devices to be synced: file systems and raw disks that the target wrote to. Pure. */
#ifndef IOAMP_SYNC_LIST_H
#define IOAMP_SYNC_LIST_H

#include "session/target.h"
#include "tables/kept_shares.h"

struct sync_list {
	uint32_t *devs;		/* device numbers, each once */
	size_t n;
};

/* Adds devices whose data the target wrote, by counters. 0 or -ENOMEM. */
int sync_list_add_data(struct sync_list *w, const struct target *t, const struct counts *c);
/* Adds file systems whose journal the target filled: it may have changed only metadata. 0 or -ENOMEM. */
int sync_list_add_metadata(struct sync_list *w, const struct target *t, const struct share_list *shares,
			 const struct mounts *m);
void sync_list_free(struct sync_list *w);

#endif
