/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * who - names of actors: the process, its control group and container, its storage system and role.
 * A process is examined when it is met, again after an exec, and while its title may still change.
 */
#ifndef IOAMP_WHO_H
#define IOAMP_WHO_H

#include "ledger/ledger.h"
#include "session/target.h"
#include "systems/systems.h"
#include "tables/departed.h"

/* What a process was found to be. */
struct who_place {
	struct system_place place;
	uint32_t execs;			/* of the process, when it was examined */
	bool known, ended;		/* known: `place` is filled */
	int64_t first_ns;		/* CLOCK_MONOTONIC */
};

struct who {
	struct systems *systems;
	struct who_place *places;	/* by actor id, from ACTOR_FIRST on */
	size_t nr_met, cap_places;	/* ids are given in order: the first nr_met were met */
	uint32_t *alive;		/* ids of processes that may still change */
	size_t nr_alive;
	int64_t round_ns;		/* CLOCK_MONOTONIC: when all of `alive` were examined */
	/* filled by who_all(), sorted by id; the strings of `names` are in `actors` and elsewhere in here */
	struct actor_entry *actors;
	struct ledger_actor *names;
	size_t nr_actors;
	/* filled by who_one() */
	struct ledger_actor one;
	struct actor_entry one_actor;
	struct actor one_process;
};

/* Reads the rules; those that the wish names must exist. 0; -errno, with `f` filled unless memory is short. */
int who_open(struct who *w, const struct target_wish *wish, struct failure *f);
void who_close(struct who *w);

/* Examines processes that are new or may have changed. */
void who_learn(struct who *w, const struct engine *e);
/* Names all actors, departed ones too: w->actors and w->names. 0 or -errno. */
int who_all(struct who *w, const struct engine *e, const struct departed *d, struct target *t);
/* Names one actor, as it is known now; NULL: the kernel side has none of this id. Valid until the next call. */
const struct ledger_actor *who_one(struct who *w, const struct engine *e, const struct target *t, uint32_t id);

#endif
