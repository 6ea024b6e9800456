/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_layers - the upper half of the text report: bytes, operations, sizes and rates of each layer.
 */
#include "report/out_text.h"

#include <string.h>

#include "base/names.h"
#include "ledger/amp.h"
#include "report/prose.h"
#include "report/table.h"
#include "report/tint.h"

void out_text_bytes(char out[UNITS_MAX], struct maybe m, bool raw)
{
	strcpy(out, "-");
	if (m.known)
		units_bytes(out, m.v, raw);
}

enum {
	L_NAME, L_READ, L_READ_OPS, L_READ_SIZE, L_WRITE, L_WRITE_OPS, L_WRITE_SIZE, L_RATE,
	L_SYNC,
};

static void put_size(char *out, struct maybe bytes, struct maybe ops, bool raw)
{
	bool known = bytes.known && ops.known && ops.v;

	out_text_bytes(out, (struct maybe){ known ? bytes.v / ops.v : 0, known }, raw);
}

static void put_count(char *out, struct maybe ops, bool raw)
{
	strcpy(out, "-");
	if (ops.known)
		units_count(out, ops.v, raw);
}

static void put_rate(char *out, const struct layer_io *x, double seconds, bool raw)
{
	bool known = seconds > 0 && (x->read.known || x->write.known);
	double rate = known ? ((double)x->read.v + (double)x->write.v) / seconds : 0;

	out_text_bytes(out, (struct maybe){ (uint64_t)rate, known }, raw);
}

static enum tint layer_cell(char *buf, size_t size, const void *ctx, size_t row, size_t col)
{
	const struct report *r = ctx;
	struct layer_io x = amp_layer_io(&r->s->totals, r->s->layers, (enum layer)row);
	bool raw = r->style->raw;
	char out[UNITS_MAX] = "";

	switch (col) {
	case L_NAME: snprintf(out, sizeof(out), "%s", names_layer((enum layer)row)); break;
	case L_READ: out_text_bytes(out, x.read, raw); break;
	case L_READ_OPS: put_count(out, x.read_ops, raw); break;
	case L_READ_SIZE: put_size(out, x.read, x.read_ops, raw); break;
	case L_WRITE: out_text_bytes(out, x.write, raw); break;
	case L_WRITE_OPS: put_count(out, x.write_ops, raw); break;
	case L_WRITE_SIZE: put_size(out, x.write, x.write_ops, raw); break;
	case L_RATE: put_rate(out, &x, r->s->duration_s, raw); break;
	case L_SYNC: put_count(out, x.sync, raw); break;
	}
	snprintf(buf, size, "%s", out);
	return TINT_NONE;
}

static void put_layers(FILE *f, const struct report *r)
{
	static const struct table_column columns[] = {
		[L_NAME] = { "LAYER", 11, true },
		[L_READ] = { "READ", 7, false }, [L_READ_OPS] = { "OPS", 7, false },
		[L_READ_SIZE] = { "B/OP", 7, false },
		[L_WRITE] = { "WRITE", 7, false }, [L_WRITE_OPS] = { "OPS", 7, false },
		[L_WRITE_SIZE] = { "B/OP", 7, false },
		[L_RATE] = { "RATE/s", 7, false }, [L_SYNC] = { "SYNC", 6, false },
	};
	const struct table t = {
		.columns = columns, .nr_columns = sizeof(columns) / sizeof(*columns),
		.nr_rows = LAYER_MAX, .cell = layer_cell, .ctx = r,
	};

	table_print(f, &t, r->style);
}

static void put_cache(FILE *f, const struct report *r)
{
	const struct row *row = &r->s->totals;
	struct prose t = { 0 };
	char bytes[UNITS_MAX];

	if (!row_has_layer(row, r->s->layers, LAYER_CACHE))
		return;
	for (size_t i = 0; i < figures_nr; i++) {
		if (figures_list[i].layer != LAYER_CACHE || figures_hidden(&figures_list[i]))
			continue;
		out_text_bytes(bytes, figures_bytes(&figures_list[i], row), r->style->raw);
		prose_add(&t, "%s %s %s", t.len ? "," : "cache:", figures_list[i].name, bytes);
	}
	prose_print(f, &t, r->style);
}

static void put_interfaces(FILE *f, const struct report *r)
{
	const struct row *row = &r->s->totals;
	struct prose t = { 0 };

	if (!r->style->extra || !row_has_layer(row, r->s->layers, LAYER_APPLICATION))
		return;
	for (int i = IFACE_NONE + 1; i < IFACE_MAX; i++) {
		const struct io *io = &row->app.iface[i];
		char bytes[UNITS_MAX], ops[UNITS_MAX];

		if (!io->ops)
			continue;
		units_bytes(bytes, io->bytes, r->style->raw);
		units_count(ops, io->ops, r->style->raw);
		prose_add(&t, "%s %s %s (%s%s)", t.len ? "," : "by interface:",
			 names_iface((enum iface)i), ops, bytes,
			 names_iface_is_estimate((enum iface)i) ? ", estimate" : "");
	}
	prose_print(f, &t, r->style);
}

/* No other figure of the report includes discards and write-zeroes. */
static void put_discards(FILE *f, const struct report *r)
{
	const struct row *row = &r->s->totals;
	const struct { enum layer layer; const struct io *io; } at[] = {
		{ LAYER_BLOCK, &row->block.discard }, { LAYER_DEVICE, &row->device.discard },
	};
	struct prose t = { 0 };

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		char bytes[UNITS_MAX], ops[UNITS_MAX];

		if (!row_has_layer(row, r->s->layers, at[i].layer) || !at[i].io->ops)
			continue;
		units_bytes(bytes, at[i].io->bytes, r->style->raw);
		units_count(ops, at[i].io->ops, r->style->raw);
		prose_add(&t, "%s %s %s in %s ops", t.len ? "," : "discard:",
			 names_layer(at[i].layer), bytes, ops);
	}
	prose_print(f, &t, r->style);
}

void out_text_layers(FILE *f, const struct report *r)
{
	put_layers(f, r);
	put_interfaces(f, r);
	put_cache(f, r);
	put_discards(f, r);
}
