/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ini - reads [SECTION] headings and KEY = VALUE lines, with line and column of each. */
#include "base/ini.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS	" \t\r\v\f"
#define BOM	"\xef\xbb\xbf"

static unsigned int column_of(const struct ini *ini, const char *s)
{
	return (unsigned int)(s - ini->text) + 1;
}

static enum ini_kind __attribute__((format(printf, 4, 5)))
mistake(struct ini *ini, enum ini_kind kind, const char *at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ini->what, sizeof(ini->what), format, args);
	va_end(args);
	ini->column = column_of(ini, at);
	return kind;
}

/* Reads a line without its newline; drops the rest of a long line. *nul: its first NUL byte. */
static bool read_line(struct ini *ini, bool *too_long, const char **nul)
{
	size_t n = 0;
	int c;

	*nul = NULL;
	while ((c = getc(ini->f)) != EOF && c != '\n') {
		if (n > INI_LINE_MAX)
			continue;
		if (!c && !*nul)
			*nul = ini->text + n;
		ini->text[n++] = (char)c;
	}
	*too_long = n > INI_LINE_MAX;
	ini->text[n > INI_LINE_MAX ? INI_LINE_MAX : n] = '\0';
	return c != EOF || n;
}

static char *trim(char *s)
{
	size_t n = strlen(s);

	while (n && strchr(BLANKS, s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

/* A comment begins at a ; that follows a blank. */
static void cut_comment(char *s)
{
	for (; (s = strchr(s, ';')); s++)
		if (strchr(BLANKS, s[-1])) {
			*s = '\0';
			return;
		}
}

static enum ini_kind take_heading(struct ini *ini, char *open)
{
	char *close = strchr(open, ']'), *rest;

	if (!close)
		return mistake(ini, INI_BAD_HEADING, open, "this section's ] is missing");
	rest = close + 1 + strspn(close + 1, BLANKS);
	if (*rest && !strchr(";#", *rest))
		return mistake(ini, INI_BAD_HEADING, rest, "nothing but a comment may follow a heading");
	*close = '\0';
	ini->column = column_of(ini, open);
	ini->name = open + 1;
	return INI_HEADING;
}

static enum ini_kind take_key(struct ini *ini, char *key)
{
	char *end, *value;

	cut_comment(key + 1);
	end = key + strcspn(key, "=:");
	if (!*end)
		return mistake(ini, INI_BAD_LINE, key, "this is neither [SECTION] nor KEY = VALUE");
	if (end == key)
		return mistake(ini, INI_BAD_LINE, key, "the key is missing");
	*end = '\0';
	value = end + 1 + strspn(end + 1, BLANKS);
	ini->column = column_of(ini, key);
	ini->value_column = column_of(ini, value);
	ini->name = trim(key);
	ini->value = trim(value);
	return INI_KEY;
}

enum ini_kind ini_next(struct ini *ini)
{
	const char *nul;
	bool too_long;
	char *s;

	while (ini->line <= INI_LINES_MAX && read_line(ini, &too_long, &nul)) {
		s = ini->text;
		if (++ini->line > INI_LINES_MAX)
			return mistake(ini, INI_BAD_LINE, s, "the file has more than %d lines", INI_LINES_MAX);
		if (too_long)
			return mistake(ini, INI_BAD_LINE, s + INI_LINE_MAX,
				       "the line is longer than %d bytes", INI_LINE_MAX);
		if (nul)
			return mistake(ini, INI_BAD_LINE, nul, "a NUL byte; is this a text file?");
		if (ini->line == 1 && !strncmp(s, BOM, sizeof(BOM) - 1))
			s += sizeof(BOM) - 1;
		s += strspn(s, BLANKS);
		if (*s == '[')
			return take_heading(ini, s);
		if (*s && !strchr(";#", *s))
			return take_key(ini, s);
	}
	return INI_END;
}
