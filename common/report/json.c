/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - a streaming JSON writer: commas, escapes and nothing else.
 */
#include "report/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"

static void put_key(struct json *j, const char *key)
{
	if (j->comma)
		fputc(',', j->f);
	j->comma = true;
	if (key)
		fprintf(j->f, "\"%s\":", key);
}

void json_open(struct json *j, const char *key, char bracket)
{
	put_key(j, key);
	fputc(bracket, j->f);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	fputc(bracket, j->f);
	j->comma = true;
}

void json_null(struct json *j, const char *key)
{
	put_key(j, key);
	fputs("null", j->f);
}

void json_bool(struct json *j, const char *key, bool v)
{
	put_key(j, key);
	fputs(v ? "true" : "false", j->f);
}

void json_u64(struct json *j, const char *key, uint64_t v)
{
	put_key(j, key);
	fprintf(j->f, "%" PRIu64, v);
}

void json_i64(struct json *j, const char *key, int64_t v)
{
	put_key(j, key);
	fprintf(j->f, "%" PRId64, v);
}

void json_double(struct json *j, const char *key, double v)
{
	char buf[UNITS_MAX];

	if (!isfinite(v)) {
		json_null(j, key);
		return;
	}
	units_double(buf, v);
	put_key(j, key);
	fputs(buf, j->f);
}

/* JSON allows C1 controls and DEL unescaped, but people read it on terminals. */
static void put_char(FILE *f, const char *s, size_t len, uint32_t code)
{
	if (!len)
		fputs(UTF8_REPLACEMENT, f);
	else if (code == '"' || code == '\\')
		fprintf(f, "\\%c", (char)code);
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		fprintf(f, "\\u%04x", code);
	else
		fwrite(s, 1, len, f);
}

void json_str(struct json *j, const char *key, const char *s)
{
	uint32_t code;

	if (!s) {
		json_null(j, key);
		return;
	}
	put_key(j, key);
	fputc('"', j->f);
	for (size_t len; *s; s += len ? len : 1) {
		len = utf8_decode(s, &code);
		put_char(j->f, s, len, code);
	}
	fputc('"', j->f);
}

void json_base64(FILE *f, const char *s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t size = strlen(s);

	for (size_t at = 0; at < size; at += 3) {
		const unsigned char *b = (const unsigned char *)s + at;
		size_t left = size - at;
		uint32_t group = (uint32_t)b[0] << 16;

		if (left > 1)
			group |= (uint32_t)b[1] << 8;
		if (left > 2)
			group |= b[2];
		fputc(digits[group >> 18], f);
		fputc(digits[group >> 12 & 63], f);
		fputc(left > 1 ? digits[group >> 6 & 63] : '=', f);
		fputc(left > 2 ? digits[group & 63] : '=', f);
	}
}

void json_b64(struct json *j, const char *key, const char *s)
{
	put_key(j, key);
	fputc('"', j->f);
	json_base64(j->f, s);
	fputc('"', j->f);
}

void json_name(struct json *j, const char *key, const char *s)
{
	char sister[64];

	json_str(j, key, s);
	if (!s || utf8_valid(s))
		return;
	snprintf(sister, sizeof(sister), "%s_b64", key);
	json_b64(j, sister, s);
}
