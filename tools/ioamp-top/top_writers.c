/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_writers - one interval of ioamp-top without a screen: a table, JSON or CSV. */
#include "tools/ioamp-top/top_writers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/out.h"
#include "tool/options.h"
#include "tools/ioamp-top/out_top.h"
#include "tools/ioamp-top/top_columns.h"
#include "tools/ioamp-top/top_wish.h"

#define ROWS_DEFAULT 20

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
const struct writer *const top_writers[] = { &text, &json, &csv, NULL };
