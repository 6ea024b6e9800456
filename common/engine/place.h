/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place - loads the programs of a compiled text and attaches them, each probe by its first hook that works. */
#ifndef IOAMP_PLACE_H
#define IOAMP_PLACE_H

#include "engine/engine.h"

struct program;

/* What the probes are placed from and where results go. */
struct placement {
	const struct engine_request *rq;
	const struct text_config *config;	/* the program's, as it was compiled */
	const struct ktypes *kt;
	const struct program *program;
	int sock;			/* each result is sent here, see message.h */
	char no_fentry[160], no_kprobe[160];	/* why these kinds of hook are not possible; "" else */
	char refused[200];		/* the last probe that attached nowhere though a layer needs it, and why */
};

/* False: a probe without which its layer is unavailable could not be attached. */
bool place_all(struct placement *x);

/* Whether `rq` allows a hook of a probe. */
bool place_wants(const struct engine_request *rq, const struct probe *p, const struct hook *h);

/* The function of a probe's program for one of its hooks. */
void place_function(const struct probe *p, const struct hook *h, char *name, size_t size);

#endif
