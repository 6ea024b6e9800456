/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_summary - the window's counters to names, the ledger's rows and the summary. */
#include "session/session_internal.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name of a process: it may hold anything but NUL. */
static void name_actor(struct session *s, __u32 id, const struct actor *lane, const struct actor *a,
		       struct ledger_actor *out)
{
	const struct cgroup_place *place;

	out->id = id;
	out->process = lane->process;
	out->tgid = a->tgid;
	out->comm = a->comm;
	out->serves = a->flags & ACTOR_F_FUSE;
	session_name_system(s, lane, a, out);
	place = cgroups_place(s->cgroups, (const uint64_t *)a->cgroup, a->tgid, s->ask.target.command);
	out->cgroup = place ? place->path : NULL;
	out->container = place ? place->container : NULL;
	out->target &= !s->ask.target.comm || !fnmatch(s->ask.target.comm, a->comm, 0);
	/* the kernel's verdict was by the group it was in then */
	if ((s->ask.target.cgroup || s->ask.target.container) && s->ask.engine.targeted != TARGET_CGROUPS)
		out->target &= place && place->wanted;
}

const struct ledger_actor *session_actor(struct session *s, uint32_t id)
{
	if (id < ACTOR_FIRST || (id & ACTOR_POOL) || sample_actor(&s->engine, id, &s->one_raw))
		return NULL;
	s->one_raw.comm[sizeof(s->one_raw.comm) - 1] = s->one_raw.exe[sizeof(s->one_raw.exe) - 1] = 0;
	if (s->one_raw.process == id) {
		name_actor(s, id, &s->one_raw, &s->one_raw, &s->one);
		return &s->one;
	}
	if (sample_actor(&s->engine, s->one_raw.process, &s->one_process))
		return NULL;
	s->one_process.comm[sizeof(s->one_process.comm) - 1] = 0;
	s->one_process.exe[sizeof(s->one_process.exe) - 1] = 0;
	name_actor(s, id, &s->one_raw, &s->one_process, &s->one);
	return &s->one;
}

static int actor_order(const void *key, const void *entry)
{
	__u32 a = *(const __u32 *)key, b = ((const struct actor_entry *)entry)->id;

	return a < b ? -1 : a > b;
}

/* That of its process, for a thread's; what was never counted may be missing. */
static const struct actor *process_of_actor(const struct session *s, const struct actor *a)
{
	const struct actor_entry *e = bsearch(&a->process, s->actors, s->nr_actors, sizeof(*s->actors),
					      actor_order);

	return e ? &e->a : a;
}

static int name_all(struct session *s)
{
	int err;

	free(s->actors);
	free(s->names);
	s->names = NULL;
	err = departed_all(&s->departed, &s->engine, &s->actors, &s->nr_actors);

	session_learn_cgroups(s);
	if (err)
		return err;
	session_learn_systems(s);
	s->names = calloc(s->nr_actors ? s->nr_actors : 1, sizeof(*s->names));
	if (!s->names)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr_actors; i++) {
		/* comm has room for 15 characters and a NUL; never trust the NUL */
		s->actors[i].a.comm[sizeof(s->actors[i].a.comm) - 1] = 0;
		s->actors[i].a.exe[sizeof(s->actors[i].a.exe) - 1] = 0;
	}
	for (size_t i = 0; i < s->nr_actors; i++)
		name_actor(s, s->actors[i].id, &s->actors[i].a, process_of_actor(s, &s->actors[i].a),
			   &s->names[i]);
	return 0;
}

bool session_disk_selected(const struct target_wish *o, const char *name)
{
	for (unsigned int i = 0; i < o->nr_disks; i++)
		if (!fnmatch(o->disks[i], name, 0))
			return true;
	return !o->nr_disks;
}

static const struct stat_at *stat_of(const struct snapshot *snap, uint32_t dev)
{
	for (size_t i = 0; i < snap->nr_stats; i++)
		if (snap->stats[i].dev == dev)
			return &snap->stats[i];
	return NULL;
}

