/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loader - the child's half of the engine: compile, load, attach, and send the
 * descriptors to the parent. Its own header because both halves share the messages.
 */
#ifndef IOAMP_LOADER_H
#define IOAMP_LOADER_H

#include "engine/engine.h"

enum loader_msg_kind { MSG_MAP, MSG_PROBE, MSG_KEEP, MSG_NOTICE, MSG_DONE, MSG_FAIL };

/* One datagram; descriptors travel beside it (map: 1; probe: program, link; keep: map of programs, program). */
struct loader_msg {
	enum loader_msg_kind kind;
	int index;		/* enum engine_map, or index of the probe */
	int hook;		/* of the probe, -1 none */
	char via[24];
	char text[256];		/* why not; notice */
	enum ktypes_source types;
	struct text_config config;
	struct failure failure;
};

struct engine_map_info {
	const char *name;
	size_t key_size, leaf_size;
	bool optional;	/* not in every configuration */
};
extern const struct engine_map_info engine_maps[MAP_COUNT];

/* Runs in the child, never returns. */
__attribute__((noreturn)) void loader_run(const struct engine_request *rq, int sock,
					  int parent_pid);

/* The name of a probe's program in the text, without its prefix. */
const char *loader_program(const struct probe *p, const struct hook *h);

/* Which hooks of a probe `rq` allows. */
bool loader_wants(const struct engine_request *rq, const struct probe *p, const struct hook *h);

#endif
