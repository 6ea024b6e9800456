/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_answer - what is asked of a session: actors, bytes still dirty, rows and the summary. */
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/elapsed.h"
#include "ledger/silent.h"
#include "session/parts.h"

const struct ledger_actor *session_actor(struct session *s, uint32_t id)
{
	return who_one(&s->who, &s->engine, &s->target, id);
}

/* ---- settling ---- */

int session_sync_list(struct session *s, struct sync_list *out)
{
	struct share_list shares;
	struct counts c;
	int err = window_so_far(&s->window, &s->engine, &c);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	err = sync_list_add_data(out, &s->target, &c);
	counts_free(&c);
	if (err)
		return err;
	err = kept_shares_read(&s->shares, &s->engine, &shares);
	if (err)
		return err;
	err = sync_list_add_metadata(out, &s->target, &shares, &s->storage.mounts);
	free(shares.v);
	return err;
}

/* Since the probes were attached: a disk may complete in one interval what was queued in another. */
static int read_flight(struct session *s, struct flight *out)
{
	struct counts c;
	int err = sample_counts(&s->engine, &c);

	*out = s->target.retired;
	if (err)
		return err;
	for (size_t i = 0; i < c.n; i++)
		target_flight_add(&s->target, out, &c.v[i].key, &c.v[i].val);
	counts_free(&c);
	return 0;
}

/* COMMAND is the target, and over: what it queued comes to an end. */
static bool target_is_over(const struct session *s)
{
	const struct target_wish *w = &s->target.wish;

	return w->command && !w->all && !w->nr_pids && !w->nr_systems && !w->cgroup && !w->container;
}

int session_in_flight(struct session *s, uint64_t *bytes)
{
	struct flight flight;
	int err;

	*bytes = 0;
	if (!target_is_over(s))
		return 0;
	err = read_flight(s, &flight);
	*bytes = err ? 0 : (flight.bytes > 0 ? (uint64_t)flight.bytes : 0) +
			   (flight.reads > 0 ? (uint64_t)flight.reads : 0);
	return err;
}

int session_pending(struct session *s, uint64_t *bytes)
{
	struct flight flight;
	struct pending_list p;
	int err = pending_read(&s->engine, &p);

	*bytes = 0;
	/* dirty pages first: they may be submitted, and completed, before the counters are read */
	if (!err)
		err = read_flight(s, &flight);
	if (!err) {
		*bytes = flight.bytes > 0 ? (uint64_t)flight.bytes : 0;
		err = flight.replaced ? -ENOTSUP : 0;
	}
	for (size_t i = 0; !err && i < p.n; i++)
		if (target_has_actor(&s->target, p.v[i].actor))
			*bytes += p.v[i].bytes;
	pending_free(&p);
	return err;
}

/* ---- the answer ---- */

static int name_files(struct session *s)
{
	struct used_ids used;
	int err;

	if (!s->engine.text.by_file)
		return 0;
	err = used_ids_files(&used, &s->window.counts, &s->answer.pending);
	if (err)
		return err;
	err = file_names_of_window(&s->file_names, &s->engine, &s->storage, &used);
	used_ids_free(&used);
	return err;
}

static void fill_input(struct session *s)
{
	struct answer *a = &s->answer;

	a->input = (struct ledger_input){
		.all = s->target.wish.all,
		.has_app = s->layers[LAYER_APPLICATION].available,
		.has_times = s->engine.text.device_times || s->engine.text.times,
		.exact_pages = a->exact_pages,
		.counts = s->window.counts.v, .nr_counts = s->window.counts.n,
		.actors = s->who.names, .nr_actors = s->who.nr_actors,
		.shares = a->shares.v, .nr_shares = a->shares.n,
		.txns = a->txns, .nr_txns = a->nr_txns,
		.pending = a->pending.v, .nr_pending = a->pending.n,
		.disks = a->disks, .nr_disks = a->nr_disks,
		.files = s->file_names.files, .nr_files = s->file_names.nr_files,
	};
}

