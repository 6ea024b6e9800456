/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-top - who amplifies I/O now: a screen, or one table, JSON object or CSV block per interval. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/nearest.h"
#include "tool/opt_shared.h"
#include "tool/opt_value.h"
#include "tools/ioamp-top/out_top.h"
#include "tools/ioamp-top/top_screen.h"

#define ROWS_DEFAULT 20

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

/* ---- formats ---- */

static enum top_col sort_column(const struct top_wish *wish)
{
	return wish->sort ? top_columns_find(wish->sort) : COL_DEV_W;
}

/* The time of day at the end of the interval, and the load, as BCC's tops begin. */
static void fill_head(const struct summary *s, char clock[16], char load[80])
{
	time_t end = (time_t)(s->start.s + (int64_t)s->duration_s);
	FILE *f = fopen("/proc/loadavg", "re");
	struct tm tm = { 0 };

	localtime_r(&end, &tm);
	strftime(clock, 16, "%H:%M:%S", &tm);
	strcpy(load, "-");
	if (f) {
		if (fgets(load, 80, f))
			load[strcspn(load, "\n")] = 0;
		fclose(f);
	}
}

static int text_summary(FILE *f, const struct options *o, const struct summary *s)
{
	const struct top_wish *wish = o->own;
	char clock[16], load[80];
	const struct out_top t = {
		.by = o->ask.by, .sort = sort_column(wish), .clock = clock, .load = load,
		.maxrows = wish->maxrows ? wish->maxrows : ROWS_DEFAULT,
	};

	fill_head(s, clock, load);
	return out_top_table(f, s, &t, &o->style);
}

/* JSON and CSV have every row, also those without I/O, unless the user limits them with -r. */
static int choose(const struct top_wish *wish, const struct summary *s, struct summary *out,
		  struct row **rows)
{
	size_t *order, n;
	int err = out_top_order(s, sort_column(wish), false, &order, &n);

	if (err)
		return err;
	if (wish->maxrows && n > wish->maxrows)
		n = wish->maxrows;
	*rows = calloc(n ? n : 1, sizeof(**rows));
	for (size_t i = 0; *rows && i < n; i++)
		(*rows)[i] = s->rows[order[i]];
	free(order);
	*out = *s;
	out->rows = *rows;
	out->nr_rows = n;
	return *rows ? 0 : -ENOMEM;
}

static int json_summary(FILE *f, const struct options *o, const struct summary *s)
{
	struct row *rows = NULL;
	struct summary chosen;
	int err = choose(o->own, s, &chosen, &rows);

	if (!err)
		err = out_summary_json(f, &chosen, NULL);
	free(rows);
	return err;
}

static int csv_summary(FILE *f, const struct options *o, const struct summary *s)
{
	struct row *rows = NULL;
	struct summary chosen;
	int err = choose(o->own, s, &chosen, &rows);

	if (!err)
		err = out_summary_csv(f, &chosen, &o->style);
	free(rows);
	return err;
}

static const struct writer text = { .name = "text", .summary = text_summary };
static const struct writer json = { .name = "json", .summary = json_summary };
static const struct writer csv = { .name = "csv", .summary = csv_summary, .one_table = true };
static const struct writer *const writers[] = { &text, &json, &csv, NULL };

/* ---- the tool ---- */

static bool wants_screen(const struct options *o)
{
	const struct top_wish *wish = o->own;
	const char *type = getenv("TERM");

	return !wish->noclear && o->writer == &text && !o->output && !o->show_ebpf &&
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
	.writers = writers,
	.screen = &top_screen,
	.wants_screen = wants_screen,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
