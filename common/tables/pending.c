/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pending - dirty bytes of each owner and file, from the kernel side's table of pages. */
#include "tables/pending.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/grow.h"

static bool same_pending(const struct pending *a, const struct pending *b)
{
	return a->actor == b->actor && a->file == b->file;
}

static int by_owner(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;

	if (x->actor != y->actor)
		return x->actor < y->actor ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

/* Neighbours in memory mostly belong to one owner; pending_merge() adds up the rest. */
static int add(struct pending_list *l, const struct pending *p)
{
	struct pending *v;

	if (l->n && same_pending(&l->v[l->n - 1], p)) {
		l->v[l->n - 1].bytes += p->bytes;
		return 0;
	}
	v = grow_by_one(l->v, l->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = *p;
	return 0;
}

void pending_merge(struct pending_list *l)
{
	size_t w = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_owner);
	for (size_t i = 0; i < l->n; i++) {
		if (w && same_pending(&l->v[w - 1], &l->v[i]))
			l->v[w - 1].bytes += l->v[i].bytes;
		else
			l->v[w++] = l->v[i];
	}
	l->n = w;
}

static int note(struct pending_list *l, const struct page_owner *o)
{
	const struct pending p = { o->actor, o->flags >> PAGE_FILE_SHIFT, o->bytes };

	return o->page && (o->flags & PAGE_F_MASK) == PAGE_F_DATA ? add(l, &p) : 0;
}

/* The array of slots is mapped into memory: it is too long for a system call per slot. */
static int note_slots(const struct engine *e, struct pending_list *l)
{
	size_t slots = e->text.page_entries, size = slots * sizeof(struct page_owner);
	const struct page_owner *o = mmap(NULL, size, PROT_READ, MAP_SHARED, e->maps[MAP_PAGES], 0);
	int err = 0;

	if (o == MAP_FAILED)
		return -errno;
	for (size_t i = 0; !err && i < slots; i++)
		err = note(l, &o[i]);
	munmap((void *)o, size);
	return err;
}

int pending_read(const struct engine *e, struct pending_list *out)
{
	int fd = e->maps[MAP_MORE_PAGES], err;
	__u64 key, *last = NULL;
	struct page_owner o;

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return -ENOTSUP;
	err = note_slots(e, out);
	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (!bpf_map_lookup_elem(fd, &key, &o))
			err = note(out, &o);
	}
	pending_merge(out);
	return err;
}

void pending_free(struct pending_list *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}
