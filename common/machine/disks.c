/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disks - the disks of this machine, and how they stack. */
#include "machine/disks.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/grow.h"
#include "machine/disks_internal.h"
#include "machine/mounts.h"

static void link_add(uint32_t links[DISK_LINKS], uint32_t dev)
{
	for (int i = 0; i < DISK_LINKS - 1; i++) {
		if (links[i] == dev)
			return;
		if (!links[i]) {
			links[i] = dev;
			return;
		}
	}
}

static struct disk *find(struct disks *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].name, name))
			return &d->v[i];
	return NULL;
}

const struct disk *disks_by_name(const struct disks *d, const char *name)
{
	return find((struct disks *)d, name);
}

const struct disk *disks_by_dev(const struct disks *d, uint32_t dev)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].dev == dev)
			return &d->v[i];
	return NULL;
}

/* The name of the whole disk: /sys/dev/block links to the disk or to its partition. */
static bool disk_name_of(const struct disks *d, uint32_t dev, char *name, size_t size)
{
	char path[PATH_MAX], real[PATH_MAX], *slash, attr[PATH_MAX + 16];

	disk_path(d, path, "/sys/dev/block/%u:%u", dev >> 20, dev & 0xfffff);
	if (!realpath(path, real))
		return false;
	snprintf(attr, sizeof(attr), "%s/partition", real);
	slash = strrchr(real, '/');
	if (!access(attr, F_OK)) {
		*slash = 0;
		slash = strrchr(real, '/');
	}
	snprintf(name, size, "%s", slash + 1);
	return true;
}

const struct disk *disks_of_device(const struct disks *d, uint32_t dev)
{
	const struct disk *disk = disks_by_dev(d, dev);
	char name[DISK_NAME];

	if (disk || !disk_name_of(d, dev, name, sizeof(name)))
		return disk;
	return disks_by_name(d, name);
}

static int disk_append(struct disks *d, const struct disk *disk)
{
	struct disk *v = grow_by_one(d->v, d->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	d->v = v;
	d->v[d->n++] = *disk;
	return 0;
}

/* dm, md, bcache: the disks of the devices under slaves/. */
static void read_slaves(struct disks *d, struct disk *disk)
{
	char path[PATH_MAX], line[64];
	unsigned int maj, min;
	struct dirent *de;
	DIR *dir;

	disk_path(d, path, "/sys/block/%s/slaves", disk->name);
	dir = opendir(path);
	if (!dir)
		return;
	while ((de = readdir(dir))) {
		const struct disk *below;

		if (de->d_name[0] == '.')
			continue;
		disk_path(d, path, "/sys/block/%s/slaves/%s/dev", disk->name, de->d_name);
		if (!disk_read_line(path, line, sizeof(line)) || sscanf(line, "%u:%u", &maj, &min) != 2)
			continue;
		below = disks_of_device(d, KERNEL_DEV(maj, min));
		if (below)
			link_add(disk->below, below->dev);
	}
	closedir(dir);
}

/* nvme0c1n1 is a path to nvme0n1. Before 6.15 sysfs has no link between them. */
static void read_path(struct disks *d, const struct disk *disk)
{
	unsigned int subsystem, controller, ns;
	char name[DISK_NAME];
	struct disk *head;
	int end = 0;

	if (sscanf(disk->name, "nvme%uc%un%u%n", &subsystem, &controller, &ns, &end) != 3 ||
	    disk->name[end])
		return;
	snprintf(name, sizeof(name), "nvme%un%u", subsystem, ns);
	head = find(d, name);
	if (head)
		link_add(head->below, disk->dev);
}

static void read_backing(struct disks *d, const struct mounts *m, struct disk *disk)
{
	const struct disk *below = disks_of_device(d, disk->backing_dev);

	for (size_t i = 0; !below && i < m->n; i++)
		if (m->v[i].dev == disk->backing_dev && m->v[i].source)
			below = disks_of_device(d, m->v[i].source);
	if (below)
		link_add(disk->below, below->dev);
}

/*
 * Keeps disks that were removed since the last scan, with the disks below them, and the disk
 * below a loop device that was detached. A device number in use again belongs to the new disk.
 */
static int keep_gone(struct disks *d, const struct disks *before)
{
	int err = 0;

	for (size_t i = 0; !err && i < before->n; i++) {
		const struct disk *old = &before->v[i];
		struct disk *now = (struct disk *)disks_by_dev(d, old->dev);

		if (!now) {
			err = disk_append(d, old);
			if (!err)
				d->v[d->n - 1].gone = true;
		} else if (old->backing_dev && !now->backing_dev && !strcmp(now->name, old->name)) {
			memcpy(now->below, old->below, sizeof(now->below));
			now->backing_ino = old->backing_ino;
			now->backing_dev = old->backing_dev;
		}
	}
	return err;
}

static void link_disks(struct disks *d)
{
	for (size_t i = 0; i < d->n; i++)
		memset(d->v[i].above, 0, sizeof(d->v[i].above));
	for (size_t i = 0; i < d->n; i++) {
		d->v[i].leaf = !d->v[i].below[0];
		for (int j = 0; j < DISK_LINKS && d->v[i].below[j]; j++) {
			struct disk *b = (struct disk *)disks_by_dev(d, d->v[i].below[j]);

			if (b)
				link_add(b->above, d->v[i].dev);
		}
	}
}

static int scan_names(struct disks *d)
{
	char path[PATH_MAX];
	struct dirent *de;
	struct disk disk;
	int err = 0;
	DIR *dir;

	disk_path(d, path, "/sys/block");
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!err && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			err = disk_read(d, de->d_name, &disk) ? disk_append(d, &disk) : 0;
	closedir(dir);
	return err;
}

int disks_scan(struct disks *d)
{
	struct disks now = { .root = d->root };
	struct mounts m = { 0 };
	int err = scan_names(&now);

	if (!err) {
		mounts_read(&m);
		for (size_t i = 0; i < now.n; i++) {
			read_slaves(&now, &now.v[i]);
			read_path(&now, &now.v[i]);
			if (now.v[i].backing_dev)
				read_backing(&now, &m, &now.v[i]);
		}
		mounts_free(&m);
		err = keep_gone(&now, d);
	}
	if (err) {
		disks_free(&now);
		return err;
	}
	link_disks(&now);
	disks_free(d);
	*d = now;
	return 0;
}

void disks_free(struct disks *d)
{
	free(d->v);
	memset(d, 0, sizeof(*d));
}