static void compare_disk(const struct session *s, const struct disk *disk, struct ledger_disk *out)
{
	static const struct stat_at nothing = { .known = true };
	const struct stat_at *a = stat_of(&s->base, disk->dev), *b = stat_of(&s->end, disk->dev);

	out->disk = disk;
	out->selected = session_disk_selected(&s->ask.target, disk->name);
	if (!a)
		a = &nothing;	/* it came during the window, and began with 0 */
	out->has_kernel = b && a->known && b->known;
	out->kernel_reason = !disk->iostats ? "queue/iostats is 0: the kernel does not count for this disk" :
			     "the disk's stat file could not be read";
	if (!out->has_kernel)
		return;
	out->kernel.read_bytes = b->stat.read_bytes - a->stat.read_bytes;
	out->kernel.write_bytes = b->stat.write_bytes - a->stat.write_bytes;
}

/* -d: leaves out what was asked of, or cached for, other disks. */
static void select_disks(struct session *s)
{
	struct counts *c = &s->window;
	size_t w = 0;

	for (size_t i = 0; s->ask.target.nr_disks && i < c->n; i++) {
		const struct agg_key *k = &c->v[i].key;
		const struct disk *d = k->layer < LAYER_BLOCK && k->dev ?
			storage_disk_of(&s->storage, k->dev) : NULL;

		if (!d || session_disk_selected(&s->ask.target, d->name))
			c->v[w++] = c->v[i];
	}
	if (s->ask.target.nr_disks)
		c->n = w;
}

/* The counters of the window: what was there at its end, less what was there before. */
static int count_window(struct session *s)
{
	size_t n = s->end.counts.n;

	counts_free(&s->window);
	s->window.v = malloc((n ? n : 1) * sizeof(*s->window.v));
	if (!s->window.v)
		return -ENOMEM;
	if (n)
		memcpy(s->window.v, s->end.counts.v, n * sizeof(*s->window.v));
	s->window.n = n;
	counts_subtract(&s->window, &s->base.counts);
	if (retired_add(&s->retired, &s->window))
		return -ENOMEM;
	select_disks(s);
	return 0;
}

static int compare_disks(struct session *s)
{
	free(s->ledger_disks);
	s->nr_ledger_disks = 0;
	s->ledger_disks = calloc(s->storage.disks.n ? s->storage.disks.n : 1, sizeof(*s->ledger_disks));
	if (!s->ledger_disks)
		return -ENOMEM;
	s->nr_ledger_disks = s->storage.disks.n;
	for (size_t i = 0; i < s->storage.disks.n; i++)
		compare_disk(s, &s->storage.disks.v[i], &s->ledger_disks[i]);
	return 0;
}

static int read_shares(struct session *s)
{
	int err;

	free(s->shares.v);
	free(s->txns);
	s->txns = NULL;
	err = kept_shares_of_window(&s->kept_shares, &s->engine, &s->shares);
	if (!err)
		err = sample_txns(&s->engine, &s->txns, &s->nr_txns);
	return err;
}

static void fill_input(struct session *s, bool exact_pages)
{
	struct ledger_input *in = &s->input;

	memset(in, 0, sizeof(*in));
	in->exact_pages = exact_pages;
	in->all = s->ask.target.all;
	in->has_app = s->layers[LAYER_APPLICATION].available;
	in->has_times = s->engine.text.device_times || s->engine.text.times;
	in->counts = s->window.v;
	in->nr_counts = s->window.n;
	in->actors = s->names;
	in->nr_actors = s->nr_actors;
	in->shares = s->shares.v;
	in->nr_shares = s->shares.n;
	in->txns = s->txns;
	in->nr_txns = s->nr_txns;
	in->pending = s->pending.v;
	in->nr_pending = s->pending.n;
	in->disks = s->ledger_disks;
	in->nr_disks = s->nr_ledger_disks;
	in->files = s->files;
	in->nr_files = s->nr_files;
}

