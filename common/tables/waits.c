/* SPDX-License-Identifier: GPL-3.0-or-later */
/* waits - the kernel side's table of waits at both ends of a window, and the waits retired from it. */
#include "tables/waits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int keep(struct wait_list *l, const struct lat_entry *e)
{
	struct lat_entry *v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n++] = *e;
	return 0;
}

static int read_waits(const struct waits *w, const struct engine *e, struct wait_list *out)
{
	const struct wait_list *kept = &w->retired;
	struct lat_entry *v;
	int err;

	free(out->v);
	memset(out, 0, sizeof(*out));
	if (!e->text.latency)
		return 0;
	err = sample_latency(e, &out->v, &out->n);
	if (err || !kept->n)
		return err;
	v = realloc(out->v, (out->n + kept->n) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v + out->n, kept->v, kept->n * sizeof(*v));
	out->v = v;
	out->n = latency_merge(v, out->n + kept->n);
	return 0;
}

int waits_begin(struct waits *w, const struct engine *e)
{
	return read_waits(w, e, &w->base);
}

int waits_end(struct waits *w, const struct engine *e)
{
	return read_waits(w, e, &w->end);
}

void waits_next(struct waits *w)
{
	free(w->before.v);
	w->before = w->base;
	w->base = w->end;
	memset(&w->end, 0, sizeof(w->end));
}

size_t waits_of_window(const struct waits *w, struct lat_entry *out)
{
	if (w->end.n)
		memcpy(out, w->end.v, w->end.n * sizeof(*out));
	return latency_subtract(out, w->end.n, w->base.v, w->base.n);
}

int waits_retire_midway(struct waits *w, const struct engine *e, const struct departed *d)
{
	struct lat_entry *v = NULL;
	size_t n = 0;
	int err = e->text.latency ? sample_latency(e, &v, &n) : 0;

	if (n >= e->text.lat_entries / TABLE_PART)
		for (size_t i = 0; !err && i < n; i++)
			if (departed_ended(d, e, v[i].key.actor) && sample_latency_take(e, &v[i]))
				err = keep(&w->retired, &v[i]);
	w->retired.n = latency_merge(w->retired.v, w->retired.n);
	free(v);
	return err;
}

static bool is_idle(const struct lat_entry *e, const struct wait_list *was)
{
	const struct lat_entry *old = was->n ? bsearch(e, was->v, was->n, sizeof(*e), latency_compare) : NULL;

	return old && !memcmp(&old->val, &e->val, sizeof(e->val));
}

/* Waits counted between reading and deleting the entry belong to the window that begins. */
static int take(struct waits *w, const struct engine *e, const struct lat_entry *seen, bool *taken)
{
	struct lat_entry now = *seen;

	*taken = sample_latency_take(e, &now);
	return *taken && latency_subtract(&now, 1, seen, 1) ? keep(&w->retired, &now) : 0;
}

int waits_retire(struct waits *w, const struct engine *e, const struct departed *d)
{
	struct wait_list *base = &w->base;
	unsigned int entries = e->text.lat_entries;
	size_t left = 0, n;
	int err = 0;

	/* the retired waits belonged to the window that ended */
	base->n = latency_subtract(base->v, base->n, w->retired.v, w->retired.n);
	w->retired.n = 0;
	n = base->n;
	for (size_t i = 0; i < n; i++) {
		bool go = !err && n >= entries / TABLE_PART && base->v[i].key.actor != ACTOR_UNATTRIBUTED &&
			  (departed_ended(d, e, base->v[i].key.actor) ||
			   (n >= entries / 2 && is_idle(&base->v[i], &w->before)));

		if (go)
			err = take(w, e, &base->v[i], &go);
		if (!go)
			base->v[left++] = base->v[i];
	}
	base->n = left;
	free(w->before.v);
	memset(&w->before, 0, sizeof(w->before));
	return err;
}

void waits_free(struct waits *w)
{
	free(w->base.v);
	free(w->end.v);
	free(w->retired.v);
	free(w->before.v);
	memset(w, 0, sizeof(*w));
}