/* Reads and names all that answers about the window are made of, once. */
static int collect(struct session *s)
{
	struct answer *a = &s->answer;
	int err = a->collected ? 0 : window_count(&s->window);

	if (err || a->collected)
		return err;
	target_keep_disks(&s->target.wish, &s->storage, &s->window.counts);
	err = answer_compare_disks(a, &s->storage, &s->target.wish, &s->window);
	if (!err)
		err = answer_add_unheard(a, &s->engine, &s->window);
	if (!err)
		err = answer_add_flight(a, &s->engine, &s->window);
	if (!err)
		err = who_all(&s->who, &s->engine, &s->departed, &s->target);
	if (!err)
		err = answer_read(a, &s->engine, &s->shares);
	if (!err)
		err = name_files(s);
	if (err)
		return err;
	fill_input(s);
	err = answer_resolve(a);
	if (!err)
		err = file_roles_list(&s->file_roles, systems_rules(s->who.systems), &a->input, &a->lines);
	if (err)
		return err;
	a->input.lines = &a->lines;
	a->input.roles = s->file_roles.v;
	a->input.nr_roles = s->file_roles.n;
	answer_mark(a, &s->window);
	a->collected = true;
	return 0;
}

/* A layer whose probe did not fire has no figures in this window. */
static void find_silent(const struct session *s, struct summary *out)
{
	const struct answer *a = &s->answer;
	struct silent_input in = {
		.window = &s->window.counts, .ever = &s->window.end.counts,
		.dirty_runs = s->window.lost_end.n[LOSS_DIRTY_RUNS],
	};
	const char *why;

	for (size_t i = 0; i < a->nr_disks; i++)
		if (a->disks[i].has_kernel && a->disks[i].disk->leaf && a->disks[i].disk->requests)
			in.disk_bytes += a->disks[i].kernel.read_bytes + a->disks[i].kernel.write_bytes;
	why = silent_layers(&in, out->layers);
	if (!why)
		return;
	out->complete = false;
	out->incomplete_reason = why;
}

int session_rows(struct session *s, enum row_by by, const struct ledger_only *only,
		 struct summary *out)
{
	int err = collect(s);

	memset(out, 0, sizeof(*out));
	if (!err)
		err = answer_rows(&s->answer, by, only, out);
	if (err)
		return err;
	if (target_is_over(s))
		answer_doubt_flight(&s->answer, out);
	out->tool = log_tool();
	out->version = IOAMP_VERSION;
	out->types = ktypes_source_name(s->engine.types);
	memcpy(out->layers, s->layers, sizeof(out->layers));
	find_silent(s, out);
	out->target = target_name(&s->target);
	out->settle_s = -1;
	out->interval_s = -1;
	out->exit_status = -1;
	return 0;
}

static int add_waits(struct session *s, struct summary *out)
{
	const struct window *w = &s->window;
	struct latency_input in = {
		.by = s->by, .others = target_has_others(&s->target),
		.actors = s->who.names, .nr_actors = s->who.nr_actors,
	};
	int err;

	if (!s->engine.text.latency)
		return 0;
	err = answer_waits(&s->answer, &s->waits, &s->storage, &s->target.wish, &in);
	if (err)
		return err;
	out->latency = &s->answer.latency;
	out->latency_note = answer_waits_note(&s->answer, &s->engine,
					      w->lost_end.n[LOSS_WAITS] - w->lost_base.n[LOSS_WAITS]);
	return 0;
}

int session_summary(struct session *s, char *const *argv, int exit_status, struct summary *out)
{
	int err = session_rows(s, s->by, NULL, out);

	if (!err)
		err = add_waits(s, out);
	if (err)
		return err;
	out->settle_s = argv ? seconds_between(&s->window.ran, &s->window.ended) : -1;
	out->argv = argv;
	out->exit_status = exit_status;
	return 0;
}
