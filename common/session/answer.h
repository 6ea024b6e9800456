/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer - what is known of the window that ended last, and the rows and waits made of it. The parts
 * that rows are made of are read once; rows may be asked for several times.
 */
#ifndef IOAMP_ANSWER_H
#define IOAMP_ANSWER_H

#include <sys/utsname.h>

#include "ledger/latency.h"
#include "ledger/ledger.h"
#include "session/target.h"
#include "session/who.h"
#include "session/window.h"
#include "tables/kept_shares.h"
#include "tables/waits.h"

struct answer {
	bool collected;			/* all of the following belongs to that window */
	struct timespec wall;		/* CLOCK_REALTIME, of its start */
	double seconds, window_s;	/* until the target's own run was over; until the end */
	struct losses losses;
	struct share_list shares;
	struct txn_entry *txns;
	size_t nr_txns;
	struct pending_list pending;
	bool exact_pages;		/* the probes keep a table of dirty pages */
	struct ledger_disk *disks;
	size_t nr_disks;
	struct ledger_input input;
	struct ledger_lines lines;	/* of `input`, resolved once for all questions */
	struct ledger ledger;		/* of the last question */
	char disk_doubt[192];		/* why a disk's figures may be too low */
	char flight_doubt[96];		/* what no disk has completed yet */
	struct latency latency;
	char latency_note[512];
	struct utsname uts;
};

void answer_open(struct answer *a);
void answer_close(struct answer *a);

/* ---- reading, in this order ---- */

/* Subtracts the kernel's own counters of each disk: a->disks. 0 or -ENOMEM. */
int answer_compare_disks(struct answer *a, const struct storage *st, const struct target_wish *wish,
			 const struct window *w);
/*
 * Adds to the counters of the window what its disks counted and no program heard, after
 * answer_compare_disks(). 0 or -errno.
 */
int answer_add_unheard(const struct answer *a, const struct engine *e, struct window *w);
/* Adds to them what was queued in the window and is not completed at its end, on disks that work. 0 or -errno. */
int answer_add_flight(const struct answer *a, const struct engine *e, struct window *w);
/* Reads shares, transactions and dirty pages. 0 or -errno. */
int answer_read(struct answer *a, const struct engine *e, const struct kept_shares *k);
/* Splits the counters of pools: a->lines, of a->input. 0 or -ENOMEM. */
int answer_resolve(struct answer *a);
/* Notes the times and losses of the window. */
void answer_mark(struct answer *a, const struct window *w);

/* ---- answering ---- */

/* Fills rows, totals, disks, times and losses of the zeroed `out`; valid until the next call. 0 or -ENOMEM. */
int answer_rows(struct answer *a, enum row_by by, const struct ledger_only *only, struct summary *out);
/* Makes a summary incomplete if the target is over and some of its bytes are still in flight. */
void answer_doubt_flight(struct answer *a, struct summary *out);
/*
 * Rows of waits: a->latency. `in` has all but the waits and their disks, which are filled in here.
 * 0 or -ENOMEM.
 */
int answer_waits(struct answer *a, const struct waits *w, const struct storage *st,
		 const struct target_wish *wish, struct latency_input *in);
/*
 * What the waits lack, for people: parts whose probes are not attached, and `unseen` requests whose
 * end was not observed. NULL: nothing. Valid until the next call.
 */
const char *answer_waits_note(struct answer *a, const struct engine *e, uint64_t unseen);

/* Reads the disks again; a->disks points to the same disks afterwards. 0 or -errno. */
int answer_renew_disks(struct answer *a, struct storage *st);

#endif
