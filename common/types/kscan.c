/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kscan - finds a structure's members and a tracepoint's arguments in
 * the text of kernel headers, for kernels without BTF. It is no C parser: it
 * counts braces and looks at the character behind a name, which the few
 * headers it is used on satisfy. Conditional members count as present; the
 * ones asked for depend on nothing but a 64-bit kernel.
 */
#include "types/kscan.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\n')
			*from = ' ';
}

void kscan_strip(char *text)
{
	for (char *p = text; *p;) {
		char *end = NULL;

		if (p[0] == '/' && p[1] == '*') {
			end = strstr(p + 2, "*/");
			end = end ? end + 2 : p + strlen(p);
		} else if (p[0] == '/' && p[1] == '/') {
			end = p + strcspn(p, "\n");
		}
		if (end)
			blank(p, end);
		p = end ? end : p + 1;
	}
}

/* The next occurrence of `name` as a whole word in [from, end). */
static const char *find_word(const char *from, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = from; p + len <= end; p++) {
		p = memchr(p, name[0], (size_t)(end - p));
		if (!p || p + len > end)
			return NULL;
		if (memcmp(p, name, len) == 0 && (p == from || !is_word(p[-1])) &&
		    (p + len == end || !is_word(p[len])))
			return p;
	}
	return NULL;
}

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *match(const char *open, char up, char down)
{
	int depth = 0;

	for (const char *p = open; *p; p++) {
		if (*p == up)
			depth++;
		else if (*p == down && --depth == 0)
			return p;
	}
	return NULL;
}

const char *kscan_body(const char *text, const char *tag, size_t *len)
{
	const char *end = text + strlen(text), *p = text;

	while ((p = find_word(p, end, "struct"))) {
		const char *close;

		p = skip_space(p + strlen("struct"));
		if (strncmp(p, tag, strlen(tag)) != 0 || is_word(p[strlen(tag)]))
			continue;
		p = skip_space(p + strlen(tag));
		if (*p != '{')
			continue;
		close = match(p, '{', '}');
		if (!close)
			return NULL;
		*len = (size_t)(close - p - 1);
		return p + 1;
	}
	return NULL;
}

bool kscan_member(const char *body, size_t len, const char *member)
{
	const char *end = body + len, *p = body;

	while ((p = find_word(p, end, member))) {
		p += strlen(member);
		while (p < end && isspace((unsigned char)*p))
			p++;
		if (p < end && strchr(";,[:)", *p))
			return true;
	}
	return false;
}

static const char *back_over_space(const char *p, const char *start)
{
	while (p > start && isspace((unsigned char)p[-1]))
		p--;
	return p;
}

/* `p` is behind the comma of DEFINE_EVENT(class, or the bracket of TRACE_EVENT(. */
static bool names_event(const char *p, const char *text)
{
	if (p == text || p[-1] == ',')
		return p > text;
	if (p[-1] != '(')
		return false;
	/* The first argument of DEFINE_EVENT and DECLARE_EVENT_CLASS is a class. */
	p = back_over_space(p - 1, text);
	while (p > text && is_word(p[-1]))
		p--;
	return strncmp(p, "TRACE_EVENT", strlen("TRACE_EVENT")) == 0;
}

/* What follows the name of the event. */
static const char *find_event(const char *text, const char *event)
{
	const char *end = text + strlen(text), *p = text;

	while ((p = find_word(p, end, event))) {
		const char *before = back_over_space(p, text);

		p += strlen(event);
		if (names_event(before, text) && *skip_space(p) == ',')
			return p;
	}
	return NULL;
}

bool kscan_tp(const char *text, const char *event)
{
	return find_event(text, event) != NULL;
}

static bool is_pointer_to(const char *arg, const char *end, const char *tag)
{
	const char *p = find_word(arg, end, "struct");

	p = p ? find_word(p, end, tag) : NULL;
	return p && *skip_space(p + strlen(tag)) == '*';
}

/* The brackets of the event's TP_PROTO(...); NULL: no such event. */
static const char *find_proto(const char *text, const char *event, const char **close)
{
	const char *p = find_event(text, event);

	p = p ? strstr(p, "TP_PROTO") : NULL;
	p = p ? strchr(p, '(') : NULL;
	*close = p ? match(p, '(', ')') : NULL;
	return *close ? p : NULL;
}

int kscan_tp_nargs(const char *text, const char *event)
{
	const char *close, *p = find_proto(text, event, &close);
	int n = 1;

	if (!p)
		return -ENOENT;
	for (; p < close; p++)
		n += *p == ',';
	return n;
}

int kscan_tp_arg(const char *text, const char *event, const char *tag)
{
	const char *close, *arg, *p = find_proto(text, event, &close);
	int n = 0;

	if (!p)
		return -ENOENT;
	for (arg = p + 1; arg < close; n++) {
		const char *comma = memchr(arg, ',', (size_t)(close - arg));
		const char *end = comma ? comma : close;

		if (is_pointer_to(arg, end, tag))
			return n;
		arg = end + 1;
	}
	return -ENOENT;
}
