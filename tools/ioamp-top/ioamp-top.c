/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-top - who amplifies I/O now: a screen, or one table, JSON object or CSV block per interval. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/ioamp-top/out_top.h"
#include "tools/ioamp-top/top_screen.h"

#define ROWS_DEFAULT 20

static enum top_col sort_column(const struct options *o)
{
	return o->sort ? top_column_find(o->sort) : COL_DEV_W;
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

static int table(FILE *f, const struct options *o, const struct summary *s,
		 const struct out_style *style)
{
	char clock[16], load[80];
	const struct out_top t = {
		.by = o->ask.by, .sort = sort_column(o), .clock = clock, .load = load,
		.maxrows = o->maxrows ? o->maxrows : ROWS_DEFAULT,
	};

	fill_head(s, clock, load);
	return out_top_table(f, s, &t, style);
}

/* JSON and CSV: every row, in the contract's order; -s and -r are a wish of the user's. */
static int choose(const struct options *o, const struct summary *s, struct summary *out,
		  struct row **rows)
{
	size_t *order, n;
	int err = out_top_order(s, sort_column(o), false, &order, &n);

	if (err)
		return err;
	if (o->maxrows && n > o->maxrows)
		n = o->maxrows;
	*rows = calloc(n ? n : 1, sizeof(**rows));
	for (size_t i = 0; *rows && i < n; i++)
		(*rows)[i] = s->rows[order[i]];
	free(order);
	*out = *s;
	out->rows = *rows;
	out->nr_rows = n;
	return *rows ? 0 : -ENOMEM;
}

static int report(FILE *f, const struct options *o, const struct summary *s,
		  const struct out_style *style)
{
	struct row *rows = NULL;
	struct summary chosen;
	int err;

	if (!o->json && !o->csv)
		return table(f, o, s, style);
	err = choose(o, s, &chosen, &rows);
	if (!err)
		err = o->json ? out_summary_json(f, &chosen) : out_summary_csv(f, &chosen, style);
	free(rows);
	return err;
}

static const struct tool tool = {
	.id = TOOL_TOP,
	.name = "ioamp-top",
	.interval_s = 1,
	.report = report,
	.screen = &top_screen,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
