/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules_read - reads a rule file, line by line, and says what is wrong and where. */
#include "systems/rules.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "systems/rules_internal.h"

void parse_error(struct parse *p, unsigned int line, unsigned int column, const char *format, ...)
{
	char what[320];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* bytes of a file go to a terminal */
	for (char *s = what; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	if (!p->err)
		p->err = -EINVAL;
	p->say(p->ctx, line, column, what);
}

void parse_no_room(struct parse *p, bool memory)
{
	if (memory)
		p->err = -ENOMEM;
	else
		parse_error(p, p->ini.line, p->ini.column, "too many; the limits are %d systems, %d roles of one,"
			    " %d values of one key", RULE_SYSTEMS, RULE_ROLES, RULE_PATTERNS);
}

static void note_heading(struct parse *p)
{
	parse_end_section(p);
	p->sections++;
	p->section_line = p->ini.line;
	p->section_column = p->ini.column;
}

static void take_line(struct parse *p, enum ini_kind kind)
{
	if (kind == INI_HEADING || kind == INI_BAD_HEADING)
		note_heading(p);
	if (kind == INI_HEADING)
		parse_begin_section(p, p->ini.name);
	else if (kind == INI_KEY)
		parse_key(p);
	else
		parse_error(p, p->ini.line, p->ini.column, "%s", p->ini.what);
}

int rules_parse(struct rules *r, FILE *f, rules_say *say, void *ctx)
{
	struct parse p = { .rules = r, .first = r->n, .ini.f = f, .say = say, .ctx = ctx };
	enum ini_kind kind;

	while (p.err != -ENOMEM && (kind = ini_next(&p.ini)) != INI_END)
		take_line(&p, kind);
	if (ferror(f))
		p.err = -EIO;
	parse_end_section(&p);
	if (p.err)
		rules_cut(r, p.first);
	return p.err;
}
