/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_retire - in a long run the kernel side's tables must not fill up, between windows and within one. */
#include "session/session.h"

#include <stdlib.h>

#include "session/parts.h"
#include "tables/seed.h"

/* `now`: all counters, of the start of the window or read in the middle of it. */
static int retire_counters(struct session *s, const struct counts *now, bool hurry)
{
	const struct retired_window w = { &s->window.base.counts, &s->window.retired };
	struct counts *retired = &s->idle.retired;
	int err;

	if (!idle_due(&s->idle, s->engine.text.agg_entries, now->n, hurry))
		return 0;
	err = idle_retire(&s->idle, &s->engine, &s->departed, &w, now);
	for (size_t i = 0; i < retired->n; i++)
		target_flight_add(&s->target, &s->target.retired, &retired->v[i].key, &retired->v[i].val);
	counts_free(retired);
	return err;
}

static int retire_files(struct session *s)
{
	struct used_ids used;
	int err = used_ids_files(&used, &s->window.base.counts, &s->answer.pending);

	if (err)
		return err;
	err = file_ids_retire(&s->file_ids, &s->engine, file_names_newest(&s->file_names), &used);
	used_ids_free(&used);
	return err;
}

/*
 * In a long run the kernel tables must not fill up: what ended, is idle or is used by nobody is
 * retired. At the start of a window, when its base is known.
 */
static int retire(struct session *s)
{
	bool files = file_ids_pressed(&s->file_ids, &s->engine, file_names_newest(&s->file_names));
	int err = departed_retire(&s->departed, &s->engine, s->who.actors, s->who.nr_actors);

	if (!err)
		err = retire_counters(s, &s->window.base.counts, files);
	if (!err)
		err = departed_forget(&s->departed, s->engine.text.actor_entries, &s->window.base.counts,
				      &s->answer.pending);
	kept_shares_retire(&s->shares, &s->engine, &s->departed);
	if (!err && files)
		err = retire_files(s);
	return err ? err : waits_retire(&s->waits, &s->engine, &s->departed);
}

int session_next(struct session *s)
{
	int err = kept_shares_next(&s->shares, &s->engine);

	if (err)
		return err;
	window_next(&s->window);
	waits_next(&s->waits);
	return retire(s);
}

void session_tick(struct session *s)
{
	if (!storage_read_mounts(&s->storage))
		seed_mounts(&s->engine, &s->storage.mounts);
	if (!answer_renew_disks(&s->answer, &s->storage))
		seed_stacks(&s->engine, &s->storage.disks);
	target_learn(&s->target, &s->engine);
	window_retire_transactions(&s->window, &s->engine);
}

/* So many new processes make it worth while: their counters are a part of the smaller table. */
static unsigned int many_new(const struct text_config *text)
{
	unsigned int counters = text->agg_entries / 64, waits = text->lat_entries / 32;

	return text->latency && waits < counters ? waits : counters;
}

static int retire_actors(struct departed *d, const struct engine *e)
{
	struct actor_entry *actors;
	size_t n;
	int err = departed_all(d, e, &actors, &n);

	if (err)
		return err;
	err = departed_retire(d, e, actors, n);
	free(actors);
	return err;
}

/* Names of departed processes and kept shares outlive the window; all else that is retired counts in it alone. */
int session_retire(struct session *s, bool force)
{
	uint32_t next = sample_next_actor(&s->engine), fresh = next - s->next_actor;
	unsigned int many = many_new(&s->engine.text);
	struct counts now;
	int err;

	if (!force && fresh < many && !idle_second_look_due(&s->idle))
		return 0;
	s->next_actor = next;
	err = retire_actors(&s->departed, &s->engine);
	if (!err)
		err = kept_shares_retire_midway(&s->shares, &s->engine, &s->departed);
	if (!err)
		err = waits_retire_midway(&s->waits, &s->engine, &s->departed);
	if (!err)
		err = sample_counts(&s->engine, &now);
	if (err)
		return err;
	err = retire_counters(s, &now, false);
	counts_free(&now);
	/* without new processes there is no second look: the next first one follows when they come */
	if (fresh < many)
		idle_restart(&s->idle);
	return err;
}
