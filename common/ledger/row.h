/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row - what a summary is made of: the rows, disks and losses that the writers
 * (out_*.c) print. Plain data, filled by ledger.c; shapes follow
 * summary.schema.json. Byte, op and ns figures are exact integers.
 */
#ifndef IOAMP_ROW_H
#define IOAMP_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/layer.h"
#include "ledger/figures.h"
#include "ledger/losses.h"
#include "probes/abi.h"

/* `ns` is the summed time in that layer; meaningful only when has_ns. */
struct io {
	uint64_t ops;
	uint64_t bytes;
	uint64_t ns;
	bool has_ns;
};

enum row_kind { ROW_OWNER, ROW_SELF, ROW_BACKGROUND, ROW_OUTSIDE, ROW_UNATTRIBUTED, ROW_KIND_MAX };
enum row_by {
	BY_PROCESS, BY_SYSTEM, BY_ROLE, BY_CGROUP, BY_CONTAINER, BY_FILE, BY_DEVICE, BY_TOTAL,
};

/* A figure that may be unknown: JSON null, text "-". */
struct maybe {
	uint64_t v;
	bool known;
};

struct row {
	enum row_kind kind;
	enum row_by by;
	/* Names are byte strings and may hold anything but NUL; NULL prints as null.
	 * Not owned by the row. */
	const char *system, *role, *comm, *cgroup, *container, *file, *disk;
	const char *instance;	/* which one of a system; NULL where nothing tells */
	bool has_pid;
	uint32_t pid;
	uint32_t id;		/* to ask for its parts: actor of a process, first id of a file; else 0 */
	unsigned int absent;	/* bits 1 << enum layer: null in this row though the layer is
				 * available (--by device: only leaves carry `device`) */

	struct {
		struct io read, write, sync;
		struct io iface[IFACE_MAX];	/* indexed by enum iface; ops == 0: absent */
	} app;
	struct {
		struct io read, write, sync;
	} vfs;
	struct {
#define ROW_MAYBE(member)	struct maybe member;
#define ROW_LEVEL(member)	struct maybe member;
#define ROW_HIDDEN(member)	uint64_t member;
#define ROW_CACHE(member, kind, ...) ROW_##kind(member)
		FIGURES_CACHE(ROW_CACHE)
#undef ROW_CACHE
#undef ROW_HIDDEN
#undef ROW_LEVEL
#undef ROW_MAYBE
	} cache;
	struct io fs_read[CLASS_MAX], fs_write[CLASS_MAX];
	struct {
		struct io read, write, flush, discard;
		uint64_t before_read, before_write;	/* part of read, write; no part of a chain */
	} block;
	struct {
		struct io read, write, flush, discard;
		uint64_t write_class[CLASS_MAX];
		uint64_t shared_bytes;
		uint64_t before_bytes;	/* caused before the window of the run: read and written */
		uint64_t before_read, before_write;	/* the same by direction */
	} device;
};

struct disk_row {
	const char *name;
	uint32_t major, minor;
	bool leaf;
	const char *parents[64];	/* NULL-terminated: the disks directly above */
	uint64_t read_bytes, write_bytes;
	struct maybe kernel_read_bytes, kernel_write_bytes;
	const char *kernel_reason;	/* why kernel_* are unknown; else NULL */
	uint64_t write_by_kind[ROW_KIND_MAX];
	uint64_t error_bytes;
	uint64_t zeroes_bytes;	/* write-zeroes: in the kernel's figure, not in ours */
};

struct latency;	/* latency.h */

struct summary {
	const char *tool, *version, *kernel, *types;
	struct { int64_t s; long ns; } start;	/* CLOCK_REALTIME */
	double duration_s;
	double window_s;		/* in which the bytes were counted: with settling; 0: duration_s */
	double settle_s, interval_s;	/* negative: null */
	bool complete;
	const char *incomplete_reason;	/* NULL when complete */
	struct layer_state layers[LAYER_MAX];
	struct losses losses;
	const struct row *rows;
	size_t nr_rows;
	struct row totals;
	const struct disk_row *disks;
	size_t nr_disks;
	const char *target;	/* what was watched when there was no command */
	char *const *argv;	/* NULL: no command */
	int exit_status;	/* of the command; negative: null */
	const struct latency *latency;	/* of iolatency-layers; NULL: of no other tool */
	const char *latency_note;	/* what of a wait could not be seen; NULL: nothing */
};

/* One step of the chain; `to` may skip stages that could not be seen. */
struct chain_step {
	const char *from, *to;
	double factor;
	bool known;
};

struct amplification {
	double bytes, ops;
	bool has_bytes, has_ops;
	struct chain_step chain[LAYER_MAX];
	size_t steps;
};

/*
 * Amplification of one row (op is OP_READ or OP_WRITE) by product.md section 3
 * and iolayers(7). Pure. A layer that is unavailable in `layers` merges with
 * the next; a stage of 0 ends the chain.
 */
void amplification_compute(const struct row *row, const struct layer_state layers[LAYER_MAX],
			   enum op op, struct amplification *out);

/*
 * Bytes of one stage of the chain (application, cache, filesystem, block,
 * device); unknown for vfs and for what `layers` or row->absent cannot show.
 */
struct maybe amplification_stage(const struct row *row, const struct layer_state layers[LAYER_MAX],
				 enum layer layer, enum op op);

/* What a row did at one layer; unknown is what `layers` or row->absent cannot show. */
struct layer_io {
	struct maybe read, read_ops, write, write_ops;
	struct maybe sync;	/* of application and vfs; flushes of block and device */
};
struct layer_io row_layer_io(const struct row *row, const struct layer_state layers[LAYER_MAX],
			     enum layer layer);

/* "perfect" (<= 1), "very good" (< 2), "good" (<= 3), "fair" (< 5), "moderate" (<= 10), "high". */
const char *amplification_band(double factor);

/* to += from, figure by figure: a figure that is unknown in one row is unknown in the sum. */
void row_add(struct row *to, const struct row *from);
/* to -= from, where `from` is an earlier state of the same sum; `pending` stays that of `to`. */
void row_subtract(struct row *to, const struct row *from);
/* Sets all figures to 0 and known; names and kinds stay. */
void row_zero(struct row *row);

/* May this row show figures of the layer? */
bool row_has_layer(const struct row *row, const struct layer_state layers[LAYER_MAX],
		   enum layer layer);

/* Reads have three classes only: what is neither data nor metadata. */
struct io row_fs_read_other(const struct row *row);

/*
 * Splits `total` over n weights so that the parts add up exactly: largest
 * remainder, ties to the lowest index. All weights 0: part[0] gets it all.
 * 128-bit arithmetic inside; no overflow. Pure.
 */
void apportion(uint64_t total, const uint64_t *weight, uint64_t *part, size_t n);

const char *row_kind_name(enum row_kind kind);
const char *row_by_name(enum row_by by);
const char *layer_name(enum layer layer);	/* "application", ... */
const char *class_name(enum io_class cls);	/* "data", ... */
/* Bytes not counted by the kernel: pages of mappings, libaio requests as submitted. */
bool iface_is_estimate(enum iface iface);
const char *iface_name(enum iface iface);	/* "pwrite64", "io_uring", ... */

#endif
