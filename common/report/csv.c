/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv - a streaming writer of RFC 4180 records: quoted where needed, CRLF ends.
 */
#include "report/csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/json.h"
#include "base/units.h"
#include "base/utf8.h"

void csv_empty(struct csv *c)
{
	if (c->fields++)
		fputc(',', c->f);
}

void csv_str(struct csv *c, const char *s)
{
	bool quote = s && strpbrk(s, ",\"\r\n");
	uint32_t code;

	csv_empty(c);
	if (!s)
		return;
	if (quote)
		fputc('"', c->f);
	for (size_t len; *s; s += len ? len : 1) {
		len = utf8_decode(s, &code);
		if (!len)
			fputs(UTF8_REPLACEMENT, c->f);
		else if (code == '"')
			fputs("\"\"", c->f);
		else
			fwrite(s, 1, len, c->f);
	}
	if (quote)
		fputc('"', c->f);
}

void csv_b64(struct csv *c, const char *s)
{
	csv_empty(c);
	if (s && !utf8_valid(s))
		json_base64(c->f, s);
}

void csv_u64(struct csv *c, uint64_t v)
{
	csv_empty(c);
	fprintf(c->f, "%" PRIu64, v);
}

void csv_i64(struct csv *c, int64_t v)
{
	csv_empty(c);
	fprintf(c->f, "%" PRId64, v);
}

void csv_double(struct csv *c, double v)
{
	char buf[UNITS_MAX];

	csv_empty(c);
	if (!isfinite(v))
		return;
	units_double(buf, v);
	fputs(buf, c->f);
}

void csv_end(struct csv *c)
{
	fputs("\r\n", c->f);
	c->fields = 0;
}
