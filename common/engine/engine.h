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
#include "engine/program_text.h"

enum attach_want { ATTACH_AUTO, ATTACH_TRACEPOINT, ATTACH_FENTRY, ATTACH_KPROBE };

enum engine_map {
	MAP_AGG, MAP_AGG_SPILL, MAP_ACTOR_IDS, MAP_ACTORS, MAP_NEXT_IDS, MAP_LOSSES, MAP_CONFIG, MAP_SYSDESC,
	MAP_ENDIOS, MAP_MOUNTS, MAP_STACK_INODES, MAP_TXNS, MAP_SHARES, MAP_PAGES, MAP_MORE_PAGES, MAP_INODES,
	MAP_HOLDERS, MAP_RQ_HOLDERS, MAP_EVENTS, MAP_NAMES, MAP_FILES, MAP_CGROUP_PATHS, MAP_CGROUPS_WANTED,
	MAP_LATS, MAP_LATS_SPILL, MAP_RQ_UPPERS, MAP_FILE_IDS, MAP_COUNT,
};

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

/* Programs that have a second one beside them, for the runs that the kernel skips. */
#define PROG_BIO_END		"ioamp_bio_end"
#define PROG_BIO_END_AGAIN	"ioamp_bio_again"
#define PROG_DONE		"ioamp_done"
#define PROG_DONE_AGAIN	"ioamp_done_agai"

/* How one probe is attached; hook < 0: not at all, `why` says so. */
struct probe_state {
	int hook;		/* index into probe.hooks */
	const char *via;	/* "tp_btf", "raw_tracepoint", "fentry", "kprobe" */
	char why[160];
};

struct engine {
	int maps[MAP_COUNT];	/* descriptors, -1 absent */
	int *links;		/* descriptors that keep programs attached */
	int *progs;
	size_t nr_links, nr_progs;
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

/* Whether a probe of the catalog is attached, by its name; and why not. */
bool engine_attached(const struct engine *e, const char *probe);
const char *engine_why(const struct engine *e, const char *probe);

/* The text that would be compiled here, for --ebpf. *out is malloc'ed. */
int engine_text(const struct engine_request *rq, char **out, struct failure *f);

#endif
