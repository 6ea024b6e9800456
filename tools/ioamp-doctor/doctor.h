/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor - what this machine can measure, why not more, and what to type: one finding
 * per check, then how each layer and probe attaches. out_doctor.h has the writers,
 * selftest.h the self-test.
 */
#ifndef IOAMP_DOCTOR_H
#define IOAMP_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "probes/probe.h"
#include "ledger/row.h"
#include "tools/ioamp-doctor/finding.h"

struct bcc_library;
struct failure;

/* The machine to examine. Tests make one out of files. */
struct machine {
	const char *root;	/* in front of /proc, /sys, /lib, /etc; "": this machine */
	const char *release, *arch;
	const char *retry;	/* our command line, for a fix like "sudo ..." */
	int (*try_bpf)(void);	/* as in may_trace_paths */
	/*
	 * Attaches something harmless: 0 with `said` the way it went ("tp_btf"), or -errno
	 * with `said` the reason. NULL: not to be tried.
	 */
	int (*try_hook)(void *ctx, enum hook_kind kind, char *said, size_t size);
	void *ctx;
	const struct bcc_library *library;	/* NULL: no_library says why */
	const struct failure *no_library;
};

/* All checks in the order they are printed. Reads files below `root`, writes nothing. */
void doctor_check(const struct machine *m, struct findings *out);

/* How one probe attaches. */
struct plan_probe {
	const char *name, *via, *point;	/* via NULL: not attached */
	bool wanted;			/* false: no tool asked for it here */
	unsigned int layers;
	const char *lost;		/* what its absence costs */
	char why[160];
};

struct plan {
	bool made;			/* false: a check says why not */
	const char *types;
	double seconds;			/* to compile and attach */
	struct layer_state layers[LAYER_MAX];
	char reasons[LAYER_MAX][LAYER_REASON];
	char fixes[LAYER_MAX][256];	/* "": nothing to fix */
	struct plan_probe *probes;
	size_t nr_probes;
};

struct diagnosis {
	const char *version, *kernel, *arch, *host;
	char system[128];		/* PRETTY_NAME of os-release */
	struct findings checks;
	struct plan plan;
};

/* The exit status: 3 when something is missing, else 0. */
int doctor_status(const struct diagnosis *d);
/* Checks and layers with this verdict. */
size_t doctor_count(const struct diagnosis *d, enum verdict verdict);
enum verdict doctor_layer_verdict(const struct plan *p, enum layer layer);
/* The fix for each layer that is unavailable or observed in part. `btf`: this kernel has BTF. */
void doctor_mend(struct plan *p, bool btf);

/* The options that only ioamp-doctor has. */
struct doctor_wish {
	bool selftest;
	const char *scratch;	/* directory, NULL: in memory */
	bool list_systems;	/* of all processes, or of the one PID of the target */
	const char *lint;	/* rule file */
};

struct options;

/*
 * For struct tool: checks and plan, or the self-test, and the report of it. 0 with the
 * exit status of the process, or -errno of the stream.
 */
int doctor_run(FILE *out, const struct options *o, const char *retry, int *status);

#endif
