/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event_files - names for the files of events. */
#include "tables/event_files.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "probes/abi.h"

#define SLOTS 4096	/* one name each; a collision costs another look at /proc */

/* A file by both its device numbers: events below the block layer carry that of the disk. */
struct file_slot {
	uint64_t ino;
	uint32_t dev, disk;
	bool full;	/* the name is a whole path */
	char *name;
};
struct event_files {
	int names;
	const struct disks *disks;
	struct file_slot slot[SLOTS];
};

int event_files_open(struct event_files **out, int names, const struct disks *disks)
{
	struct event_files *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->names = names;
	f->disks = disks;
	*out = f;
	return 0;
}

void event_files_close(struct event_files *f)
{
	if (!f)
		return;
	for (int i = 0; i < SLOTS; i++)
		free(f->slot[i].name);
	free(f);
}

static bool path_of_fd(uint32_t pid, int fd, uint64_t ino, char *path, size_t size)
{
	char link[64];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%u/fd/%d", pid, fd);
	if (stat(link, &st) || st.st_ino != ino)
		return false;
	n = readlink(link, path, size - 1);
	if (n <= 0)
		return false;
	path[n] = 0;
	return true;
}

static bool last_part(const struct event_files *f, uint32_t dev, uint64_t ino, char *path, size_t size)
{
	struct inode_key k = { .ino = ino, .dev = dev };
	struct file_name name;

	if (f->names < 0 || bpf_map_lookup_elem(f->names, &k, &name))
		return false;
	snprintf(path, size, "%.*s", (int)sizeof(name.name), name.name);
	return *path;
}

static uint32_t disk_dev_of(const struct event_files *f, uint32_t dev)
{
	const struct disk *d = disks_of_device(f->disks, dev);

	return d ? d->dev : dev;
}

const char *event_files_name(struct event_files *f, uint32_t dev, uint64_t ino, uint32_t pid, int fd)
{
	struct file_slot *k = &f->slot[ino % SLOTS];
	bool same = k->name && k->ino == ino && (k->dev == dev || k->disk == dev);
	char path[PATH_MAX];
	bool full;

	if (!ino || !dev)
		return NULL;
	if (same && (k->full || fd < 0))
		return k->name;
	full = pid && fd >= 0 && path_of_fd(pid, fd, ino, path, sizeof(path));
	if (!full && !last_part(f, dev, ino, path, sizeof(path)))
		return same ? k->name : NULL;
	free(k->name);
	k->name = strdup(path);
	k->full = full;
	k->ino = ino;
	k->dev = dev;
	k->disk = disk_dev_of(f, dev);
	return k->name;
}
