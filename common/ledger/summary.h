/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary - all that writers print of one window: rows, disks, layers and losses. Plain data in the
 * shape of summary.schema.json.
 */
#ifndef IOAMP_SUMMARY_H
#define IOAMP_SUMMARY_H

#include "ledger/losses.h"
#include "ledger/row.h"

/* How far the kernel's figure may be from ours for the time that both readings took. */
struct slack {
	uint64_t below, above;
};

struct disk_row {
	const char *name;
	uint32_t major, minor;
	bool leaf;
	const char *parents[64];	/* NULL-terminated: the disks directly above */
	uint64_t read_bytes, write_bytes;
	struct maybe kernel_read_bytes, kernel_write_bytes;
	struct slack read_slack, write_slack;
	bool of_target;			/* the target's bytes were queued to it or completed by it */
	bool removed;			/* in the window, and added again: the kernel counted anew */
	const char *kernel_reason;	/* why kernel_* are unknown; else NULL */
	uint64_t write_by_kind[ROW_KIND_MAX];
	uint64_t error_bytes;
	uint64_t zeroes_bytes;	/* write-zeroes: the kernel counts them as written, we do not */
};

struct latency;	/* latency.h */

struct summary {
	const char *tool, *version, *kernel, *types;
	struct { int64_t s; long ns; } start;	/* CLOCK_REALTIME */
	double duration_s;
	double window_s;		/* time in which bytes were counted, with settling; 0: duration_s */
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
	const char *target;	/* for people, when there was no command */
	char *const *argv;	/* NULL: no command */
	int exit_status;	/* of the command; negative: null */
	const struct latency *latency;	/* NULL but in iolatency-layers */
	const char *latency_note;	/* which parts of waits are not measured; NULL: all are */
};

#endif
