/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output - the stream of the report, written by the chosen writer, and its first error. */
#include "tool/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "report/stream.h"
#include "tool/options.h"
#include "tool/writer.h"

static bool wants_color(const struct options *o, int fd)
{
	const char *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(fd) && !getenv("NO_COLOR") && term && strcmp(term, "dumb");
}

int output_open(struct output *out, struct options *o)
{
	struct winsize ws;

	*out = (struct output){ .o = o, .f = stream_open(o->output) };
	if (!out->f)
		return -errno;
	o->style.width = 80;
	if (!ioctl(fileno(out->f), TIOCGWINSZ, &ws) && ws.ws_col)
		o->style.width = ws.ws_col;
	o->style.color = wants_color(o, fileno(out->f));
	return 0;
}

void output_note(struct output *out, int err)
{
	if (err == -EPIPE)
		out->reader_gone = true;
	else if (err && !out->error)
		out->error = err;
}

bool output_over(const struct output *out)
{
	return out->reader_gone || out->error;
}

void output_begin(struct output *out)
{
	output_note(out, stream_truncate(out->f));
	if (out->o->writer->begin)
		output_note(out, out->o->writer->begin(out->f, out->o));
}

void output_event(struct output *out, const struct event *ev)
{
	output_note(out, out->o->writer->event(out->f, out->o, ev));
}

void output_lost(struct output *out, uint64_t lost, uint64_t sent)
{
	if (out->o->writer->lost)
		output_note(out, out->o->writer->lost(out->f, lost, sent));
	else
		log_notice("lost %llu of %llu event lines; totals are exact; raise --buffer-pages"
			   " or narrow with -p, -d, --layer",
			   (unsigned long long)lost, (unsigned long long)(lost + sent));
}

void output_summary(struct output *out, const struct summary *s)
{
	if (out->o->writer->summary)
		output_note(out, out->o->writer->summary(out->f, out->o, s));
	out->o->style.no_header |= out->o->writer->one_table;
	output_flush(out);
}

void output_flush(struct output *out)
{
	output_note(out, stream_finish(out->f));
}
