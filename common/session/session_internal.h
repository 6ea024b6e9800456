/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_internal - what session.c (attach, window) and session_summary.c
 * (names, ledger, summary) share. Nobody else includes this.
 */
#ifndef IOAMP_SESSION_INTERNAL_H
#define IOAMP_SESSION_INTERNAL_H

#include "session/session.h"

#include <sys/utsname.h>
#include <time.h>

#include "machine/cgroup.h"
#include "machine/storage.h"
#include "base/elapsed.h"
#include "tables/file_ids.h"
#include "tables/idle.h"
#include "tables/kept_shares.h"
#include "tables/retired.h"
#include "tables/waits.h"
#include "ledger/latency.h"
#include "tables/snapshot.h"
#include "systems/systems.h"

/* A file that was named once, with what it was named by. */
struct named_file {
	struct ledger_file file;	/* owns its name */
	struct file_key key;
	time_t asked;			/* CLOCK_MONOTONIC */
};
struct named_files {
	struct named_file *v;		/* sorted by id */
	size_t n, cap;
};

/* Writes of the target between the block layer and the disk, of some counters. */
struct flight {
	int64_t bytes;			/* queued less done */
	bool replaced;			/* compressed data leaves no trace of which pages it was */
};

/* What an actor is, once it was looked at. */
struct placed {
	struct system_place place;
	uint32_t execs;			/* when it was looked at */
	bool looked, done;		/* done: its process has ended */
	int64_t first_ns;		/* CLOCK_MONOTONIC */
};

/* A file's role in a system, remembered by the ledger's id and name. */
struct file_role {
	const struct rule_system *system;
	uint32_t file;
	uint64_t name;			/* hash of it: it may change */
	const char *role;
};

struct session {
	struct session_request ask;
	struct engine engine;
	struct storage storage;
	struct cgroups *cgroups;
	size_t cgroups_seeded;	/* cursor of cgroups_next_wanted() */
	struct snapshot base, end;
	struct counts window;	/* end less base, with what was folded: what the ledger is made of */
	bool collected;		/* `window` and the names below are of this window */
	struct retired retired;
	struct departed departed;
	struct idle idle;
	struct kept_shares kept_shares;
	struct file_ids file_ids;
	struct flight flight;	/* of counters that were retired */
	uint32_t seen;		/* the next process's id, at the last look */
	struct losses_counters lost_before, lost_then;	/* at the ends of the window */
	struct {	/* of the window that questions are about */
		struct timespec wall;
		double seconds, window_s;
		struct losses losses;
	} asked;
	struct timespec began, ran, ended;	/* CLOCK_MONOTONIC */
	struct timespec wall, wall_ended;	/* CLOCK_REALTIME: of began and ended */
	struct utsname uts;
	struct actor_entry *actors;
	struct ledger_actor *names;
	size_t nr_actors;
	struct share_list shares;
	struct txn_entry *txns;
	size_t nr_txns;
	struct pending_list pending;
	struct ledger_disk *ledger_disks;
	size_t nr_ledger_disks;
	struct named_files named;	/* when counters have files: all that were ever asked for */
	struct ledger_file *files;	/* the same for the ledger; the names are of `named` */
	size_t nr_files;
	struct ledger_input input;	/* of this window */
	struct ledger_lines lines;	/* of `input`, resolved once for all questions */
	struct ledger_role *roles;	/* of the files in `lines` and `pending` */
	size_t nr_roles;
	struct systems *systems;
	struct placed *placed;		/* by actor id, from ACTOR_FIRST on */
	size_t nr_placed, cap_placed;
	uint32_t *living;		/* ids whose processes may still change */
	size_t nr_living, cap_living;
	int64_t looked_ns;		/* when the living were asked last */
	struct file_role *file_roles;	/* a cache: the last one of each slot */
	struct ledger ledger;
	struct waits waits;
	struct latency latency;	/* of this window */
	char latency_note[512];
	struct layer_state layers[LAYER_MAX];
	char reasons[LAYER_MAX][256];
	char target[128];	/* for people */
	struct ledger_actor one;	/* session_actor()'s answer */
	struct actor one_raw, one_process;
};

/* session_trim.c: at the start of a window, after its base is known: retires what ended or is idle. 0 or -errno. */
int session_trim(struct session *s);
void session_flight_add(const struct session *s, struct flight *f, const struct agg_key *k,
			const struct agg_val *v);
/* session_files.c: the files of this window's counters with their paths. 0 or -errno. */
int session_files(struct session *s);
void session_files_free(struct session *s);
/* session_latency.c: adds the window's rows of waits to a summary. 0 or -errno. */
int session_latency(struct session *s, struct summary *out);
/* session_systems.c: rules, and the processes that are there. 0, or -errno with `f` filled. */
int session_systems_open(struct session *s, struct failure *f);
void session_systems_close(struct session *s);
/* System and roles of an actor; `process` is that of its process (itself, but for a lane). */
void session_name_system(struct session *s, const struct actor *a, const struct actor *process,
			 struct ledger_actor *out);
/* Roles of the files of the window's lines, into s->input. 0 or -ENOMEM. */
int session_file_roles(struct session *s);
/* Groups that came since the last time: their paths, and those of the target to the kernel. */
void session_learn_cgroups(struct session *s);

#endif
