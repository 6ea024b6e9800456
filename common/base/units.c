/* SPDX-License-Identifier: GPL-3.0-or-later */
/* units - formats numbers and instants for people and for strict parsers. */
#include "base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IEC_STEP	1024.0
#define SI_STEP		1000.0
#define COUNT_EXACT	10000000u	/* seven digits fit into a column */

/* One decimal. A value that rounds up to a whole step gets the next suffix. */
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
	/* the decimal separator of the locale may be a comma; JSON and CSV need a dot */
	for (const char *in = buf; *in; in++) {
		if (strchr("0123456789+-e", *in))
			*out++ = *in;
		else if (out[-1] != '.')
			*out++ = '.';
	}
	*out = '\0';
}
