/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output - where the report goes, by the writer that the user chose, and whether that still works. */
#ifndef IOAMP_OUTPUT_H
#define IOAMP_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct event;
struct options;
struct summary;

struct output {
	struct options *o;
	FILE *f;
	bool reader_gone;	/* of a pipe: no error, but the end */
	int error;		/* -errno of the first failed write; 0: none */
};

/* Opens -o or standard output, and fits the style to it. 0 or -errno. */
int output_open(struct output *out, struct options *o);

/* Takes note of what a write returned. */
void output_note(struct output *out, int err);
/* No more can be written. */
bool output_over(const struct output *out);

/* What the writer prints at each moment; output_note() is done. */
void output_begin(struct output *out);	/* the file is emptied first */
void output_event(struct output *out, const struct event *ev);
/* `lost` event lines found no room since the last call, `sent` arrived so far. */
void output_lost(struct output *out, uint64_t lost, uint64_t sent);
void output_summary(struct output *out, const struct summary *s);
void output_flush(struct output *out);

#endif
