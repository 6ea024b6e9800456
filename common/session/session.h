/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session - one measurement: probes attached, target known to the kernel side,
 * a window with base and end counters, and the summary of it.
 */
#ifndef IOAMP_SESSION_H
#define IOAMP_SESSION_H

#include "engine/engine.h"
#include "ledger/ledger.h"
#include "machine/storage.h"
#include "session/request.h"
#include "session/written.h"
#include "systems/rules.h"

struct session;

/* Attaches everything. 0, or -errno with `f` filled. */
int session_open(struct session **out, const struct session_request *o, struct failure *f);
void session_close(struct session *s);

const struct engine *session_engine(const struct session *s);

/* Adds a process to the target (and with it the children it will have). */
int session_target(struct session *s, uint32_t pid);

/* The window begins: base counters are taken now. */
int session_begin(struct session *s);
/* The target's own run is over; what follows until session_end() is settling. */
void session_run_over(struct session *s);
/* Housekeeping, about once a second: new disks and mounts, finished transactions. */
void session_tick(struct session *s);
/* Some times a second: processes end before a slow look would see them. */
void session_learn_systems(struct session *s);
/*
 * Several times a second: where new processes press, what ended leaves the kernel side's
 * tables, in the middle of a window. `now_or_never`: whether they press or not. 0; -errno,
 * and the window is lost.
 */
int session_relieve(struct session *s, bool now_or_never);
/* The window ends; not the `last` one: an interval, and session_next() follows. */
int session_end(struct session *s, bool last);
/*
 * A new window begins at the instant where that one ended. Sums over the windows are those of
 * one long window. Questions are about the ended one, until the next ends: one of them must
 * have been asked before this.
 */
int session_next(struct session *s);

/* Devices of file systems and raw disks that the target wrote to, so far. 0 or -errno; written_free() in any case. */
int session_written(struct session *s, struct written *out);
/* Bytes of the target that are dirty or on their way to a disk; -ENOTSUP when that is not known. */
int session_pending(struct session *s, uint64_t *bytes);

const struct storage *session_storage(const struct session *s);

/* A process by actor id, as far as it is known now; NULL: none. Valid until the next call. */
const struct ledger_actor *session_actor(struct session *s, uint32_t id);

/* What systems are known by, and what is usual for them. */
const struct rules *session_rules(const struct session *s);

/*
 * Rows of the ended window by something, of a part of it (NULL: all), with its totals,
 * disks and losses. It may be asked as often as one likes; valid until the next question
 * or tick. What `only` points to must be, too. 0 or -errno.
 */
int session_rows(struct session *s, enum row_by by, const struct ledger_only *only,
		 struct summary *out);

/*
 * The summary of the window; valid until the next one is asked for. `argv` and
 * `exit_status` (negative: none) go into it as they are.
 */
int session_summary(struct session *s, char *const *argv, int exit_status, struct summary *out);

#endif
