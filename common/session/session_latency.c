/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_latency - the waits of a window, and what of them the probes cannot tell. */
#include "session/session_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/seed.h"

int session_latency_seed(struct session *s)
{
	__u64 told = 0;

	if (!s->engine.text.latency)
		return 0;
	if (engine_attached(&s->engine, "commit_end") || engine_attached(&s->engine, "waits"))
		told |= WAITS_JOURNAL;
	if (engine_attached(&s->engine, "dio_end"))
		told |= WAITS_IOMAP;
	return seed_config(&s->engine, CFG_WAITS, told);
}

/* ---- tables that must not fill up ---- */

static int keep(struct session *s, const struct lat_entry *e)
{
	struct waits *k = &s->trim.waits;
	struct lat_entry *v = realloc(k->v, (k->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	k->v = v;
	v[k->n++] = *e;
	return 0;
}

int session_latency_read(struct session *s, struct waits *w)
{
	const struct waits *kept = &s->trim.waits;
	struct lat_entry *v;
	int err;

	free(w->v);
	memset(w, 0, sizeof(*w));
	if (!s->engine.text.latency)
		return 0;
	err = sample_latency(&s->engine, &w->v, &w->n);
	if (err || !kept->n)
		return err;
	v = realloc(w->v, (w->n + kept->n) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v + w->n, kept->v, kept->n * sizeof(*v));
	w->v = v;
	w->n = latency_merge(v, w->n + kept->n);
	return 0;
}

int session_latency_relieve(struct session *s)
{
	struct lat_entry *v = NULL;
	size_t n = 0;
	int err = s->engine.text.latency ? sample_latency(&s->engine, &v, &n) : 0;

	if (n >= s->engine.text.lat_entries / TABLE_PART)
		for (size_t i = 0; !err && i < n; i++)
			if (session_gone(s, v[i].key.actor) && sample_latency_take(&s->engine, &v[i]))
				err = keep(s, &v[i]);
	s->trim.waits.n = latency_merge(s->trim.waits.v, s->trim.waits.n);
	free(v);
	return err;
}

static bool stood_still(const struct lat_entry *e, const struct waits *was)
{
	const struct lat_entry *old = was->n ? bsearch(e, was->v, was->n, sizeof(*e), lat_compare) : NULL;

	return old && !memcmp(&old->val, &e->val, sizeof(e->val));
}

/* What came between the look and the removal is of the window that begins. */
static int take(struct session *s, const struct lat_entry *seen, bool *taken)
{
	struct lat_entry now = *seen;

	*taken = sample_latency_take(&s->engine, &now);
	return *taken && latency_subtract(&now, 1, seen, 1) ? keep(s, &now) : 0;
}

int session_latency_trim(struct session *s, const struct waits *was)
{
	struct waits *base = &s->base_waits, *kept = &s->trim.waits;
	unsigned int entries = s->engine.text.lat_entries;
	size_t w = 0, n;
	int err = 0;

	/* they were of the window that ended */
	base->n = latency_subtract(base->v, base->n, kept->v, kept->n);
	kept->n = 0;
	n = base->n;
	for (size_t i = 0; i < n; i++) {
		bool go = !err && n >= entries / TABLE_PART && base->v[i].key.actor != ACTOR_UNATTRIBUTED &&
			  (session_gone(s, base->v[i].key.actor) ||
			   (n >= entries / 2 && stood_still(&base->v[i], was)));

		if (go)
			err = take(s, &base->v[i], &go);
		if (!go)
			base->v[w++] = base->v[i];
	}
	base->n = w;
	return err;
}

static bool disk_name(void *ctx, __u32 dev, const char **name)
{
	struct session *s = ctx;
	const struct disk *d = storage_disk_of(&s->storage, dev);

	*name = d ? d->name : NULL;
	return !s->ask.target.nr_disks || (d && session_disk_selected(&s->ask.target, d->name));
}

/* What the parts lack on this kernel, for people. */
static const char *missing(struct session *s)
{
	static const struct { const char *probe, *what; } needs[] = {
		{ "waits", "no end of a bio is seen: above_block and return hold what queue, stack"
		  " and device are" },
		{ "issue", "what is handed to a driver is not seen: queue holds device, too" },
		{ "call_start", "system calls are not seen to begin: only background is measured" },
		{ "commit_end", "jbd2's commits are not seen: journal ends with a journal's last write" },
	};

	uint64_t unseen = s->lost_then.n[LOSS_WAITS] - s->lost_before.n[LOSS_WAITS];

	s->latency_note[0] = 0;
	if (unseen)
		snprintf(s->latency_note, sizeof(s->latency_note),
			 "the end of %llu requests of libaio (syncs, and O_DIRECT where the file system does not tell)",
			 (unsigned long long)unseen);
	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		size_t len = strlen(s->latency_note);

		if (!engine_attached(&s->engine, needs[i].probe))
			snprintf(s->latency_note + len, sizeof(s->latency_note) - len, "%s%s (%s)",
				 len ? "; " : "", needs[i].what, engine_why(&s->engine, needs[i].probe));
	}
	return s->latency_note[0] ? s->latency_note : NULL;
}

int session_latency(struct session *s, struct summary *out)
{
	struct latency_input in = {
		.by = s->ask.by, .actors = s->names, .nr_actors = s->nr_actors,
		.disk = disk_name, .ctx = s,
	};
	struct lat_entry *v;
	int err;

	if (!s->engine.text.latency)
		return 0;
	v = malloc((s->waits.n ? s->waits.n : 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (s->waits.n)
		memcpy(v, s->waits.v, s->waits.n * sizeof(*v));
	in.v = v;
	in.n = latency_subtract(v, s->waits.n, s->base_waits.v, s->base_waits.n);
	in.others = s->ask.engine.targeted == TARGET_ALL && !s->ask.target.comm && !s->ask.target.nr_systems && !s->ask.target.cgroup &&
		    !s->ask.target.container;
	latency_free(&s->latency);
	err = latency_build(&in, &s->latency);
	free(v);
	if (err)
		return err;
	out->latency = &s->latency;
	out->latency_note = missing(s);
	return 0;
}
