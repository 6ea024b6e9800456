/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iolatency-layers - where the time of I/O goes, in parts that add up to the caller's wait. */
#include "tool/tool.h"

static int begin(FILE *f, const struct options *o, const struct out_style *style)
{
	return o->csv && !style->no_header ? out_latency_csv_header(f) : 0;
}

static int report(FILE *f, const struct options *o, const struct summary *s,
		  const struct out_style *style)
{
	if (o->json)
		return out_summary_json(f, s);
	return o->csv ? out_latency_csv(f, s) : out_latency_text(f, s, style);
}

static const struct tool tool = {
	.id = TOOL_LATENCY,
	.name = "iolatency-layers",
	.begin = begin,
	.report = report,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
