/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iosnoop-amp - one line per I/O at every layer, then the amplification of it all. */
#include "tool/tool.h"

static int begin(FILE *f, const struct options *o, const struct out_style *style)
{
	if (o->json)
		return 0;
	return o->csv ? out_event_csv_header(f) : out_event_header(f, style);
}

static int on_event(FILE *f, const struct options *o, const struct out_event *ev,
		    const struct out_style *style)
{
	if (o->json)
		return out_event_json(f, ev);
	return o->csv ? out_event_csv(f, ev) : out_event_text(f, ev, style);
}

static int report(FILE *f, const struct options *o, const struct summary *s,
		  const struct out_style *style)
{
	if (o->json)
		return out_summary_json(f, s);
	/* one table in a CSV stream: the events */
	return o->csv ? 0 : out_snoop_table(f, s, style);
}

static const struct tool tool = {
	.id = TOOL_SNOOP,
	.name = "iosnoop-amp",
	.events = true,
	.begin = begin,
	.on_event = on_event,
	.report = report,
};

int main(int argc, char **argv)
{
	return tool_main(&tool, argc, argv);
}
