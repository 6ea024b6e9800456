/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules_read - reads the lines of a rule file. */
#include "systems/rules_internal.h"

#include <errno.h>

static void note_heading(struct parse *p)
{
	rules_section_end(p);
	p->sections++;
	p->section_line = p->ini.line;
	p->section_column = p->ini.column;
}

static void take_line(struct parse *p, enum ini_kind kind)
{
	if (kind == INI_HEADING || kind == INI_BAD_HEADING)
		note_heading(p);
	if (kind == INI_HEADING)
		rules_section_begin(p, p->ini.name);
	else if (kind == INI_KEY)
		rules_key(p);
	else
		rules_error(p, p->ini.line, p->ini.column, "%s", p->ini.what);
}

int rules_parse(struct rules *r, FILE *f, rules_say *say, void *ctx)
{
	struct parse p = { .rules = r, .first = r->n, .ini.f = f, .say = say, .ctx = ctx };
	enum ini_kind kind;

	while (p.err != -ENOMEM && (kind = ini_next(&p.ini)) != INI_END)
		take_line(&p, kind);
	if (ferror(f))
		p.err = -EIO;
	rules_section_end(&p);
	if (p.err)
		rules_cut(r, p.first);
	return p.err;
}
