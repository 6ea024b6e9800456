/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tint - factors of amplification as coloured text. */
#include "report/tint.h"

#include "base/units.h"
#include "ledger/amp.h"

enum tint tint_of(double factor)
{
	if (factor <= 3)
		return TINT_GOOD;
	return factor <= 10 ? TINT_FAIR : TINT_BAD;
}

void tint_begin(FILE *f, enum tint tint, const struct out_style *style)
{
	static const char *const codes[] = {
		[TINT_GOOD] = "\033[32m", [TINT_FAIR] = "\033[33m", [TINT_BAD] = "\033[31m",
	};

	if (style->color && tint != TINT_NONE)
		fputs(codes[tint], f);
}

void tint_end(FILE *f, enum tint tint, const struct out_style *style)
{
	if (style->color && tint != TINT_NONE)
		fputs("\033[0m", f);
}

enum tint tint_factor(char *buf, size_t size, const struct row *row,
		      const struct layer_state layers[LAYER_MAX], enum op op)
{
	struct maybe app = amp_stage(row, layers, LAYER_APPLICATION, op);
	struct maybe device = amp_stage(row, layers, LAYER_DEVICE, op);
	struct amplification amp;
	char factor[UNITS_MAX];

	amp_compute(row, layers, op, &amp);
	if (!amp.has_bytes) {
		snprintf(buf, size, "%s", app.known && !app.v && device.v ? "bg" : "-");
		return TINT_NONE;
	}
	units_factor(factor, amp.bytes);
	snprintf(buf, size, "%s", factor);
	return tint_of(amp.bytes);
}
