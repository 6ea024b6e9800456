/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writer - the output formats that tools share. */
#include "tool/writer.h"

#include <string.h>

#include "report/out.h"
#include "tool/options.h"

static int text_summary(FILE *f, const struct options *o, const struct summary *s)
{
	return out_summary_text(f, s, &o->style);
}

static int json_summary(FILE *f, const struct options *o, const struct summary *s)
{
	(void)o;
	return out_summary_json(f, s, NULL);
}

static int csv_summary(FILE *f, const struct options *o, const struct summary *s)
{
	return out_summary_csv(f, s, &o->style);
}

static const struct writer text = { .name = "text", .summary = text_summary };
static const struct writer json = { .name = "json", .summary = json_summary };
static const struct writer csv = { .name = "csv", .summary = csv_summary, .one_table = true };

const struct writer *const writer_common[] = { &text, &json, &csv, NULL };

const struct writer *writer_find(const struct writer *const *list, const char *name)
{
	while (*list && strcmp((*list)->name, name))
		list++;
	return *list;
}
