/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session - one measurement from attach to summary: it conducts the parts. */
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/elapsed.h"
#include "machine/symbols.h"
#include "session/answer.h"
#include "session/file_names.h"
#include "session/file_roles.h"
#include "session/target.h"
#include "session/who.h"
#include "session/window.h"
#include "tables/departed.h"
#include "tables/file_ids.h"
#include "tables/idle.h"
#include "tables/kept_shares.h"
#include "tables/seed.h"
#include "tables/waits.h"

struct session {
	struct engine engine;
	struct layer_state layers[LAYER_MAX];
	char reasons[LAYER_MAX][256];	/* the texts of `layers` */
	struct storage storage;
	struct target target;
	struct window window;
	/* what the kernel side's tables held at the start, and what was retired from them */
	struct departed departed;
	struct idle idle;
	struct kept_shares shares;
	struct waits waits;
	struct file_ids file_ids;
	uint32_t next_actor;		/* as of the last session_relieve() */
	/* who and what the counters are about */
	struct who who;
	struct file_names file_names;
	struct file_roles file_roles;
	struct answer answer;
	enum row_by by;			/* rows of the summary */
};

/* ---- open and close ---- */

/* The child compiles meanwhile: with two processors, looking around costs no time. */
static int look_around(struct session *s, struct symbols *symbols)
{
	int err;

	if (symbols_read(symbols) == -EPERM)
		log_notice("kernel addresses are hidden (kernel.kptr_restrict): classes of I/O are guessed from pages");
	systems_scan(s->who.systems);
	err = disks_scan(&s->storage.disks);
	return err ? err : storage_read_mounts(&s->storage);
}

static int attach(struct session *s, const struct engine_request *rq, struct symbols *symbols,
		  struct failure *f)
{
	struct engine_start start;
	int err = engine_begin(&s->engine, rq, &start);

	if (!err)
		err = look_around(s, symbols);
	if (!err)
		return engine_finish(&s->engine, &start, f);
	engine_abandon(&s->engine, &start);
	return err;
}

/* Tells the kernel side what it needs. Who is in the target was told before the probes were attached. */
static int seed(struct session *s, const struct symbols *symbols, uint64_t min_ns, unsigned int layers)
{
	const struct engine *e = &s->engine;
	int err = seed_calls(e);

	if (!err)
		err = seed_symbols(e, symbols);
	if (!err)
		err = seed_mounts(e, &s->storage.mounts);
	if (!err)
		err = seed_stacks(e, &s->storage.disks);
	if (!err) {
		target_scan(&s->target, e);
		err = seed_config(e, CFG_MIN_NS, min_ns);
	}
	if (!err)
		err = seed_config(e, CFG_EVENT_LAYERS, layers);
	return err ? err : seed_waits(e);
}

static int open_parts(struct session *s, const struct session_request *o, struct failure *f)
{
	struct engine_request rq = o->engine;
	struct symbols symbols;
	int err = target_open(&s->target, &o->target, &rq, f);

	if (!err)
		err = who_open(&s->who, &o->target, f);
	if (!err)
		err = file_roles_open(&s->file_roles);
	if (!err)
		err = attach(s, &rq, &symbols, f);
	if (!err)
		err = seed(s, &symbols, o->min_ns, rq.layers);
	if (!err)
		engine_layers(&s->engine, &rq, s->layers, s->reasons);
	return err;
}

/* `wanted`: the layers that the user asked for. */
static int check_layers(const struct layer_state *layers, unsigned int wanted, struct failure *f)
{
	const char *reason = layers[LAYER_VFS].reason;

	for (int i = 0; i < LAYER_MAX; i++)
		if (layers[i].available)
			return 0;
	log_failure_set(f, ERR_NO_LAYER, "leave out --attach and --layer, or see -v for each probe's reason",
			"%s", reason && (wanted & 1u << LAYER_VFS) ? reason : "no hook of the kind asked for");
	return -ENOENT;
}

