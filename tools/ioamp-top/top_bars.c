/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_bars - a series of numbers as bars, one character each. */
#include "tools/ioamp-top/top_bars.h"

#include <stdio.h>
#include <string.h>

static double largest(const double *v, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	return max;
}

void top_bars_text(char *buf, size_t size, const double *v, size_t n, bool ascii)
{
	const double max = largest(v, n);
	static const char *const blocks[] = {
		"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
		"\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88",
	};
	static const char *const signs[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
	size_t used = 0;

	buf[0] = 0;
	for (size_t i = 0; i < n; i++) {
		int level = max > 0 && v[i] > 0 ? (int)(v[i] / max * 7 + 0.5) : 0;
		const char *bar = ascii ? signs[level > 7 ? 7 : level] : blocks[level > 7 ? 7 : level];

		if (v[i] < 0)
			bar = " ";
		if (used + strlen(bar) >= size)
			break;
		used += (size_t)snprintf(buf + used, size - used, "%s", bar);
	}
}
