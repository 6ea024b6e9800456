/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_files - names for rows by file: where the paths that the kernel side
 * noted are mounted, and whether the files are still there.
 */
#include "session/session_internal.h"

#include <dirent.h>
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

#define DELETED		" (deleted)"
#define MAGIC_EXT	0xef53		/* ext2 to ext4 */
#define MAGIC_XFS	0x58465342
/* Kinds of file handle: FILEID_INO32_GEN, inode number and generation; XFS' with 64 bits. */
#define HANDLE_INO32	1
#define HANDLE_INO64	0x81

/* ---- is it still there ---- */

/* Whether the file at a path is of that generation: numbers are given again. */
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
	return true;	/* file systems of which we do not know */
}

/* Whether a path, seen from `root` ("": here), leads to that inode. */
static bool leads_to(const char *root, const char *path, const struct file_entry *e)
{
	char full[PATH_MAX + 64];
	struct stat st;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full) ||
	    lstat(full, &st))
		return false;
	/* overlayfs shows numbers of its own or those of the file below */
	if (e->path_dev != e->key.dev)
		return true;
	return st.st_ino == e->path_ino && same_generation(full, e);
}

/*
 * The file has left its path: renamed, or deleted? Where numbers alone open a
 * file the file system knows; elsewhere it counts as deleted.
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

/* ---- other mount namespaces ---- */

/* The mounts of one, and where a process of it sees its root. */
struct view {
	struct mounts mounts;
	ino_t namespace;
	char root[64];
};
struct namer {
	const struct session *s;
	struct view *views;	/* of the namespaces that are not ours, when one was needed */
	size_t n;
	bool looked;
};

static int view_add(struct namer *nm, uint32_t pid, ino_t namespace)
{
	struct view *v;
	struct mounts m;

	for (size_t i = 0; i < nm->n; i++)
		if (nm->views[i].namespace == namespace)
			return 0;
	if (mounts_read_of(&m, pid))
		return 0;	/* it has just ended: another of it may do */
	v = realloc(nm->views, (nm->n + 1) * sizeof(*v));
	if (!v) {
		mounts_free(&m);
		return -ENOMEM;
	}
	nm->views = v;
	v += nm->n++;
	v->mounts = m;
	v->namespace = namespace;
	snprintf(v->root, sizeof(v->root), "/proc/%u/root", pid);
	return 0;
}

/* One process of each namespace speaks for it: the one that used a file may have ended. */
static int look_around(struct namer *nm)
{
	char path[64];
	struct stat own, st;
	struct dirent *e;
	uint32_t pid;
	DIR *proc = NULL;
	int err = 0;

	if (!nm->looked && !stat("/proc/self/ns/mnt", &own))
		proc = opendir("/proc");
	nm->looked = true;
	while (proc && !err && (e = readdir(proc))) {
		if (sscanf(e->d_name, "%u", &pid) != 1)
			continue;
		snprintf(path, sizeof(path), "/proc/%u/ns/mnt", pid);
		if (!stat(path, &st) && st.st_ino != own.st_ino)
			err = view_add(nm, pid, st.st_ino);
	}
	if (proc)
		closedir(proc);
	return err;
}

static void namer_free(struct namer *nm)
{
	for (size_t i = 0; i < nm->n; i++)
		mounts_free(&nm->views[i].mounts);
	free(nm->views);
}

/* ---- names ---- */

