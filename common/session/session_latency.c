/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_latency - the waits of a window, and what of them the probes cannot tell. */
#include "session/session_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_dev(const void *a, const void *b)
{
	const struct latency_disk *x = a, *y = b;

	return x->dev < y->dev ? -1 : x->dev > y->dev;
}

/* Names each device number of the waits once. *out is to be freed. */
static int name_disks(const struct session *s, struct latency_input *in, struct latency_disk **out)
{
	struct latency_disk *v = malloc((in->n ? in->n : 1) * sizeof(*v));
	size_t w = 0;

	*out = v;
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < in->n; i++)
		v[i].dev = in->v[i].key.dev;
	if (in->n)
		qsort(v, in->n, sizeof(*v), by_dev);
	for (size_t i = 0; i < in->n; i++) {
		const struct disk *d;

		if (w && v[w - 1].dev == v[i].dev)
			continue;
		d = storage_disk_of(&s->storage, v[i].dev);
		v[w++] = (struct latency_disk){
			v[i].dev, d ? d->name : NULL,
			!s->ask.target.nr_disks || (d && session_disk_selected(&s->ask.target, d->name)),
		};
	}
	in->disks = v;
	in->nr_disks = w;
	return 0;
}

/* What the parts lack on this kernel, for people. */
static const char *missing(struct session *s)
{
	uint64_t unseen = s->lost_then.n[LOSS_WAITS] - s->lost_before.n[LOSS_WAITS];

	s->latency_note[0] = 0;
	if (unseen)
		snprintf(s->latency_note, sizeof(s->latency_note),
			 "the end of %llu requests of libaio (syncs, and O_DIRECT where the file system does not tell)",
			 (unsigned long long)unseen);
	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe_state *state = &s->engine.probes[i];
		size_t len = strlen(s->latency_note);

		if (probe_catalog[i].lost_waits && state->hook < 0)
			snprintf(s->latency_note + len, sizeof(s->latency_note) - len, "%s%s (%s)",
				 len ? "; " : "", probe_catalog[i].lost_waits, state->why);
	}
	return s->latency_note[0] ? s->latency_note : NULL;
}

int session_latency(struct session *s, struct summary *out)
{
	struct latency_input in = {
		.by = s->ask.by, .actors = s->names, .nr_actors = s->nr_actors,
	};
	struct latency_disk *disks;
	struct lat_entry *v;
	int err;

	if (!s->engine.text.latency)
		return 0;
	v = malloc((s->waits.end.n ? s->waits.end.n : 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	in.v = v;
	in.n = waits_of_window(&s->waits, v);
	in.others = s->ask.engine.targeted == TARGET_ALL && !s->ask.target.comm && !s->ask.target.nr_systems && !s->ask.target.cgroup &&
		    !s->ask.target.container;
	latency_free(&s->latency);
	err = name_disks(s, &in, &disks);
	if (!err)
		err = latency_build(&in, &s->latency);
	free(disks);
	free(v);
	if (err)
		return err;
	out->latency = &s->latency;
	out->latency_note = missing(s);
	return 0;
}
