/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loader - the child's half of the engine: compile, load, attach, and send the
 * descriptors to the parent. Its own header because both halves share the messages.
 */
#ifndef IOAMP_LOADER_H
#define IOAMP_LOADER_H

#include "engine/engine.h"

enum loader_msg_kind { MSG_MAP, MSG_PROBE, MSG_PROGRAM, MSG_NOTICE, MSG_DONE, MSG_FAIL };

/* One datagram; descriptors travel beside it: a map, or a program and what keeps it (struct engine_program). */
struct loader_msg {
	enum loader_msg_kind kind;
	int index;		/* enum probe_map_id, or index of the probe */
	enum program_role role;
	int hook;		/* of the probe, -1 none */
	enum attach_via via;
	enum reason reason;
	char text[256];		/* the reason in words; notice */
	enum ktypes_source types;
	struct text_config config;
	struct failure failure;
};

/* Runs in the child, never returns. */
__attribute__((noreturn)) void loader_run(const struct engine_request *rq, int sock,
					  int parent_pid);

/* The function of a probe's program for one of its hooks. */
void loader_function(const struct probe *p, const struct hook *h, char *name, size_t size);

/* Which hooks of a probe `rq` allows. */
bool loader_wants(const struct engine_request *rq, const struct probe *p, const struct hook *h);

#endif
