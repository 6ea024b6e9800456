/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prose - paragraphs that wrap at blanks. */
#include "report/prose.h"

#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"

#define INDENT	2

void prose_add(struct prose *t, const char *format, ...)
{
	size_t room = sizeof(t->buf) - t->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->buf + t->len, room, format, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

void prose_print(FILE *f, const struct prose *t, const struct out_style *style)
{
	size_t line = style_line_width(style), used = 0;

	if (!t->len)
		return;
	for (const char *word = t->buf; *word;) {
		char part[PROSE_MAX];
		size_t len = strcspn(word, " "), columns;

		if (!strncmp(word + len, " %", 2))	/* do not separate a number from its % */
			len += 1 + strcspn(word + len + 1, " ");
		memcpy(part, word, len);
		part[len] = '\0';
		columns = utf8_columns(part);
		if (used && used + 1 + columns > line) {
			fprintf(f, "\n%*s", INDENT, "");
			used = INDENT;
		} else if (word != t->buf) {
			fputc(' ', f);
			used++;
		}
		fputs(part, f);
		used += columns;
		word += len + (word[len] == ' ');
	}
	fputc('\n', f);
}