int session_open(struct session **out, const struct session_request *o, struct failure *f)
{
	struct session *s = calloc(1, sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	if (!err) {
		engine_none(&s->engine);
		answer_open(&s->answer);
		s->by = o->by;
		s->storage.keep_gone = o->engine.text.by_file;
		err = open_parts(s, o, f);
	}
	/* filters that match nothing, and layers without a probe, are reported before anything runs */
	if (!err)
		err = check_layers(s->layers, o->engine.layers, f);
	if (!err)
		err = target_check_disks(&s->target, &s->storage.disks, f);
	if (!err) {
		*out = s;
		return 0;
	}
	if (!f->status)
		log_failure_set(f, ERR_SETUP, "run it again with -vv", "%s", strerror(-err));
	session_close(s);
	return err;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	engine_close(&s->engine);
	window_free(&s->window);
	answer_close(&s->answer);
	waits_free(&s->waits);
	kept_shares_free(&s->shares);
	departed_free(&s->departed);
	idle_free(&s->idle);
	file_names_free(&s->file_names);
	file_roles_close(&s->file_roles);
	who_close(&s->who);
	target_close(&s->target);
	storage_free(&s->storage);
	free(s);
}

const struct engine *session_engine(const struct session *s)
{
	return &s->engine;
}

const struct storage *session_storage(const struct session *s)
{
	return &s->storage;
}

const struct rules *session_rules(const struct session *s)
{
	return systems_rules(s->who.systems);
}

int session_target(struct session *s, uint32_t pid)
{
	return seed_actor(&s->engine, pid, ACTOR_PENDING);
}

const struct ledger_actor *session_actor(struct session *s, uint32_t id)
{
	return who_one(&s->who, &s->engine, &s->target, id);
}

/* ---- the window ---- */

int session_begin(struct session *s)
{
	int err = window_begin(&s->window, &s->engine, &s->storage.disks);

	if (!err)
		err = waits_begin(&s->waits, &s->engine);
	return err ? err : window_mark_begin(&s->window, &s->engine);
}

void session_run_over(struct session *s)
{
	window_run_over(&s->window);
}

int session_end(struct session *s, bool last)
{
	int err = window_end(&s->window, &s->engine, &s->storage.disks, last);

	if (!err)
		err = waits_end(&s->waits, &s->engine);
	window_mark_end(&s->window, &s->engine);
	s->answer.collected = false;
	return err;
}

/* `now` are all counters: those of the window's start, or read in the middle of it. */
static int retire_counters(struct session *s, const struct counts *now, bool hurry)
{
	const struct retired_window w = { &s->window.base.counts, &s->window.retired };
	struct counts *taken = &s->idle.taken;
	int err;

	if (!idle_due(&s->idle, s->engine.text.agg_entries, now->n, hurry))
		return 0;
	err = idle_retire(&s->idle, &s->engine, &s->departed, &w, now);
	for (size_t i = 0; i < taken->n; i++)
		target_flight_add(&s->target, &s->target.retired, &taken->v[i].key, &taken->v[i].val);
	counts_free(taken);
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
 * At the start of a window, after its base is known. In a long run the kernel side's tables must
 * not fill up: what ended, is idle or is used by nobody is retired.
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

void session_learn_systems(struct session *s)
{
	who_learn(&s->who, &s->engine);
}

/* New processes that are worth a look: what they bring is a part of the smaller table. */
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

/* Names of ended processes and shares that are kept outlive the window; all else is counted in it. */
int session_relieve(struct session *s, bool now_or_never)
{
	uint32_t next = sample_next_actor(&s->engine), fresh = next - s->next_actor;
	unsigned int many = many_new(&s->engine.text);
	struct counts now;
	int err;

	if (!now_or_never && fresh < many && !idle_second_look_due(&s->idle))
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
	/* nobody new: the next look is when there is */
	if (fresh < many)
		idle_restart(&s->idle);
	return err;
}

/* ---- settling ---- */

int session_written(struct session *s, struct written *out)
{
	struct share_list shares;
	struct counts c;
	int err = window_so_far(&s->window, &s->engine, &c);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	err = written_add_data(out, &s->target, &c);
	counts_free(&c);
	if (err)
		return err;
	err = kept_shares_read(&s->shares, &s->engine, &shares);
	if (err)
		return err;
	err = written_add_metadata(out, &s->target, &shares, &s->storage.mounts);
	free(shares.v);
	return err;
}

int session_pending(struct session *s, uint64_t *bytes)
{
	/* since the probes were attached: what was queued in one interval is done in another */
	struct flight flight = s->target.retired;
	struct pending_list p;
	struct counts c = { 0 };
	int err = pending_read(&s->engine, &p);

	*bytes = 0;
	/* what is dirty first: it may be submitted, and done, before the counters are read */
	if (!err)
		err = sample_counts(&s->engine, &c);
	for (size_t i = 0; !err && i < c.n; i++)
		target_flight_add(&s->target, &flight, &c.v[i].key, &c.v[i].val);
	if (!err) {
		*bytes = flight.bytes > 0 ? (uint64_t)flight.bytes : 0;
		err = flight.replaced ? -ENOTSUP : 0;
	}
	for (size_t i = 0; !err && i < p.n; i++)
		if (target_has_actor(&s->target, p.v[i].actor))
			*bytes += p.v[i].bytes;
	counts_free(&c);
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

/* All that questions about the window are answered from. */
static int collect(struct session *s)
{
	struct answer *a = &s->answer;
	int err = a->collected ? 0 : window_count(&s->window);

	if (err || a->collected)
		return err;
	target_keep_disks(&s->target.wish, &s->storage, &s->window.counts);
	err = answer_compare_disks(a, &s->storage, &s->target.wish, &s->window);
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
		err = file_roles_list(&s->file_roles, session_rules(s), &a->input, &a->lines);
	if (err)
		return err;
	a->input.lines = &a->lines;
	a->input.roles = s->file_roles.v;
	a->input.nr_roles = s->file_roles.n;
	answer_mark(a, &s->window);
	a->collected = true;
	return 0;
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
	out->tool = log_tool();
	out->version = IOAMP_VERSION;
	out->types = ktypes_source_name(s->engine.types);
	memcpy(out->layers, s->layers, sizeof(out->layers));
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
