/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_names - names for rows by file. */
#include "session/file_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "session/file_lookup.h"
#include "tables/sample.h"

/* ---- which are the same ---- */

static int by_identity(const struct file_names_entry *x, const struct file_names_entry *y)
{
	const struct file_key *a = &x->key, *b = &y->key;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->generation != b->generation)
		return a->generation < b->generation ? -1 : 1;
	/* btrfs: subvolumes repeat inode numbers and generations; names differ */
	return strcmp(x->file.name, y->file.name);
}

static int by_identity_and_id(const void *a, const void *b)
{
	const struct file_names_entry *x = *(struct file_names_entry *const *)a;
	const struct file_names_entry *y = *(struct file_names_entry *const *)b;
	int order = by_identity(x, y);

	return order ? order : x->file.id < y->file.id ? -1 : 1;
}

/* Ids of the same file get the lowest of them as `first`: an inode may return with another id. */
static int join_same(struct file_names *fn)
{
	struct file_names_entry **v = calloc(fn->n ? fn->n : 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < fn->n; i++)
		v[i] = &fn->v[i];
	qsort(v, fn->n, sizeof(*v), by_identity_and_id);
	for (size_t i = 0; i < fn->n; i++)
		v[i]->file.first = i && !by_identity(v[i - 1], v[i]) ? v[i - 1]->file.first :
				   v[i]->file.id;
	free(v);
	return 0;
}

/* ---- those of a window ---- */

/* One round of naming. */
struct naming {
	struct file_names *names;
	const struct engine *engine;
	struct file_lookup lookup;
	time_t now;
	bool changed;	/* a name is new: join_same() must run again */
};

#define NAME_FRESH_S 10	/* an older name is looked up again: files are renamed and deleted */

static int by_id(const void *a, const void *b)
{
	const struct file_names_entry *x = a, *y = b;

	return x->file.id < y->file.id ? -1 : x->file.id > y->file.id;
}

static struct file_names_entry *find(struct file_names *fn, size_t n, __u32 id)
{
	const struct file_names_entry want = { .file = { .id = id } };

	return n ? bsearch(&want, fn->v, n, sizeof(want), by_id) : NULL;
}

/* Room for one more at the end; the order by id is restored later. */
static struct file_names_entry *add(struct file_names *fn)
{
	struct file_names_entry *v = grow_by_one(fn->v, fn->n, sizeof(*v));

	if (!v)
		return NULL;
	fn->v = v;
	v = &fn->v[fn->n++];
	memset(v, 0, sizeof(*v));
	return v;
}

/* Names a file that has no name or an old one. `known`: entries of the list that are sorted. */
static int name_one(struct naming *nm, size_t known, __u32 id)
{
	struct file_names *fn = nm->names;
	struct file_names_entry *f = find(fn, known, id);
	struct file_entry e;
	char *name = NULL;
	int err;

	if (f && nm->now - f->named_at < NAME_FRESH_S)
		return 0;
	err = sample_file(nm->engine, id, &e);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = file_lookup_name(&nm->lookup, &e, &name);
	if (!err && !f) {
		f = add(fn);
		err = f ? 0 : -ENOMEM;
	}
	if (err) {
		free(name);
		return err;
	}
	nm->changed |= !f->file.name || strcmp(f->file.name, name);
	free((void *)f->file.name);
	f->file.id = id;
	f->file.name = name;
	f->key = e.key;
	f->named_at = nm->now;
	return 0;
}

/* The ledger takes an array of its own type. */
static int list_files(struct file_names *fn)
{
	struct ledger_file *v = realloc(fn->files, (fn->n ? fn->n : 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	fn->files = v;
	for (size_t i = 0; i < fn->n; i++)
		v[i] = fn->v[i].file;
	fn->nr_files = fn->n;
	return 0;
}

#define NAMED_MANY	4	/* times the kernel table: with more names, those of unused files are dropped */

/* Keeps only the names of files that this window used. A file that returns is named again. */
static void forget_names(struct file_names *fn, const struct used_ids *used)
{
	size_t w = 0;

	for (size_t i = 0; i < fn->n; i++) {
		if (used_ids_has(used, fn->v[i].file.id))
			fn->v[w++] = fn->v[i];
		else
			free((void *)fn->v[i].file.name);
	}
	fn->n = w;
}

int file_names_of_window(struct file_names *fn, const struct engine *e, struct storage *st,
			 const struct used_ids *used)
{
	struct naming nm = { .names = fn, .engine = e, .lookup.storage = st };
	struct timespec now;
	size_t known;
	int err;

	if (fn->n > (size_t)NAMED_MANY * e->text.file_entries) {
		forget_names(fn, used);
		nm.changed = true;
	}
	known = fn->n;
	clock_gettime(CLOCK_MONOTONIC, &now);
	nm.now = now.tv_sec;
	err = storage_read_mounts(st) == -ENOMEM ? -ENOMEM : 0;
	for (size_t i = 0; !err && i < used->n; i++)
		err = name_one(&nm, known, used->v[i]);
	if (fn->n > known)
		qsort(fn->v, fn->n, sizeof(*fn->v), by_id);
	if (!err && nm.changed)
		err = join_same(fn);
	if (!err)
		err = list_files(fn);
	file_lookup_close(&nm.lookup);
	return err;
}

uint32_t file_names_newest(const struct file_names *fn)
{
	return fn->n ? fn->v[fn->n - 1].file.id : 0;
}

void file_names_free(struct file_names *fn)
{
	for (size_t i = 0; i < fn->n; i++)
		free((void *)fn->v[i].file.name);
	free(fn->v);
	free(fn->files);
}
