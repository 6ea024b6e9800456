/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ioamp-stat - run a command, or watch a target, and print its I/O layer by layer. */
#include "tool/tool.h"

static int report(FILE *f, const struct options *o, const struct summary *s,
		  const struct out_style *style)
{
	if (o->json)
		return out_summary_json(f, s);
	if (o->csv)
		return out_summary_csv(f, s, style);
	return out_summary_text(f, s, style);
}

static const struct tool tool = {
	.id = TOOL_STAT,
	.name = "ioamp-stat",
	.report = report,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
