/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session - one measurement from attach to summary: it conducts the parts of the room. */
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/symbols.h"
#include "session/parts.h"
#include "tables/seed.h"

/* ---- open and close ---- */

/* The child compiles meanwhile: on two processors, this costs no time. */
static int look_around(struct storage *st, struct systems *systems, struct symbols *symbols)
{
	int err;

	if (symbols_read(symbols) == -EPERM)
		log_notice("kernel addresses are hidden (kernel.kptr_restrict): the class of I/O is guessed from its pages");
	systems_scan(systems);
	err = disks_scan(&st->disks);
	return err ? err : storage_read_mounts(st);
}

/* What the kernel side must know of this machine. */
static int seed_machine(const struct engine *e, const struct symbols *symbols, const struct storage *st)
{
	int err = seed_calls(e);

	if (!err)
		err = seed_symbols(e, symbols);
	if (!err)
		err = seed_mounts(e, &st->mounts);
	return err ? err : seed_stacks(e, &st->disks);
}

/* What it must know of this measurement. It knows the processes of the target since before the first probe. */
static int seed_request(const struct engine *e, const struct session_request *o, struct target *t)
{
	int err;

	target_scan(t, e);
	err = seed_config(e, CFG_MIN_NS, o->min_ns);
	if (!err)
		err = seed_config(e, CFG_EVENT_LAYERS, o->engine.layers);
	if (!err)
		err = seed_syncs(e);
	return err ? err : seed_waits(e);
}

static int open_parts(struct session *s, const struct session_request *o, struct engine_request *rq,
		      struct failure *f)
{
	int err = target_open(&s->target, &o->target, rq, f);

	if (!err)
		err = who_open(&s->who, &o->target, f);
	return err ? err : file_roles_open(&s->file_roles);
}

static int attach(struct session *s, const struct session_request *o, const struct engine_request *rq,
		  struct failure *f)
{
	struct engine_start start;
	struct symbols symbols;
	int err = engine_begin(&s->engine, rq, &start);

	if (!err)
		err = look_around(&s->storage, s->who.systems, &symbols);
	if (err) {
		engine_abandon(&s->engine, &start);
		return err;
	}
	err = engine_finish(&s->engine, &start, f);
	if (!err)
		err = seed_machine(&s->engine, &symbols, &s->storage);
	if (!err)
		err = seed_request(&s->engine, o, &s->target);
	if (!err)
		engine_layers(&s->engine, rq, s->layers, s->reasons);
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
	struct engine_request rq = o->engine;
	int err = s ? 0 : -ENOMEM;

	if (!err) {
		engine_none(&s->engine);
		answer_open(&s->answer);
		s->by = o->by;
		s->storage.keep_gone = o->engine.text.by_file;
		err = open_parts(s, o, &rq, f);
	}
	if (!err)
		err = attach(s, o, &rq, f);
	/* filters that match nothing, and a machine without any layer, are reported before COMMAND runs */
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

int session_add_process(struct session *s, uint32_t pid)
{
	return seed_actor(&s->engine, pid, ACTOR_PENDING);
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

void session_learn_systems(struct session *s)
{
	who_learn(&s->who, &s->engine);
}
