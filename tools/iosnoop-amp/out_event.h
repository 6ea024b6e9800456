/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_event - one event as text, JSON or CSV. As in report/out.h: 0 or -errno of the stream. */
#ifndef IOAMP_OUT_EVENT_H
#define IOAMP_OUT_EVENT_H

#include <stdio.h>

#include "report/style.h"
#include "tool/events.h"

/* The line of heads, unless style->no_header. */
int out_event_header(FILE *f, const struct out_style *style);
int out_event_text(FILE *f, const struct event *ev, const struct out_style *style);
int out_event_json(FILE *f, const struct event *ev);
int out_event_csv_header(FILE *f);
int out_event_csv(FILE *f, const struct event *ev);
/* The JSON line for `lost` events that found no room, of which `sent` arrived so far. */
int out_event_lost_json(FILE *f, uint64_t lost, uint64_t sent);
/* "SYSCALL_READ", "FS_JOURNAL" ... */
const char *out_event_name(const struct ioamp_event *e);

#endif
