/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine - has the probes compiled, loaded and attached by a process of its own, the compiler
 * process, and keeps the descriptors of maps and programs that this process sends. Closing them
 * detaches everything; the kernel closes them when the tool is killed.
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
	/* the kernel side gets these before the first probe is attached */
	enum targeted targeted;
	const __u32 *pids;	/* processes of the target that run already */
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
	int maps[MAP_COUNT];	/* descriptors; -1: not in this text */
	struct engine_program *programs;
	size_t nr_programs;
	struct probe_state *probes;	/* probe_catalog_count of them */
	enum ktypes_source types;
	struct text_config text;	/* as compiled: some switches depend on the kernel */
	unsigned int nr_cpus;		/* possible CPUs: values of a per-CPU map */
};

/* The compiler process, between engine_begin() and engine_finish(). */
struct engine_start {
	int pid, sock;
};

/*
 * engine_begin() starts the compiler process and returns at once; engine_finish() waits for its
 * result. 0, or -errno with `f` filled; on failure nothing stays open or attached.
 * engine_abandon() kills the process instead, when its result is no longer needed.
 */
int engine_begin(struct engine *e, const struct engine_request *rq, struct engine_start *start);
int engine_finish(struct engine *e, struct engine_start *start, struct failure *f);
void engine_abandon(struct engine *e, struct engine_start *start);
void engine_close(struct engine *e);
/* Initialises an engine so that engine_close() accepts it. */
void engine_none(struct engine *e);

/* The state of each layer, from the states of its probes; `reasons` holds the words of `layers`. */
void engine_layers(const struct engine *e, const struct engine_request *rq,
		   struct layer_state layers[LAYER_MAX], char reasons[LAYER_MAX][LAYER_REASON]);

/* Does an attached probe tell this? `what`: TELLS_* of the catalog. */
bool engine_tells(const struct engine *e, unsigned int what);

/* The text that would be compiled here, for --ebpf. *out is malloc'ed. */
int engine_text(const struct engine_request *rq, char **out, struct failure *f);

#endif
