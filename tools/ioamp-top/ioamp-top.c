/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-top - who amplifies I/O now: a screen, or one table, JSON object or CSV block per interval. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "tool/opt_shared.h"
#include "tool/opt_value.h"
#include "tools/ioamp-top/top_columns.h"
#include "tools/ioamp-top/top_screen.h"
#include "tools/ioamp-top/top_wish.h"
#include "tools/ioamp-top/top_writers.h"

static const char usage[] =
	"Usage: ioamp-top [OPTIONS] [INTERVAL [COUNT]] [-- COMMAND [ARG...]]\n"
	"Show who amplifies I/O now, refreshed each INTERVAL (1 s): systems, roles,\n"
	"files, devices, processes and control groups. On a terminal it is a screen with\n"
	"keys (h lists them); else, or with -C, one table after the other.\n";

static const char examples[] =
	"  ioamp-top                            # the machine, on a screen\n"
	"  ioamp-top --by process -s dev-w 5    # processes, every 5 seconds\n"
	"  ioamp-top -C -r 10 1 3 >table        # three tables of ten rows\n"
	"  ioamp-top -d nvme0n1 --by file       # which files, on one disk\n"
	"  ioamp-top -- make                    # a command and its children\n"
	"  ioamp-top -j 10 >top.json            # one summary every 10 s, JSON Lines\n"
	"  ioamp-top --csv 60 1440 >day.csv     # a day by the minute\n";

/* ---- options ---- */

/* The name of the i-th column that rows can be sorted by. */
static const char *sort_value(const struct tool *tool, size_t i)
{
	(void)tool;
	return i < COL_TREND ? top_columns[i].name : NULL;
}

static int print_columns(FILE *f)
{
	for (int c = 0; c < COL_TREND; c++)
		fprintf(f, "%-8s %s\n", top_columns[c].name, top_columns[c].help);
	return fflush(f) ? 1 : 0;
}

static int take_sort(struct options *o, const struct opt_def *d, const char *value)
{
	struct top_wish *wish = o->own;
	struct nearest near = nearest_start(value);

	if (top_columns_find(value) < COL_TREND) {
		wish->sort = value;
		return 0;
	}
	for (int c = 0; c < COL_TREND; c++)
		nearest_try(&near, top_columns[c].name);
	log_usage("--%s: '%s' is not a column (--%s help lists them)%s%s%s", d->name, value, d->name,
		  HINT(near, ""));
	return -EINVAL;
}

#define SETS(member) OPT_SETS_OWN(struct top_wish, member)

static const struct opt_def own_options[] = {
	{ 's', "sort", "COLUMN", "largest of this column first; help lists them",
	  .kind = OPT_CALL, .take = take_sort, .list = print_columns, .value = sort_value },
	{ 'r', "maxrows", "N", "at most N rows; without a screen 20 by default",
	  .kind = OPT_NUMBER, SETS(maxrows), OPT_RANGE(1, 1000000) },
	{ 'C', "noclear", NULL, "no screen: one table after the other", .kind = OPT_FLAG, SETS(noclear) },
	{ 'U', "ascii", NULL, "draw the screen with ASCII characters only", .kind = OPT_FLAG, SETS(ascii) },
	{ 'M', "no-mouse", NULL, "leave the mouse to the terminal", .kind = OPT_FLAG, SETS(no_mouse) },
	{ 0 },
};

/* ---- the tool ---- */

static bool wants_screen(const struct options *o)
{
	const struct top_wish *wish = o->own;
	const char *type = getenv("TERM");

	return !wish->noclear && o->writer == top_writers[0] && !o->output && !o->show_ebpf &&
	       isatty(STDOUT_FILENO) && isatty(STDIN_FILENO) && !(type && !strcmp(type, "dumb"));
}

static void needs(struct options *o)
{
	struct target_wish *t = &o->ask.target;

	t->all |= !t->command && !t->nr_pids && !t->tid && !t->cgroup && !t->container && !t->comm &&
		  !t->nr_systems;
	/* the user may switch to files and roles at any time */
	if (wants_screen(o))
		o->ask.engine.text.by_file = o->ask.engine.text.lanes = true;
}

static const struct tool tool = {
	.name = "ioamp-top",
	.usage = usage,
	.examples = examples,
	.options = {
		opt_shared_target, opt_shared_command, opt_shared_window, own_options,
		opt_shared_rows, opt_shared_output, opt_shared_probes, opt_shared_always,
	},
	.own_size = sizeof(struct top_wish),
	.intervals = true,
	.interval_s = 1,
	.needs = needs,
	.writers = top_writers,
	.screen = &top_screen,
	.wants_screen = wants_screen,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
