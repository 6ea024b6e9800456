/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parts - what a session is made of, for the files that conduct it (session.c, session_retire.c,
 * session_answer.c). Each part has functions of its own; no other file includes this one.
 */
#ifndef IOAMP_PARTS_H
#define IOAMP_PARTS_H

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
#include "tables/waits.h"

struct session {
	struct engine engine;
	struct layer_state layers[LAYER_MAX];
	char reasons[LAYER_MAX][LAYER_REASON];	/* the texts of `layers` */
	struct storage storage;
	struct target target;
	struct window window;
	/* what was read of the kernel tables at the start of the window, and retired from them */
	struct departed departed;
	struct idle idle;
	struct kept_shares shares;
	struct waits waits;
	struct file_ids file_ids;
	uint32_t next_actor;		/* the next id to be given, at the last session_retire() */
	/* whose the counters are, and of which files */
	struct who who;
	struct file_names file_names;
	struct file_roles file_roles;
	struct answer answer;
	enum row_by by;			/* rows of the summary */
};

#endif
