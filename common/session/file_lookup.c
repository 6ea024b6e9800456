/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_lookup - the name of a file: where its path is mounted, and whether it is still there. */
#include "session/file_lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "machine/file_path.h"

#define MAGIC_EXT	0xef53		/* ext2 to ext4 */
#define MAGIC_XFS	0x58465342
/* Kinds of file handle: FILEID_INO32_GEN, inode number and generation; XFS' with 64 bits. */
#define HANDLE_INO32	1
#define HANDLE_INO64	0x81

/* ---- is it still there ---- */

/* Is the file at a path of that generation? Inode numbers are given again. */
static bool same_generation(const char *path, const struct file_entry *e)
{
	struct {
		struct file_handle head;
		uint32_t word[MAX_HANDLE_SZ / sizeof(uint32_t)];
	} h = { .head = { .handle_bytes = MAX_HANDLE_SZ } };
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &h.head, &mount, 0))
		return true;
	switch (h.head.handle_type) {
	case HANDLE_INO32:
		return h.word[1] == e->key.generation;
	case HANDLE_INO64:
		return h.word[2] == e->key.generation;
	}
	return true;	/* the handles of other file systems are not known to us */
}

/* Does a path, seen from `root` ("": here), lead to that inode? */
static bool leads_to(const char *root, const char *path, const struct file_entry *e)
{
	char full[PATH_MAX + 64];
	struct stat st;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full) ||
	    lstat(full, &st))
		return false;
	/* overlayfs reports inode numbers of its own, or those of the file below */
	if (e->path_dev != e->key.dev)
		return true;
	return st.st_ino == e->path_ino && same_generation(full, e);
}

/*
 * The file is not at its path any more: was it renamed, or deleted? ext4 and XFS open a file by its
 * numbers alone, so that its link count can be read. On other file systems it counts as deleted.
 */
static bool exists(const struct file_entry *e, const char *mount)
{
	struct {
		struct file_handle head;
		uint32_t ino, generation;
	} h = {
		.head = { .handle_bytes = 2 * sizeof(uint32_t), .handle_type = HANDLE_INO32 },
		.ino = (uint32_t)e->key.ino, .generation = e->key.generation,
	};
	int dir = open(mount, O_RDONLY | O_NONBLOCK | O_CLOEXEC), fd = -1;
	struct statfs fs;
	struct stat st;
	bool found;

	if (dir >= 0 && !fstatfs(dir, &fs) && e->key.ino <= UINT32_MAX &&
	    (fs.f_type == MAGIC_EXT || fs.f_type == MAGIC_XFS))
		fd = open_by_handle_at(dir, &h.head, O_PATH | O_CLOEXEC);
	found = fd >= 0 && !fstat(fd, &st) && st.st_nlink;
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return found;
}

static const char *any_mount(const struct mounts *m, uint32_t dev)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].dev == dev)
			return m->v[i].path;
	return NULL;
}

/* ---- names ---- */

/* The name of the node of a block device, below /dev; its number if it has none. */
static void node_name(const struct storage *st, uint32_t dev, char *buf, size_t size)
{
	char path[64], line[PATH_MAX], node[DISK_NAME] = "";
	const struct disk *d = disks_by_dev(&st->disks, dev);
	FILE *f;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/uevent", dev >> 20, dev & 0xfffff);
	f = fopen(path, "re");
	while (f && !*node && fgets(line, sizeof(line), f))
		sscanf(line, "DEVNAME=%63s", node);
	if (f)
		fclose(f);
	if (*node || d)
		snprintf(buf, size, "%s", *node ? node : d->name);
	else
		snprintf(buf, size, "%u:%u", dev >> 20, dev & 0xfffff);
}

/* A file system without a known mount is named by its device. */
static void name_origin(const struct storage *st, uint32_t dev, char *buf, size_t size)
{
	/* btrfs and others have a device number of their own */
	for (size_t i = 0; !(dev >> 20) && i < st->mounts.n; i++)
		if (st->mounts.v[i].dev == dev && st->mounts.v[i].source)
			dev = st->mounts.v[i].source;
	node_name(st, dev, buf, size);
}

/* The first path by the mounts of `v` that leads to the file; if none does, *any is the first that should. */
static int find_place(const struct namespace_view *v, const struct file_entry *e, const char *inside,
		      char **out, char **any)
{
	char *path;
	int err;

	*out = NULL;
	for (unsigned int n = 0;; n++) {
		err = file_path_join(&v->mounts, e->path_dev, inside, n, &path);
		if (err || !path)
			return err;
		if (leads_to(v->root, path, e)) {
			*out = path;
			return 0;
		}
		if (*any)
			free(path);
		else
			*any = path;
	}
}

/* The same in other namespaces: a container has mounts of its own. */
static int find_elsewhere(struct file_lookup *l, const struct file_entry *e, const char *inside,
			  char **out, char **any)
{
	int err = namespaces_read(&l->namespaces);

	for (size_t i = 0; !err && !*out && i < l->namespaces.n; i++)
		err = find_place(&l->namespaces.v[i], e, inside, out, any);
	return err;
}

static int name_path(struct file_lookup *l, const struct file_entry *e, const char *inside, char **out)
{
	const struct storage *st = l->storage;
	const struct namespace_view here = { .mounts = st->mounts }, before = { .mounts = st->gone };
	const char *mount = any_mount(&st->mounts, e->key.dev);
	char *found = NULL, *any = NULL, origin[DISK_NAME];
	int err = find_place(&here, e, inside, &found, &any);

	if (!err && !found && !any)
		err = find_elsewhere(l, e, inside, &found, &any);
	if (!err && !found && !any)
		err = find_place(&before, e, inside, &found, &any);
	if (err || found) {
		free(any);
		*out = found;
		return err;
	}
	if (any) {
		err = asprintf(out, "%s%s", any, mount && exists(e, mount) ? "" : FILE_PATH_DELETED) < 0;
	} else {
		name_origin(st, e->path_dev, origin, sizeof(origin));
		err = asprintf(out, "%s:%s", origin, inside) < 0;
	}
	free(any);
	return err ? -ENOMEM : 0;
}

int file_lookup_name(struct file_lookup *l, const struct file_entry *e, char **out)
{
	const struct storage *st = l->storage;
	char *inside, origin[DISK_NAME];
	int err;

	if (e->block) {
		node_name(st, e->key.dev, origin, sizeof(origin));
		return asprintf(out, "/dev/%s", origin) < 0 ? -ENOMEM : 0;
	}
	err = file_path_inside(e, &inside);
	if (err)
		return err;
	if (inside && !e->cut) {
		err = name_path(l, e, inside, out);
		free(inside);
		return err;
	}
	name_origin(st, e->path_dev, origin, sizeof(origin));
	if (inside)
		err = asprintf(out, "%s:%s", origin, inside) < 0;
	else
		err = asprintf(out, "inode %llu on %s", (unsigned long long)e->key.ino, origin) < 0;
	free(inside);
	return err ? -ENOMEM : 0;
}

void file_lookup_close(struct file_lookup *l)
{
	namespaces_free(&l->namespaces);
}
