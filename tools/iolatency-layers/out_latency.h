/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_latency - waits in their parts, the rows of s->latency, as text, JSON and CSV. As in
 * report/out.h: 0 or -errno of the stream.
 */
#ifndef IOAMP_OUT_LATENCY_H
#define IOAMP_OUT_LATENCY_H

#include "report/out.h"

struct latency_id;

int out_latency_text(FILE *f, const struct summary *s, const struct out_style *style);
out_members out_latency_json;	/* the members `latency` and `latency_note` */
int out_latency_csv_header(FILE *f);
int out_latency_csv(FILE *f, const struct summary *s);	/* without the header */

/* "pwrite64", "io_uring" ...; NULL: none. */
const char *out_latency_interface(const struct latency_id *id);

#endif
