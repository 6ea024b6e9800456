/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * units - numbers, instants and names in the form that people, terminals and
 * strict parsers can take.
 */
#include "base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IEC_STEP	1024.0
#define SI_STEP		1000.0
#define COUNT_EXACT	10000000u	/* seven digits still fit a column */

/* One decimal; what would round to a whole step takes the next suffix. */
static void scaled(char buf[UNITS_MAX], uint64_t v, double step, const char *suffix)
{
	double x = (double)v / step;

	while (x >= step - 0.05 && suffix[1]) {
		x /= step;
		suffix++;
	}
	snprintf(buf, UNITS_MAX, "%.1f%c", x, *suffix);
}

void units_bytes(char buf[UNITS_MAX], uint64_t bytes, bool raw)
{
	if (raw || bytes < (uint64_t)IEC_STEP)
		snprintf(buf, UNITS_MAX, "%llu", (unsigned long long)bytes);
	else
		scaled(buf, bytes, IEC_STEP, "KMGTPE");
}

void units_signed_bytes(char buf[UNITS_MAX], int64_t bytes, bool raw)
{
	char digits[UNITS_MAX];

	units_bytes(digits, bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes, raw);
	snprintf(buf, UNITS_MAX, "%s%.30s", bytes < 0 ? "-" : "", digits);
}

void units_count(char buf[UNITS_MAX], uint64_t n, bool raw)
{
	if (raw || n < COUNT_EXACT)
		snprintf(buf, UNITS_MAX, "%llu", (unsigned long long)n);
	else
		scaled(buf, n, SI_STEP, "kMGTPE");
}

void units_factor(char buf[UNITS_MAX], double factor)
{
	/* 99.996 would print as 100.00x */
	snprintf(buf, UNITS_MAX, factor < 99.995 ? "%.2fx" : "%.0fx", factor);
}

void units_rfc3339(char buf[UNITS_MAX], int64_t s, long ns)
{
	time_t t = (time_t)s;
	struct tm tm = { 0 };
	size_t len;

	gmtime_r(&t, &tm);
	len = strftime(buf, UNITS_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, UNITS_MAX - len, ".%09ldZ", ns);
}

void units_double(char buf[UNITS_MAX], double v)
{
	char *out = buf;
	int digits = 15;

	do
		snprintf(buf, UNITS_MAX, "%.*g", digits, v);
	while (strtod(buf, NULL) != v && ++digits <= 17);
	/* Whatever the locale put between the digits, JSON and CSV know the dot only. */
	for (const char *in = buf; *in; in++) {
		if (strchr("0123456789+-e", *in))
			*out++ = *in;
		else if (out[-1] != '.')
			*out++ = '.';
	}
	*out = '\0';
}

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

/* Controls (C0, DEL, C1), line separators, and marks that reorder what follows. */
static bool is_hostile(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c ||
	       code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void name_safe(char *buf, size_t size, const char *name)
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

static size_t char_columns(size_t len)
{
	return len >= 3 ? 2 : 1;
}

size_t name_columns(const char *safe)
{
	size_t columns = 0;
	uint32_t code;

	for (size_t len; *safe; safe += len) {
		len = utf8_decode(safe, &code);
		len = len ? len : 1;
		columns += char_columns(len);
	}
	return columns;
}

/* Bytes at the front of `safe` that fit into `columns`. */
static size_t fit(const char *safe, size_t columns)
{
	size_t bytes = 0, used = 0;
	uint32_t code;

	while (safe[bytes]) {
		size_t len = utf8_decode(safe + bytes, &code);

		len = len ? len : 1;
		used += char_columns(len);
		if (used > columns)
			break;
		bytes += len;
	}
	return bytes;
}

void name_clip(char *safe, size_t columns, bool keep_tail)
{
	static const char dots[] = "...";
	size_t have = name_columns(safe), dots_len = sizeof(dots) - 1, cut;

	if (have <= columns)
		return;
	if (columns <= dots_len) {
		safe[fit(safe, columns)] = '\0';
		return;
	}
	if (!keep_tail) {
		cut = fit(safe, columns - dots_len);
		memcpy(safe + cut, dots, sizeof(dots));
		return;
	}
	cut = fit(safe, have - (columns - dots_len));
	if (name_columns(safe + cut) > columns - dots_len)	/* half of a wide character */
		cut += utf8_decode(safe + cut, &(uint32_t){ 0 });
	memmove(safe + dots_len, safe + cut, strlen(safe + cut) + 1);
	memcpy(safe, dots, dots_len);
}
