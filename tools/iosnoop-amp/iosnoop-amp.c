/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iosnoop-amp - one line per I/O at every layer, then the amplification of it all. */
#include "tool/opt_shared.h"
#include "tool/opt_value.h"
#include "tool/tool.h"
#include "tools/iosnoop-amp/out_event.h"
#include "tools/iosnoop-amp/out_snoop.h"

static const char usage[] =
	"Usage: iosnoop-amp [OPTIONS] [-- COMMAND [ARG...]]\n"
	"Print one line per I/O event at each layer of the kernel until --duration,\n"
	"Ctrl-C or the end of COMMAND, then a summary.\n";

static const char examples[] =
	"  iosnoop-amp                               # all I/O of the machine\n"
	"  iosnoop-amp -x -- dd if=/dev/zero of=x    # a command, more columns\n"
	"  iosnoop-amp -p 1234 --duration 10         # a running process, 10 seconds\n"
	"  iosnoop-amp --layer block,device -d sda   # two layers, one disk\n"
	"  iosnoop-amp --layer device --min-us 10000 # what took a device 10 ms or more\n"
	"  iosnoop-amp -j --duration 5s >io.json     # JSON Lines\n";

#define MIN_US_LIMIT 3600000000u	/* an hour */

static int take_min_us(struct options *o, const struct opt_def *d, const char *value)
{
	uint64_t us = 0;
	int err = opt_value_number(d, value, &us);

	o->ask.min_ns = us * 1000;
	return err;
}

static const struct opt_def own_options[] = {
	{ 0, "min-us", "N", "leave out events faster than N microseconds",
	  .kind = OPT_CALL, .take = take_min_us, OPT_RANGE(0, MIN_US_LIMIT) },
	{ 0 },
};

static int text_begin(FILE *f, const struct options *o)
{
	return out_event_header(f, &o->style);
}

static int text_event(FILE *f, const struct options *o, const struct event *ev)
{
	return out_event_text(f, ev, &o->style);
}

static int text_summary(FILE *f, const struct options *o, const struct summary *s)
{
	return out_snoop_table(f, s, &o->style);
}

static int json_event(FILE *f, const struct options *o, const struct event *ev)
{
	(void)o;
	return out_event_json(f, ev);
}

static int json_summary(FILE *f, const struct options *o, const struct summary *s)
{
	(void)o;
	return out_summary_json(f, s, NULL);
}

static int csv_begin(FILE *f, const struct options *o)
{
	(void)o;
	return out_event_csv_header(f);
}

static int csv_event(FILE *f, const struct options *o, const struct event *ev)
{
	(void)o;
	return out_event_csv(f, ev);
}

static const struct writer text = {
	.name = "text", .begin = text_begin, .event = text_event, .summary = text_summary,
};
static const struct writer json = {
	.name = "json", .event = json_event, .lost = out_event_lost_json, .summary = json_summary,
	.names_files = true,
};
/* A CSV stream can hold one table: the events. */
static const struct writer csv = {
	.name = "csv", .begin = csv_begin, .event = csv_event, .names_files = true,
};
static const struct writer *const writers[] = { &text, &json, &csv, NULL };

static void needs(struct options *o)
{
	struct text_config *text_of = &o->ask.engine.text;

	text_of->events = text_of->times = true;
	/* roles are shown: the kernel side must tell threads with roles of their own apart */
	text_of->lanes |= o->style.extra || o->writer->names_files;
}

static const struct tool tool = {
	.name = "iosnoop-amp",
	.usage = usage,
	.examples = examples,
	.options = {
		opt_shared_target, opt_shared_window, opt_shared_rows, own_options,
		opt_shared_output, opt_shared_probes, opt_shared_always,
	},
	.needs_dashes = true,
	.needs = needs,
	.writers = writers,
	.events = true,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
