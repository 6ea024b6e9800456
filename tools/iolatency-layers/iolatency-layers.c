/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iolatency-layers - where the time of I/O goes, in parts that add up to the caller's wait. */
#include <errno.h>

#include "tool/opt_shared.h"
#include "tool/tool.h"
#include "tools/iolatency-layers/out_latency.h"

static const char usage[] =
	"Usage: iolatency-layers [OPTIONS] [INTERVAL [COUNT]] [-- COMMAND [ARG...]]\n"
	"Show where I/O spends its time, in parts that add up to the callers' waits, for\n"
	"each INTERVAL, or once at --duration, Ctrl-C or the end of COMMAND.\n";

static const char examples[] =
	"  iolatency-layers                          # the machine, until Ctrl-C\n"
	"  iolatency-layers 5 3                      # three times five seconds\n"
	"  iolatency-layers -- fio job.fio           # a command\n"
	"  iolatency-layers -p 1234 -m --duration 10 # a process, in milliseconds\n"
	"  iolatency-layers -d sda --by device 1     # a disk, each second\n"
	"  iolatency-layers -j 1 >waits.json         # JSON Lines\n";

static int text_summary(FILE *f, const struct options *o, const struct summary *s)
{
	return out_latency_text(f, s, &o->style);
}

static int json_summary(FILE *f, const struct options *o, const struct summary *s)
{
	(void)o;
	return out_summary_json(f, s, out_latency_json);
}

static int csv_begin(FILE *f, const struct options *o)
{
	return o->style.no_header ? 0 : out_latency_csv_header(f);
}

static int csv_summary(FILE *f, const struct options *o, const struct summary *s)
{
	(void)o;
	return out_latency_csv(f, s);
}

static const struct writer text = { .name = "text", .summary = text_summary };
static const struct writer json = { .name = "json", .summary = json_summary };
static const struct writer csv = { .name = "csv", .begin = csv_begin, .summary = csv_summary };
static const struct writer *const writers[] = { &text, &json, &csv, NULL };

static int check(const struct options *o)
{
	if (o->ask.by != BY_FILE)
		return 0;
	log_usage("--by file: a wait does not belong to a file; iolatency-layers has process, system, role,"
		  " cgroup, container, device");
	return -EINVAL;
}

static void needs(struct options *o)
{
	o->ask.engine.text.latency = true;
	/* a wait does not belong to a file: counting by file would cost for nothing */
	o->ask.engine.text.by_file = false;
}

static const struct tool tool = {
	.name = "iolatency-layers",
	.usage = usage,
	.examples = examples,
	.options = {
		opt_shared_target, opt_shared_command, opt_shared_window, opt_shared_rows,
		opt_shared_output, opt_shared_probes, opt_shared_always,
	},
	.intervals = true,
	.check = check,
	.needs = needs,
	.writers = writers,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
