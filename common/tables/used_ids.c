/* SPDX-License-Identifier: GPL-3.0-or-later */
/* used_ids - the actors, or files, that counters and dirty pages name. */
#include "tables/used_ids.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
	const __u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

static void sort_once(struct used_ids *u)
{
	size_t w = 0;

	qsort(u->v, u->n, sizeof(*u->v), by_id);
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i] && (!w || u->v[w - 1] != u->v[i]))
			u->v[w++] = u->v[i];
	u->n = w;
}

static int collect(struct used_ids *out, const struct counts *c, const struct pending_list *p, bool files)
{
	__u32 *v = calloc(c->n + p->n + 1, sizeof(*v));

	memset(out, 0, sizeof(*out));
	if (!v)
		return -ENOMEM;
	out->v = v;
	for (size_t i = 0; i < c->n; i++)
		v[out->n++] = files ? c->v[i].key.file : c->v[i].key.actor;
	for (size_t i = 0; i < p->n; i++)
		v[out->n++] = files ? p->v[i].file : p->v[i].actor;
	sort_once(out);
	return 0;
}

int used_ids_actors(struct used_ids *out, const struct counts *c, const struct pending_list *p)
{
	return collect(out, c, p, false);
}

int used_ids_files(struct used_ids *out, const struct counts *c, const struct pending_list *p)
{
	return collect(out, c, p, true);
}

bool used_ids_has(const struct used_ids *u, __u32 id)
{
	return u->n && bsearch(&id, u->v, u->n, sizeof(*u->v), by_id);
}

void used_ids_free(struct used_ids *u)
{
	free(u->v);
	memset(u, 0, sizeof(*u));
}