/* The name of a block device's node, below /dev; by its number when it has none. */
static void node_name(const struct session *s, uint32_t dev, char *buf, size_t size)
{
	char path[64], line[PATH_MAX], node[DISK_NAME] = "";
	const struct disk *d = disks_by_dev(&s->storage.disks, dev);
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

/* Its file system, where no mount is known: by the device. */
static void name_origin(const struct session *s, uint32_t dev, char *buf, size_t size)
{
	/* btrfs and its like have a device number of their own */
	for (size_t i = 0; !(dev >> 20) && i < s->storage.mounts.n; i++)
		if (s->storage.mounts.v[i].dev == dev && s->storage.mounts.v[i].source)
			dev = s->storage.mounts.v[i].source;
	node_name(s, dev, buf, size);
}

/* The first place in `m` where the file is; else *any is set to the first where it should be. */
static int find_place(const struct mounts *m, const char *root, const struct file_entry *e,
		      const char *inside, char **out, char **any)
{
	char *path;
	int err;

	*out = NULL;
	for (unsigned int n = 0;; n++) {
		err = paths_join(m, e->path_dev, inside, n, &path);
		if (err || !path)
			return err;
		if (leads_to(root, path, e)) {
			*out = path;
			return 0;
		}
		if (*any)
			free(path);
		else
			*any = path;
	}
}

/* The same in the other namespaces: a container has mounts of its own. */
static int find_elsewhere(struct namer *nm, const struct file_entry *e, const char *inside,
			  char **out, char **any)
{
	int err = look_around(nm);

	for (size_t i = 0; !err && !*out && i < nm->n; i++)
		err = find_place(&nm->views[i].mounts, nm->views[i].root, e, inside, out, any);
	return err;
}

static int name_path(struct namer *nm, const struct file_entry *e, const char *inside, char **out)
{
	const struct session *s = nm->s;
	const char *mount = any_mount(&s->storage.mounts, e->key.dev);
	char *found = NULL, *any = NULL, origin[DISK_NAME];
	int err = find_place(&s->storage.mounts, "", e, inside, &found, &any);

	if (!err && !found && !any)
		err = find_elsewhere(nm, e, inside, &found, &any);
	if (!err && !found && !any)
		err = find_place(&s->storage.gone, "", e, inside, &found, &any);
	if (err || found) {
		free(any);
		*out = found;
		return err;
	}
	if (any) {
		err = asprintf(out, "%s%s", any, mount && exists(e, mount) ? "" : DELETED) < 0;
	} else {
		name_origin(s, e->path_dev, origin, sizeof(origin));
		err = asprintf(out, "%s:%s", origin, inside) < 0;
	}
	free(any);
	return err ? -ENOMEM : 0;
}

static int name_file(struct namer *nm, const struct file_entry *e, char **out)
{
	const struct session *s = nm->s;
	char *inside, origin[DISK_NAME];
	int err;

	if (e->block) {
		node_name(s, e->key.dev, origin, sizeof(origin));
		return asprintf(out, "/dev/%s", origin) < 0 ? -ENOMEM : 0;
	}
	err = paths_inside(e, &inside);
	if (err)
		return err;
	if (inside && !e->cut) {
		err = name_path(nm, e, inside, out);
		free(inside);
		return err;
	}
	name_origin(s, e->path_dev, origin, sizeof(origin));
	if (inside)
		err = asprintf(out, "%s:%s", origin, inside) < 0;
	else
		err = asprintf(out, "inode %llu on %s", (unsigned long long)e->key.ino, origin) < 0;
	free(inside);
	return err ? -ENOMEM : 0;
}

/* ---- which are the same ---- */

static int by_identity(const struct named_file *x, const struct named_file *y)
{
	const struct file_key *a = &x->key, *b = &y->key;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->generation != b->generation)
		return a->generation < b->generation ? -1 : 1;
	/* btrfs: numbers repeat over the subvolumes, with the generation; names do not */
	return strcmp(x->file.name, y->file.name);
}

static int named_order(const void *a, const void *b)
{
	const struct named_file *x = *(struct named_file *const *)a;
	const struct named_file *y = *(struct named_file *const *)b;
	int order = by_identity(x, y);

	return order ? order : x->file.id < y->file.id ? -1 : 1;
}

static int join_same(struct named_files *nf)
{
	struct named_file **v = calloc(nf->n ? nf->n : 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < nf->n; i++)
		v[i] = &nf->v[i];
	qsort(v, nf->n, sizeof(*v), named_order);
	for (size_t i = 0; i < nf->n; i++)
		v[i]->file.first = i && !by_identity(v[i - 1], v[i]) ? v[i - 1]->file.first :
				   v[i]->file.id;
	free(v);
	return 0;
}

