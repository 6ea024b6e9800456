/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine - compiles, loads and attaches the probes in a child process, and
 * keeps what came back: map and link descriptors. Everything is detached when
 * they are closed, also by the kernel when the tool is killed.
 */
#ifndef IOAMP_ENGINE_H
#define IOAMP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "types/ktypes.h"
#include "base/log.h"
#include "probes/probe.h"
#include "base/layer.h"
#include "engine/attach.h"
#include "engine/program_text.h"

enum attach_want { ATTACH_AUTO, ATTACH_TRACEPOINT, ATTACH_FENTRY, ATTACH_KPROBE };

struct engine_request {
	struct text_config text;
	enum ktypes_source types;
	enum attach_want attach;
	unsigned int layers;	/* bit mask of the layers to attach */
	/* known to the kernel side before the first probe is attached */
	enum targeted targeted;
	const __u32 *pids;	/* the target so far */
	unsigned int nr_pids;
};

/* How one probe is attached; hook < 0: not at all, `code` and `why` say why. */
struct probe_state {
	int hook;		/* index into probe.hooks */
	enum attach_via via;
	enum reason code;
	char why[160];
};

/* What a program is to its probe. */
enum program_role { PROGRAM_PROBE, PROGRAM_CONTINUATION, PROGRAM_UNDERSTUDY };

struct engine_program {
	unsigned int probe;	/* index in the catalog */
	enum program_role role;
	int prog;		/* descriptor */
	int keeper;		/* of the link that attaches it, or of the map of programs that holds it */
};

struct engine {
	int maps[MAP_COUNT];	/* descriptors, -1 absent */
	struct engine_program *programs;
	size_t nr_programs;
	struct probe_state *probes;	/* probe_catalog_count of them */
	enum ktypes_source types;
	struct text_config text;	/* as it was compiled */
	unsigned int nr_cpus;		/* possible CPUs: values of a per-CPU map */
};

/* The compiling child, between engine_begin() and engine_finish(). */
struct engine_start {
	int pid, sock;
};

/*
 * engine_begin() starts the child and returns at once; engine_finish() waits for
 * it. 0, or -errno with `f` filled; nothing stays open or attached on failure.
 * engine_abandon() ends a child whose result is not wanted any more.
 */
int engine_begin(struct engine *e, const struct engine_request *rq, struct engine_start *start);
int engine_finish(struct engine *e, struct engine_start *start, struct failure *f);
void engine_abandon(struct engine *e, struct engine_start *start);
void engine_close(struct engine *e);
/* One that was never begun, so that it may be closed. */
void engine_none(struct engine *e);

/*
 * Layer states from the plan: available, via, reason. `reasons` receives the
 * texts (LAYER_MAX buffers).
 */

void engine_layers(const struct engine *e, const struct engine_request *rq,
		   struct layer_state layers[LAYER_MAX], char reasons[LAYER_MAX][256]);

/* Whether an attached probe tells this: one of TELLS_* of the catalog. */
bool engine_tells(const struct engine *e, unsigned int what);

/* The text that would be compiled here, for --ebpf. *out is malloc'ed. */
int engine_text(const struct engine_request *rq, char **out, struct failure *f);

#endif
