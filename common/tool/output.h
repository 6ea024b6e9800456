/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output - the stream of the report, written by the chosen writer, and its first error. */
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
	bool reader_gone;	/* the reader closed the pipe: the run ends without an error */
	int error;		/* -errno of the first failed write; 0: none */
};

/* Opens the file of -o or standard output, and sets width and color of the style. 0 or -errno. */
int output_open(struct output *out, struct options *o);

/* Keeps the result of a write: 0 or -errno. */
void output_note(struct output *out, int err);
/* Has a write failed? */
bool output_over(const struct output *out);

/* Call the function of the writer, and output_note() with its result. */
void output_begin(struct output *out);	/* the file is emptied first */
void output_event(struct output *out, const struct event *ev);
/* `lost` event lines found no room since the last call, `sent` arrived so far. */
void output_lost(struct output *out, uint64_t lost, uint64_t sent);
void output_summary(struct output *out, const struct summary *s);
void output_flush(struct output *out);

#endif
