/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage - the disks and the mounts of this machine, and the mounts that were there before. */
#include "machine/storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static bool has_mount(const struct mounts *m, const struct mount_entry *e)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].dev == e->dev && !strcmp(m->v[i].path, e->path) &&
		    !strcmp(m->v[i].root, e->root))
			return true;
	return false;
}

/* Moves an entry: its strings belong to `to` from now on. */
static int move_mount(struct mounts *to, struct mount_entry *e)
{
	struct mount_entry *v = grow_by_one(to->v, to->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	to->v = v;
	v[to->n++] = *e;
	e->path = e->root = NULL;
	return 0;
}

int storage_read_mounts(struct storage *st)
{
	struct mounts now;
	int err = mounts_read(&now);

	if (err)
		return err;
	for (size_t i = 0; !err && st->keep_gone && i < st->mounts.n; i++) {
		struct mount_entry *e = &st->mounts.v[i];

		if (!has_mount(&now, e) && !has_mount(&st->gone, e))
			err = move_mount(&st->gone, e);
	}
	mounts_free(&st->mounts);
	st->mounts = now;
	return err;
}

void storage_free(struct storage *st)
{
	disks_free(&st->disks);
	mounts_free(&st->mounts);
	mounts_free(&st->gone);
}

const struct disk *storage_disk_of(const struct storage *st, uint32_t dev)
{
	const struct disk *d = disks_of_device(&st->disks, dev);

	/* btrfs and its like have a device number of their own */
	for (size_t i = 0; !d && !(dev >> 20) && i < st->mounts.n; i++)
		if (st->mounts.v[i].dev == dev && st->mounts.v[i].source)
			d = disks_of_device(&st->disks, st->mounts.v[i].source);
	return d;
}
