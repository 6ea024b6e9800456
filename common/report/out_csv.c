/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_csv - a summary as RFC 4180 CSV: one record per row and one for the totals. */
#include "report/out.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "ledger/amp.h"
#include "report/csv.h"
#include "base/units.h"

enum type {
	START, DURATION, COMPLETE, KIND, BY, PID,	/* of the summary, of who */
	NAME, NAME_B64,					/* offset: const char * */
	AMP_BYTES, AMP_OPS,				/* offset: enum op */
};

struct column {
	const char *name;
	enum type type;
	size_t offset;
};

#define WHO(column, member)	{ column, NAME, offsetof(struct row, member) }
#define WHO_B64(column, member)	{ column "_b64", NAME_B64, offsetof(struct row, member) }

/* Columns before and after the figures of the row. */
static const struct column head[] = {
	{ "start", START, 0 },
	{ "duration_s", DURATION, 0 },
	{ "complete", COMPLETE, 0 },
	{ "kind", KIND, 0 },
	{ "by", BY, 0 },
	WHO("system", system), WHO("instance", instance), WHO("role", role),
	{ "pid", PID, 0 },
	WHO("comm", comm), WHO("cgroup", cgroup), WHO("container", container),
	WHO("file", file), WHO("disk", disk),
};
static const struct column tail[] = {
	{ "write_byte_amplification", AMP_BYTES, OP_WRITE },
	{ "write_op_amplification", AMP_OPS, OP_WRITE },
	{ "read_byte_amplification", AMP_BYTES, OP_READ },
	{ "read_op_amplification", AMP_OPS, OP_READ },
	WHO_B64("comm", comm), WHO_B64("cgroup", cgroup), WHO_B64("file", file),
};
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void put_maybe(struct csv *c, uint64_t v, bool known)
{
	if (known)
		csv_u64(c, v);
	else
		csv_empty(c);
}

static void put_amplification(struct csv *c, const struct summary *s, const struct row *row,
			      const struct column *col)
{
	struct amplification amp;

	amp_compute(row, s->layers, (enum op)col->offset, &amp);
	if (col->type == AMP_BYTES ? amp.has_bytes : amp.has_ops)
		csv_double(c, col->type == AMP_BYTES ? amp.bytes : amp.ops);
	else
		csv_empty(c);
}

static void put_start(struct csv *c, const struct summary *s)
{
	char start[UNITS_MAX];

	units_rfc3339(start, s->start.s, s->start.ns);
	csv_str(c, start);
}

static void put_field(struct csv *c, const struct summary *s, const struct row *row,
		      const struct column *col)
{
	const char *const *name = (const void *)((const char *)row + col->offset);

	switch (col->type) {
	case START: put_start(c, s); break;
	case DURATION: csv_double(c, s->duration_s); break;
	case COMPLETE: csv_str(c, s->complete ? "true" : "false"); break;
	case KIND: csv_str(c, row_kind_name(row->kind)); break;
	case BY: csv_str(c, row_by_name(row->by)); break;
	case PID: put_maybe(c, row->pid, row->has_pid); break;
	case NAME: csv_str(c, *name); break;
	case NAME_B64: csv_b64(c, *name); break;
	case AMP_BYTES: case AMP_OPS: put_amplification(c, s, row, col); break;
	}
}

static bool is_io(const struct figures_entry *f)
{
	return f->kind == FIGURE_IO || f->kind == FIGURE_DERIVED;
}

static bool has_column(const struct figures_entry *f)
{
	return f->kind != FIGURE_IFACES && !figures_hidden(f);
}

/* Figures of an unavailable layer are empty. */
static void put_figure(struct csv *c, const struct summary *s, const struct row *row,
		       const struct figures_entry *f)
{
	bool seen = row_has_layer(row, s->layers, f->layer);
	struct maybe bytes;
	struct io io;

	if (is_io(f)) {
		io = figures_io(f, row);
		put_maybe(c, io.ops, seen);
		put_maybe(c, io.bytes, seen);
		put_maybe(c, io.ns, seen && io.has_ns);
	} else {
		bytes = figures_bytes(f, row);
		put_maybe(c, bytes.v, seen && bytes.known);
	}
}

static void put_record(struct csv *c, const struct summary *s, const struct row *row)
{
	for (size_t i = 0; i < COUNT(head); i++)
		put_field(c, s, row, &head[i]);
	for (size_t i = 0; i < figures_nr; i++)
		if (has_column(&figures_list[i]))
			put_figure(c, s, row, &figures_list[i]);
	for (size_t i = 0; i < COUNT(tail); i++)
		put_field(c, s, row, &tail[i]);
	csv_end(c);
}

static void put_figure_heads(struct csv *c, const struct figures_entry *f)
{
	static const char *const units[] = { "ops", "bytes", "ns" };
	char name[FIGURES_NAME];

	for (size_t i = 0; i < COUNT(units); i++) {
		if (!is_io(f) && strcmp(units[i], "bytes"))
			continue;
		figures_column(name, f, units[i]);
		csv_str(c, name);
	}
}

static void put_heads(struct csv *c)
{
	for (size_t i = 0; i < COUNT(head); i++)
		csv_str(c, head[i].name);
	for (size_t i = 0; i < figures_nr; i++)
		if (has_column(&figures_list[i]))
			put_figure_heads(c, &figures_list[i]);
	for (size_t i = 0; i < COUNT(tail); i++)
		csv_str(c, tail[i].name);
	csv_end(c);
}

int out_summary_csv(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct csv c = { .f = f };

	errno = 0;
	if (!style->no_header)
		put_heads(&c);
	for (size_t i = 0; i < s->nr_rows; i++)
		put_record(&c, s, &s->rows[i]);
	put_record(&c, s, &s->totals);
	return stream_finish(f);
}
