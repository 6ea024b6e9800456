/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules_read - the line reader that libinih is given: it knows line and column of
 * everything, and refuses what libinih would cut or misread silently.
 */
#include "systems/rules.h"

#include <errno.h>
#include <ini.h>
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
		parse_error(p, p->line, p->indent + 1, "too many; the limits are %d systems, %d roles of one,"
			    " %d values of one key", RULE_SYSTEMS, RULE_ROLES, RULE_PATTERNS);
}

void parse_locate(struct parse *p)
{
	size_t n = strcspn(p->text, "=:");

	p->name_column = p->indent + 1;
	n += p->text[n] != 0;
	n += strspn(p->text + n, " \t");
	p->value_column = p->indent + (unsigned int)n + 1;
}

/* One line without its end; false at the end of the file. *too_long: what did not fit is skipped. */
static bool next_line(struct parse *p, char *buf, size_t size, bool *too_long, bool *nul)
{
	size_t n = 0;
	int c;

	*too_long = *nul = false;
	while ((c = getc(p->f)) != EOF && c != '\n') {
		if (n + 1 < size)
			buf[n++] = (char)c;
		else
			*too_long = true;
		*nul |= !c;
	}
	buf[n] = 0;
	if (c == EOF && ferror(p->f))
		p->err = -EIO;
	return c != EOF || n;
}

static void note_heading(struct parse *p)
{
	char section[WORD_MAX_BYTES + 1], *end = strchr(p->text, ']');
	size_t rest;

	parse_end_section(p);
	p->sections++;
	p->section_line = p->line;
	p->section_column = p->indent + 1;
	if (!end) {
		parse_error(p, p->line, p->indent + 1, "this section's ] is missing");
	} else if (end - p->text > WORD_MAX_BYTES) {
		parse_error(p, p->line, p->indent + 1, "the heading is longer than %d", WORD_MAX_BYTES);
	} else {
		rest = strspn(end + 1, " \t\r");
		if (!end[1 + rest] || strchr(";#", end[1 + rest])) {
			snprintf(section, sizeof(section), "%.*s", (int)(end - p->text - 1), p->text + 1);
			parse_begin_section(p, section);
			return;
		}
		parse_error(p, p->line, p->indent + (unsigned int)(end - p->text) + 2 + (unsigned int)rest,
			    "nothing but a comment may follow a heading");
	}
	p->text[0] = 0;	/* refused: its keys are passed over */
}

/* May libinih see this line? It is emptied if not, so that the lines still count. */
static void check_line(struct parse *p)
{
	size_t n = strcspn(p->text, "=:");

	if (!*p->text || strchr(";#", *p->text))
		return;
	if (*p->text == '[') {
		note_heading(p);
		return;
	}
	if (!p->text[n])
		parse_error(p, p->line, p->indent + 1, "this is neither [SECTION] nor KEY = VALUE");
	else if (!n)
		parse_error(p, p->line, p->indent + 1, "the key is missing");
	else if (n > WORD_MAX_BYTES)
		parse_error(p, p->line, p->indent + 1, "the key is longer than %d", WORD_MAX_BYTES);
	else
		return;
	p->text[0] = 0;
}

static char *read_line(char *str, int num, void *stream)
{
	struct parse *p = stream;
	char raw[LINE_MAX_BYTES + 2];
	bool too_long, nul;

	if (p->err == -ENOMEM || p->err == -EIO || !next_line(p, raw, sizeof(raw), &too_long, &nul))
		return NULL;
	if (++p->line > FILE_MAX_LINES) {
		parse_error(p, p->line, 1, "the file has more than %d lines", FILE_MAX_LINES);
		return NULL;
	}
	p->indent = (unsigned int)strspn(raw, " \t\r");
	if (p->line == 1 && !strncmp(raw, "\xef\xbb\xbf", 3))
		p->indent = 3;
	snprintf(p->text, sizeof(p->text), "%s", raw + p->indent);
	if (too_long || strlen(raw) > LINE_MAX_BYTES) {
		parse_error(p, p->line, LINE_MAX_BYTES + 1, "the line is longer than %d bytes; a repeated"
			    " note goes on", LINE_MAX_BYTES);
		p->text[0] = 0;
	} else if (nul) {
		parse_error(p, p->line, (unsigned int)strlen(raw) + 1, "a NUL byte; is this a rule file?");
		p->text[0] = 0;
	} else {
		check_line(p);
	}
	/* without its indent: that would make it the value of the key above */
	snprintf(str, (size_t)num, "%s\n", p->text);
	return str;
}

int rules_parse(struct rules *r, FILE *f, rules_say *say, void *ctx)
{
	struct parse p = { .rules = r, .first = r->n, .f = f, .say = say, .ctx = ctx };
	int line = ini_parse_stream(read_line, &p, parse_key, &p);

	parse_end_section(&p);
	if (line && !p.err)	/* nothing that we would know of */
		parse_error(&p, line > 0 ? (unsigned int)line : p.line, 1,
			    "this is neither [SECTION] nor KEY = VALUE");
	if (p.err)
		rules_cut(r, p.first);
	return p.err;
}
