/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer_waits - the waits of a window, and what the probes cannot tell of them on this kernel. */
#include "session/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_dev(const void *a, const void *b)
{
	const struct latency_disk *x = a, *y = b;

	return x->dev < y->dev ? -1 : x->dev > y->dev;
}

/* The devices of the waits, each once. */
static size_t list_devices(const struct lat_entry *v, size_t n, struct latency_disk *out)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct latency_disk){ .dev = v[i].key.dev };
	if (n)
		qsort(out, n, sizeof(*out), by_dev);
	for (size_t i = 0; i < n; i++)
		if (!w || out[w - 1].dev != out[i].dev)
			out[w++] = out[i];
	return w;
}

static void find_disk(const struct storage *st, const struct target_wish *wish, struct latency_disk *ld)
{
	const struct disk *d = storage_disk_of(st, ld->dev);

	ld->name = d ? d->name : NULL;
	ld->selected = !wish->nr_disks || (d && target_has_disk(wish, d->name));
}

int answer_waits(struct answer *a, const struct waits *w, const struct storage *st,
		 const struct target_wish *wish, struct latency_input *in)
{
	size_t room = w->end.n ? w->end.n : 1;
	struct lat_entry *v = malloc(room * sizeof(*v));
	struct latency_disk *disks = malloc(room * sizeof(*disks));
	int err = v && disks ? 0 : -ENOMEM;

	if (err)
		goto out;
	in->v = v;
	in->n = waits_of_window(w, v);
	in->disks = disks;
	in->nr_disks = list_devices(v, in->n, disks);
	for (size_t i = 0; i < in->nr_disks; i++)
		find_disk(st, wish, &disks[i]);
	latency_free(&a->latency);
	err = latency_build(in, &a->latency);
out:
	free(v);
	free(disks);
	return err;
}

const char *answer_waits_note(struct answer *a, const struct engine *e, uint64_t unseen)
{
	char *note = a->latency_note;

	note[0] = 0;
	if (unseen)
		snprintf(note, sizeof(a->latency_note),
			 "the end of %llu requests of libaio (syncs, and O_DIRECT where the file system does not tell)",
			 (unsigned long long)unseen);
	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe_state *state = &e->probes[i];
		size_t len = strlen(note);

		if (probe_catalog[i].lost_waits && state->hook < 0)
			snprintf(note + len, sizeof(a->latency_note) - len, "%s%s (%s)",
				 len ? "; " : "", probe_catalog[i].lost_waits, state->why);
	}
	return note[0] ? note : NULL;
}
