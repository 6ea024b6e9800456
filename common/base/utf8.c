/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8 - text in UTF-8: checks, decodes, escapes, counts columns and clips. */
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

struct utf8_form {
	unsigned char lead_min, lead_max;
	unsigned char next_min, next_max;	/* of the second byte: Unicode, table 3-7 */
	unsigned char len, bits;		/* payload bits of the lead byte */
};

static const struct utf8_form *find_form(unsigned char lead)
{
	static const struct utf8_form forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2, 0x1f }, { 0xe0, 0xe0, 0xa0, 0xbf, 3, 0x0f },
		{ 0xe1, 0xec, 0x80, 0xbf, 3, 0x0f }, { 0xed, 0xed, 0x80, 0x9f, 3, 0x0f },
		{ 0xee, 0xef, 0x80, 0xbf, 3, 0x0f }, { 0xf0, 0xf0, 0x90, 0xbf, 4, 0x07 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4, 0x07 }, { 0xf4, 0xf4, 0x80, 0x8f, 4, 0x07 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (lead >= forms[i].lead_min && lead <= forms[i].lead_max)
			return &forms[i];
	return NULL;
}

size_t utf8_decode(const char *s, uint32_t *code)
{
	const unsigned char *b = (const unsigned char *)s;
	const struct utf8_form *form;

	*code = b[0];
	if (b[0] < 0x80)
		return 1;
	form = find_form(b[0]);
	if (!form || b[1] < form->next_min || b[1] > form->next_max)
		return 0;
	*code = b[0] & form->bits;
	for (size_t i = 1; i < form->len; i++) {
		if ((b[i] & 0xc0) != 0x80)	/* the terminating NUL, too */
			return 0;
		*code = *code << 6 | (b[i] & 0x3f);
	}
	return form->len;
}

size_t utf8_encode(char out[UTF8_MAX], uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

bool utf8_valid(const char *s)
{
	uint32_t code;

	for (size_t len; *s; s += len) {
		len = utf8_decode(s, &code);
		if (!len)
			return false;
	}
	return true;
}

/* Controls (C0, DEL, C1), line separators, and marks that reorder the following text. */
static bool is_hostile(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c ||
	       code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void utf8_safe(char *buf, size_t size, const char *name)
{
	size_t used = 0;

	if (!name || !*name)
		name = name ? "''" : "-";
	while (*name) {
		uint32_t code;
		size_t len = utf8_decode(name, &code);
		bool hex = !len || is_hostile(code);

		len = len ? len : 1;
		if (used + (hex ? 4 * len : len) >= size)
			break;
		for (; len; len--, name++) {
			if (hex)
				used += (size_t)snprintf(buf + used, 5, "\\x%02x",
							 (unsigned char)*name);
			else
				buf[used++] = *name;
		}
	}
	buf[used] = '\0';
}

size_t utf8_next(const char *s, uint32_t *code, size_t *columns)
{
	size_t len = utf8_decode(s, code);
	int width = !len || is_hostile(*code) ? -1 : wcwidth((wchar_t)*code);

	if (width < 0)
		*code = '?';
	*columns = width < 0 ? 1 : (size_t)width;
	return len ? len : 1;
}

size_t utf8_columns(const char *s)
{
	size_t sum = 0, columns;
	uint32_t code;

	while (*s) {
		s += utf8_next(s, &code, &columns);
		sum += columns;
	}
	return sum;
}

/* Keeps `room` columns at the end and puts `dots` before them. */
static void cut_front(char *s, size_t room, const char *dots)
{
	size_t have = utf8_columns(s), at = 0, need = strlen(dots), len, columns;
	uint32_t code;

	for (; s[at]; at += len, have -= columns) {
		len = utf8_next(s + at, &code, &columns);
		/* a combining mark is cut with its letter; the dots may need more bytes than columns */
		if (have <= room && columns && at >= need)
			break;
	}
	memmove(s + need, s + at, strlen(s + at) + 1);
	memcpy(s, dots, need);
}

/* Keeps `room` columns at the front and puts `dots` after them. */
static void cut_back(char *s, size_t size, size_t room, const char *dots)
{
	size_t at = 0, need = strlen(dots), len, columns;
	uint32_t code;

	for (; s[at]; at += len, room -= columns) {
		len = utf8_next(s + at, &code, &columns);
		if (columns > room || at + len + need >= size)
			break;
	}
	memcpy(s + at, dots, need + 1);
}

void utf8_clip(char *s, size_t size, size_t columns, const char *dots, bool keep_tail)
{
	size_t sign = utf8_columns(dots);

	if (utf8_columns(s) <= columns)
		return;
	if (sign > columns || strlen(dots) >= size) {
		dots = "";
		sign = 0;
	}
	if (keep_tail)
		cut_front(s, columns - sign, dots);
	else
		cut_back(s, size, columns - sign, dots);
}
