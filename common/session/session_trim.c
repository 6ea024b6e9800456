/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_trim - in a long run the kernel side's tables must not fill up: ended processes and what
 * was theirs, idle counters and files that nobody uses are retired, at the start of a window and,
 * when many new processes have appeared, in the middle of one.
 */
#include "session/session_internal.h"

#include <stdlib.h>

/* `now` are all counters: those of the window's start, or read in the middle of it. */
static int retire_counters(struct session *s, const struct counts *now, bool hurry)
{
	const struct retired_window w = { &s->base.counts, &s->retired };
	int err;

	if (!idle_due(&s->idle, s->engine.text.agg_entries, now->n, hurry))
		return 0;
	err = idle_retire(&s->idle, &s->engine, &s->departed, &w, now);
	for (size_t i = 0; i < s->idle.taken.n; i++)
		session_flight_add(s, &s->flight, &s->idle.taken.v[i].key, &s->idle.taken.v[i].val);
	counts_free(&s->idle.taken);
	return err;
}

static __u32 newest_file(const struct session *s)
{
	return s->named.n ? s->named.v[s->named.n - 1].file.id : 0;
}

static int retire_files(struct session *s)
{
	struct used_ids used;
	int err = used_ids_files(&used, &s->base.counts, &s->pending);

	if (err)
		return err;
	err = file_ids_retire(&s->file_ids, &s->engine, newest_file(s), &used);
	used_ids_free(&used);
	return err;
}

int session_trim(struct session *s)
{
	bool files = file_ids_pressed(&s->file_ids, &s->engine, newest_file(s));
	int err = departed_retire(&s->departed, &s->engine, s->actors, s->nr_actors);

	if (!err)
		err = retire_counters(s, &s->base.counts, files);
	if (!err)
		err = departed_forget(&s->departed, s->engine.text.actor_entries, &s->base.counts, &s->pending);
	kept_shares_retire(&s->kept_shares, &s->engine, &s->departed);
	if (!err && files)
		err = retire_files(s);
	return err;
}

/* New processes that are worth a look: what they bring is a part of the smaller table. */
static unsigned int many_new(const struct session *s)
{
	unsigned int counters = s->engine.text.agg_entries / 64, waits = s->engine.text.lat_entries / 32;

	return s->engine.text.latency && waits < counters ? waits : counters;
}

static int retire_actors(struct session *s)
{
	struct actor_entry *actors;
	size_t n;
	int err = departed_all(&s->departed, &s->engine, &actors, &n);

	if (err)
		return err;
	err = departed_retire(&s->departed, &s->engine, actors, n);
	free(actors);
	return err;
}

/* Names of ended processes and shares that are kept outlive the window; all else is counted in it. */
int session_relieve(struct session *s, bool now_or_never)
{
	__u32 next = sample_next_actor(&s->engine), fresh = next - s->seen;
	unsigned int many = many_new(s);
	struct counts now;
	int err;

	if (!now_or_never && fresh < many && !idle_second_look_due(&s->idle))
		return 0;
	s->seen = next;
	err = retire_actors(s);
	if (!err)
		err = kept_shares_retire_midway(&s->kept_shares, &s->engine, &s->departed);
	if (!err)
		err = waits_retire_midway(&s->waits, &s->engine, &s->departed);
	if (!err)
		err = sample_counts(&s->engine, &now);
	if (err)
		return err;
	err = retire_counters(s, &now, false);
	counts_free(&now);
	/* nobody new: the next look is when there is */
	if (fresh < many)
		idle_restart(&s->idle);
	return err;
}
