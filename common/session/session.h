/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session - one measurement: attached probes, a target, a window or several in a row, and the
 * answers about them. The parts have headers of their own; a tool sees what is in here.
 */
#ifndef IOAMP_SESSION_H
#define IOAMP_SESSION_H

#include "engine/engine.h"
#include "ledger/ledger.h"
#include "machine/storage.h"
#include "session/request.h"
#include "session/sync_list.h"
#include "systems/rules.h"

struct session;

/*
 * Finds the target, compiles and attaches the probes, and tells the kernel side what it needs. The
 * strings of `o` must outlive the session. 0, or -errno with `f` filled.
 */
int session_open(struct session **out, const struct session_request *o, struct failure *f);
void session_close(struct session *s);

/* Adds a process to the target, and with it the children that it will have. 0 or -errno. */
int session_add_process(struct session *s, uint32_t pid);

/* ---- the window, in this order ---- */

/* Starts the window: reads the counters of its start. 0 or -errno. */
int session_begin(struct session *s);
/* The target's own run is over. Until session_end() its dirty pages may still reach the disk. */
void session_run_over(struct session *s);
/* Ends the window: reads the counters of its end. A window that is not the `last` is an interval. 0 or -errno. */
int session_end(struct session *s, bool last);
/*
 * After an interval: starts the next one at the instant where the last one ended, so that the sums of
 * all are those of one long window. Retires what the tables need not hold any more. Answers are about
 * the ended interval until the next one ends. Ask for one of them before this call: it reads who and
 * what is still in use. 0; -errno, and the measurement is lost.
 */
int session_next(struct session *s);

/* ---- during a window ---- */

/* Call about once a second: reads new disks, mounts and control groups, retires finished transactions. */
void session_tick(struct session *s);
/* Call several times a second: a process that lives for less than one interval is otherwise never examined. */
void session_learn_systems(struct session *s);
/*
 * Call several times a second: removes ended processes and their counters from the kernel tables when
 * many new processes have appeared. `force`: do it in any case. 0; -errno, and the window is lost.
 */
int session_retire(struct session *s, bool force);

/* Devices that the target has written to in this window. 0 or -errno; call sync_list_free() in any case. */
int session_sync_list(struct session *s, struct sync_list *out);
/* Bytes of the target that are dirty or on their way to a disk. 0; -ENOTSUP: not known on this kernel; -errno. */
int session_pending(struct session *s, uint64_t *bytes);
/*
 * Bytes that COMMAND queued, to be read or written, and that no disk has completed; 0 if COMMAND is not the
 * target: others go on. 0 or -errno.
 */
int session_in_flight(struct session *s, uint64_t *bytes);

/* ---- what is known ---- */

const struct engine *session_engine(const struct session *s);
/* Valid until the next tick or answer. */
const struct storage *session_storage(const struct session *s);
/* The rules by which systems are recognised. */
const struct rules *session_rules(const struct session *s);
/* The process of an actor id; NULL: the kernel side has none. Valid until the next call. */
const struct ledger_actor *session_actor(struct session *s, uint32_t id);

/* ---- answers about the window that ended last ---- */

/*
 * Rows of a part of the window (`only`; NULL: all of it), with totals, disks and losses. Ask as often
 * as you like. An answer is valid until the next one or the next tick, and needs `only` until then.
 * 0 or -errno.
 */
int session_rows(struct session *s, enum row_by by, const struct ledger_only *only,
		 struct summary *out);
/*
 * The summary: the rows that session_request.by asks for, and the waits. `argv` and `exit_status`
 * (negative: none) are copied into it. Valid as an answer of session_rows(). 0 or -errno.
 */
int session_summary(struct session *s, char *const *argv, int exit_status, struct summary *out);

#endif