/* ---- those of a window ---- */

#define NAME_FRESH_S 10	/* a name is looked up again when it is older: files are renamed and deleted */

static int named_by_id(const void *a, const void *b)
{
	const struct named_file *x = a, *y = b;

	return x->file.id < y->file.id ? -1 : x->file.id > y->file.id;
}

static struct named_file *find_named(struct named_files *nf, size_t n, __u32 id)
{
	const struct named_file want = { .file = { .id = id } };

	return n ? bsearch(&want, nf->v, n, sizeof(want), named_by_id) : NULL;
}

/* Room for one more at the end; the order by id is restored later. */
static struct named_file *named_new(struct named_files *nf)
{
	struct named_file *v;

	if (nf->n == nf->cap) {
		size_t cap = nf->cap ? nf->cap * 2 : 256;

		v = realloc(nf->v, cap * sizeof(*v));
		if (!v)
			return NULL;
		nf->v = v;
		nf->cap = cap;
	}
	v = &nf->v[nf->n++];
	memset(v, 0, sizeof(*v));
	return v;
}

/* *changed: what is the same file must be found again. */
static int name_one(struct namer *nm, struct named_files *nf, size_t known, __u32 id, time_t now,
		    bool *changed)
{
	struct named_file *f = find_named(nf, known, id);
	struct file_entry e;
	char *name = NULL;
	int err;

	if (f && now - f->asked < NAME_FRESH_S)
		return 0;
	err = sample_file(&nm->s->engine, id, &e);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = name_file(nm, &e, &name);
	if (!err && !f) {
		f = named_new(nf);
		err = f ? 0 : -ENOMEM;
	}
	if (err) {
		free(name);
		return err;
	}
	*changed |= !f->file.name || strcmp(f->file.name, name);
	free((void *)f->file.name);
	f->file.id = id;
	f->file.name = name;
	f->key = e.key;
	f->asked = now;
	return 0;
}

/* The ledger wants them by themselves. */
static int list_files(struct session *s)
{
	struct named_files *nf = &s->named;
	struct ledger_file *v = realloc(s->files, (nf->n ? nf->n : 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	s->files = v;
	for (size_t i = 0; i < nf->n; i++)
		v[i] = nf->v[i].file;
	s->nr_files = nf->n;
	return 0;
}

#define NAMED_MANY	4	/* times the table of the kernel side: names of files long unused go */

/* Keeps the names of this window's files alone; a file that comes back is named again. */
static void forget_names(struct named_files *nf, const struct used_ids *used)
{
	size_t w = 0;

	for (size_t i = 0; i < nf->n; i++) {
		if (used_ids_has(used, nf->v[i].file.id))
			nf->v[w++] = nf->v[i];
		else
			free((void *)nf->v[i].file.name);
	}
	nf->n = w;
}

int session_files(struct session *s)
{
	struct namer nm = { .s = s };
	size_t known;
	bool changed = false;
	struct timespec now;
	struct used_ids used;
	int err = used_ids_files(&used, &s->window, &s->pending);

	if (!err && s->named.n > (size_t)NAMED_MANY * s->engine.text.file_entries) {
		forget_names(&s->named, &used);
		changed = true;
	}
	known = s->named.n;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!err && storage_read_mounts(&s->storage) == -ENOMEM)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < used.n; i++)
		err = name_one(&nm, &s->named, known, used.v[i], now.tv_sec, &changed);
	if (s->named.n > known)
		qsort(s->named.v, s->named.n, sizeof(*s->named.v), named_by_id);
	if (!err && changed)
		err = join_same(&s->named);
	if (!err)
		err = list_files(s);
	namer_free(&nm);
	used_ids_free(&used);
	return err;
}

void session_files_free(struct session *s)
{
	for (size_t i = 0; i < s->named.n; i++)
		free((void *)s->named.v[i].file.name);
	free(s->named.v);
	free(s->files);
}
