/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out - the notes under every text report. */
#include "report/out.h"

#include <inttypes.h>

#include "base/names.h"
#include "base/units.h"
#include "base/utf8.h"
#include "report/prose.h"
#include "report/table.h"

static void put_losses(FILE *f, const struct losses *l, const struct out_style *style)
{
	struct prose t = { 0 };

	for (size_t i = 0; i < LOSSES_KINDS; i++)
		if (l->n[i])
			prose_add(&t, "%s %" PRIu64 " %s", t.len ? "," : "losses:", l->n[i],
				 losses_kinds[i].words);
	if (!t.len)
		prose_add(&t, "losses: none");
	prose_print(f, &t, style);
}

static void put_reason(FILE *f, const char *what, const char *subject, const char *reason,
		       const struct out_style *style)
{
	char safe[TABLE_CELL / 2];
	struct prose t = { 0 };

	utf8_safe(safe, sizeof(safe), reason ? reason : "no reason known");
	prose_add(&t, "%s%s%s", what, subject, safe);
	prose_print(f, &t, style);
}

static void put_layers(FILE *f, const struct layer_state layers[LAYER_MAX],
		       const struct out_style *style)
{
	for (enum layer l = 0; l < LAYER_MAX; l++) {
		char subject[UNITS_MAX];

		snprintf(subject, sizeof(subject), "%s: ", names_layer(l));
		if (!layers[l].available)
			put_reason(f, "not seen: ", subject, layers[l].reason, style);
		else if (layers[l].reason)
			put_reason(f, "partly seen: ", subject, layers[l].reason, style);
	}
}

static void put_pending(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct maybe pending = s->totals.cache.pending;
	struct prose t = { 0 };
	char bytes[UNITS_MAX];

	if (!row_has_layer(&s->totals, s->layers, LAYER_CACHE) || (pending.known && !pending.v))
		return;
	units_bytes(bytes, pending.v, style->raw);
	if (pending.known)
		prose_add(&t, "pending: %s dirty and not yet written; their device bytes are not in this "
			 "report", bytes);
	else
		prose_add(&t, "pending: - (the number of dirty bytes is not known)");
	prose_print(f, &t, style);
}

static void put_in_flight(FILE *f, const struct summary *s, const struct out_style *style)
{
	uint64_t read = s->totals.device.in_flight_read, write = s->totals.device.in_flight_write;
	char reads[UNITS_MAX], writes[UNITS_MAX];
	struct prose t = { 0 };

	if (!row_has_layer(&s->totals, s->layers, LAYER_DEVICE) || !(read | write))
		return;
	units_bytes(reads, read, style->raw);
	units_bytes(writes, write, style->raw);
	prose_add(&t, "in flight: %s read, %s written are queued and not completed; they are not in the device's "
		 "bytes", reads, writes);
	prose_print(f, &t, style);
}

/* Of all rows: most of it has no owner. */
static void put_before(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct prose t = { 0 };
	char bytes[UNITS_MAX];
	uint64_t before = 0;

	for (size_t i = 0; i < s->nr_rows; i++)
		before += s->rows[i].device.before_bytes;
	if (!before)
		return;
	units_bytes(bytes, before, style->raw);
	prose_add(&t, "before: %s of the device bytes were caused before the start; no factor includes them",
		  bytes);
	prose_print(f, &t, style);
}

void out_notes(FILE *f, const struct summary *s, const struct out_style *style)
{
	put_pending(f, s, style);
	put_in_flight(f, s, style);
	put_before(f, s, style);
	put_layers(f, s->layers, style);
	put_losses(f, &s->losses, style);
	if (!s->complete)
		put_reason(f, "INCOMPLETE, figures are lower bounds: ", "", s->incomplete_reason,
			   style);
}
