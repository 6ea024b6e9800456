/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_internal - what session.c (attach, window) and session_summary.c
 * (names, ledger, summary) share. Nobody else includes this.
 */
#ifndef IOAMP_SESSION_INTERNAL_H
#define IOAMP_SESSION_INTERNAL_H

#include "session.h"

#include <sys/utsname.h>
#include <time.h>

#include "cgroup.h"
#include "fold.h"
#include "snapshot.h"

struct session {
	struct options o;
	struct engine engine;
	struct disks disks;
	struct mounts mounts;
	struct cgroups *cgroups;
	size_t cgroups_seeded;	/* cursor of cgroups_next_wanted() */
	struct snapshot base, end;
	struct fold fold;
	uint64_t base_losses[LOSS_MAX];	/* before the window */
	struct timespec began, ran, ended, wall;	/* monotonic thrice; realtime */
	struct utsname uts;
	struct actor_entry *actors;
	struct ledger_actor *names;
	size_t nr_actors;
	struct share *shares;
	size_t nr_shares;
	struct txn_entry *txns;
	size_t nr_txns;
	struct pending *pending;
	size_t nr_pending;
	struct ledger_disk *ledger_disks;
	struct ledger_file *files;	/* --by file; they own their names */
	size_t nr_files;
	struct mounts gone;	/* --by file: mounts that were seen and are no more */
	struct ledger ledger;
	struct layer_state layers[LAYER_MAX];
	char reasons[LAYER_MAX][256];
	char target[128];	/* for people */
	struct ledger_actor one;	/* session_actor()'s answer */
	struct actor one_raw;
};

/* session_files.c: the files of the kernel side's table with their paths. 0 or -errno. */
int session_files(struct session *s);
/* `now` takes the place of the mounts; --by file keeps those that are not in it. 0 or -ENOMEM. */
int session_mounts_renew(struct session *s, struct mounts *now);
void session_files_free(struct session *s);
/* Groups that came since the last time: their paths, and those of the target to the kernel. */
void session_learn_cgroups(struct session *s);

#endif
