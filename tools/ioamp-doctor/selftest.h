/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * selftest - a workload whose I/O is known, measured as ioamp-stat would, and each
 * figure of each layer compared with what it must be.
 */
#ifndef IOAMP_SELFTEST_H
#define IOAMP_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/summary.h"

enum figure_verdict { FIGURE_OK, FIGURE_MISMATCH, FIGURE_UNAVAILABLE, FIGURE_VERDICTS };

struct figure {
	const char *layer;	/* the name of a layer, or "owner", "balance" */
	const char *name;
	bool at_least;		/* expected is a lower bound */
	uint64_t expected;
	struct maybe got;
	enum figure_verdict verdict;
	const char *reason;	/* why it is unavailable; else NULL */
};

/* What the workload did, by the return values of its calls; and the kernel's count for the disk. */
struct known {
	uint32_t pid;
	uint64_t page;			/* bytes */
	uint64_t direct_write_ops, direct_write_bytes;
	uint64_t buffered_ops, buffered_bytes;
	uint64_t gone_ops, gone_bytes;	/* written, then unlinked while dirty */
	uint64_t direct_read_ops, direct_read_bytes;
	uint64_t cold_ops, cold_bytes;	/* read through an empty page cache */
	uint64_t syncs;
	struct maybe disk_read_bytes, disk_write_bytes;	/* of `disk`, over the window */
	const char *disk;		/* NULL: not known; a name of /sys/block */
	bool alone;			/* no other process uses this disk, and it is a leaf */
	bool guessed;			/* kernel addresses are hidden, so classes of I/O are guesses */
	const char *no_direct;		/* why O_DIRECT was not possible; NULL: it was possible */
};

#define FIGURES_MAX 48
struct selftest {
	const char *version, *kernel, *types;
	const char *filesystem;		/* "ext4" */
	const char *disk;		/* NULL unknown */
	char place[300];		/* "loop3 over memory" */
	struct known known;
	struct layer_state layers[LAYER_MAX];
	bool complete;
	const char *incomplete_reason;
	struct figure v[FIGURES_MAX];
	size_t n;
};

/* Fills the figures from `known` and from the summary. Pure. */
void selftest_compare(struct selftest *t, const struct summary *s);
/*
 * Is a layer unavailable that every kernel has hooks for: all but vfs, whose functions not every
 * kernel lets anybody probe? The figures that are left prove little. The name of one; NULL: none.
 */
const char *selftest_dark(const struct selftest *t);
bool selftest_passed(const struct selftest *t);
size_t selftest_count(const struct selftest *t, enum figure_verdict verdict);
const char *selftest_verdict_name(enum figure_verdict verdict);

/* ---- selftest_work.c: the workload ---- */

#define WORK_OPS	23	/* primes: such a count is recognised at a glance */
#define WORK_SMALL_OPS	997
#define WORK_SMALL	1000
#define WORK_COLD_PAGES	257
#define WORK_CHUNK	65536
#define WORK_GONE	(8u << 20)

/*
 * Makes the files that are read or overwritten, clean and out of the page cache, in
 * the directory `dir` (a descriptor). 0 or -errno.
 */
int selftest_work_prepare(int dir, uint64_t page);
/* The known I/O; `k` gets what the calls returned. 0 or -errno. */
int selftest_work_run(int dir, uint64_t page, struct known *k);

/* ---- selftest_run.c ---- */

struct session_request;
struct failure;
struct session;

/*
 * All of it. 0 with `t` filled; its strings live until selftest_close(). Else -errno
 * with `f` filled, status 3 when this machine cannot, 1 when something went wrong.
 */
struct selftest_run;
int selftest_run(struct selftest_run **out, const struct session_request *ask, const char *directory,
		 const struct selftest **t, struct failure *f);
void selftest_close(struct selftest_run *r);

#endif
