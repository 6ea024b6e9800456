/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out - the writers: one summary or event to text, JSON or CSV. Pure: a FILE
 * is given, nothing else is touched. Every function returns 0 or -errno of the
 * stream (-EPIPE when the reader left).
 */
#ifndef IOAMP_OUT_H
#define IOAMP_OUT_H

#include <stdio.h>

#include "ledger/row.h"
#include "report/stream.h"
#include "report/style.h"

int out_summary_json(FILE *f, const struct summary *s);
int out_summary_csv(FILE *f, const struct summary *s, const struct out_style *style);
int out_summary_text(FILE *f, const struct summary *s, const struct out_style *style);

/* Waits in their parts: the rows of s->latency, as in iolatency-layers(8). */
int out_latency_text(FILE *f, const struct summary *s, const struct out_style *style);
int out_latency_csv_header(FILE *f);
int out_latency_csv(FILE *f, const struct summary *s);	/* without it */
struct json;
void out_latency_json(struct json *j, const struct summary *s);	/* the member `latency` */

/* The table that ends iosnoop-amp: SYSTEM SYS_R ... W_AMP, then the byte factors. */
int out_snoop_table(FILE *f, const struct summary *s, const struct out_style *style);

/*
 * The notes that end every text report: incomplete and why, losses, layers not
 * seen and why, bytes still dirty. No error return: the caller checks the stream.
 */
void out_notes(FILE *f, const struct summary *s, const struct out_style *style);

/* One event, names resolved; pid 0: unknown. NULL names print as "-" or null. */
struct out_event {
	const struct ioamp_event *e;
	int64_t wall_s;
	long wall_ns;
	const char *system, *role, *comm, *via, *disk, *file;
	uint32_t pid;
};
int out_event_header(FILE *f, const struct out_style *style);
int out_event_text(FILE *f, const struct out_event *ev, const struct out_style *style);
int out_event_json(FILE *f, const struct out_event *ev);
int out_event_csv_header(FILE *f);
int out_event_csv(FILE *f, const struct out_event *ev);
int out_lost_json(FILE *f, uint64_t lost, uint64_t sent);
const char *out_event_name(const struct ioamp_event *e);	/* "SYSCALL_READ", ... */

#endif
