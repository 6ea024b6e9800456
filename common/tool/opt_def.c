/* SPDX-License-Identifier: GPL-3.0-or-later */
/* opt_def - the options of a tool as a list, their values and their members. */
#include "tool/opt_def.h"

#include "tool/tool.h"

static bool has(const struct tool *tool, const struct opt_def *d)
{
	if (d->measuring && tool->alone)
		return false;
	/* "--csv" is short for a format, which not every tool has */
	return d->kind != OPT_FORMAT || d->arg || writer_find(tool->writers, d->name);
}

size_t opt_def_list(const struct tool *tool, const struct opt_def *list[OPT_MAX])
{
	size_t n = 0;

	for (const struct opt_def *const *table = tool->options; *table; table++)
		for (const struct opt_def *d = *table; d->name && n < OPT_MAX; d++)
			if (has(tool, d))
				list[n++] = d;
	return n;
}

const char *opt_def_value(const struct tool *tool, const struct opt_def *d, size_t i)
{
	if (d->choices)
		return d->choices[i].name;
	return d->value ? d->value(tool, i) : NULL;
}

void *opt_def_member(struct options *o, const struct opt_def *d)
{
	return (char *)(d->own ? o->own : o) + d->offset;
}