/* All that questions about the window are answered from. */
static int collect(struct session *s)
{
	bool exact_pages = false;
	int err = s->collected ? 0 : count_window(s);

	if (err || s->collected)
		return err;
	err = compare_disks(s);
	if (!err)
		err = name_all(s);
	if (!err)
		err = read_shares(s);
	if (!err) {
		pending_free(&s->pending);
		exact_pages = !pending_read(&s->engine, &s->pending);
	}
	if (!err && s->engine.text.by_file)
		err = session_files(s);
	if (err)
		return err;
	fill_input(s, exact_pages);
	free(s->lines.v);
	memset(&s->lines, 0, sizeof(s->lines));
	err = ledger_resolve(&s->input, &s->lines);
	if (!err)
		err = session_file_roles(s);
	if (err)
		return err;
	s->input.lines = &s->lines;
	s->asked.wall = s->wall;
	s->asked.seconds = seconds_between(&s->began, &s->ran);
	s->asked.window_s = seconds_between(&s->began, &s->ended);
	losses_between(&s->asked.losses, &s->lost_before, &s->lost_then);
	s->collected = true;
	return 0;
}

static const char *target_name(struct session *s)
{
	if (s->ask.target.tid)
		snprintf(s->target, sizeof(s->target), "thread %u", s->ask.target.tid);
	else if (s->ask.target.nr_pids)
		snprintf(s->target, sizeof(s->target), "process %u%s", s->ask.target.pids[0],
			 s->ask.target.nr_pids > 1 ? " and others" : "");
	else if (s->ask.target.cgroup)
		snprintf(s->target, sizeof(s->target), "cgroup %.100s", s->ask.target.cgroup);
	else if (s->ask.target.container)
		snprintf(s->target, sizeof(s->target), "container %.100s", s->ask.target.container);
	else if (s->ask.target.nr_systems)
		snprintf(s->target, sizeof(s->target), "system %.80s%s", s->ask.target.systems[0],
			 s->ask.target.nr_systems > 1 ? " and others" : "");
	else if (s->ask.target.comm)
		snprintf(s->target, sizeof(s->target), "processes named %.90s", s->ask.target.comm);
	else
		snprintf(s->target, sizeof(s->target), "the whole machine");
	return s->target;
}

int session_rows(struct session *s, enum row_by by, const struct ledger_only *only,
		 struct summary *out)
{
	int err = collect(s);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	s->input.by = by;
	s->input.only = only;
	ledger_free(&s->ledger);
	err = ledger_build(&s->input, &s->ledger);
	if (err)
		return err;
	out->tool = log_tool();
	out->version = IOAMP_VERSION;
	out->kernel = s->uts.release;
	out->types = ktypes_source_name(s->engine.types);
	out->start.s = s->asked.wall.tv_sec;
	out->start.ns = s->asked.wall.tv_nsec;
	out->duration_s = s->asked.seconds;
	out->window_s = s->asked.window_s;
	out->settle_s = -1;
	out->interval_s = -1;
	memcpy(out->layers, s->layers, sizeof(out->layers));
	out->losses = s->asked.losses;
	out->incomplete_reason = losses_incomplete(&out->losses);
	out->complete = !out->incomplete_reason;
	out->rows = s->ledger.rows;
	out->nr_rows = s->ledger.nr_rows;
	out->totals = s->ledger.totals;
	out->disks = s->ledger.disks;
	out->nr_disks = s->ledger.nr_disks;
	out->target = target_name(s);
	out->exit_status = -1;
	return 0;
}

int session_summary(struct session *s, char *const *argv, int exit_status, struct summary *out)
{
	int err = session_rows(s, s->ask.by, NULL, out);

	if (err)
		return err;
	err = session_latency(s, out);
	if (err)
		return err;
	out->settle_s = argv ? seconds_between(&s->ran, &s->ended) : -1;
	out->argv = argv;
	out->exit_status = exit_status;
	return 0;
}
