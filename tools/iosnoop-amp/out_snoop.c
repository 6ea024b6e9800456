/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_snoop - the table that ends iosnoop-amp: operations per layer with their
 * amplification, then bytes with theirs; one line per system and the totals.
 */
#include "tools/iosnoop-amp/out_snoop.h"

#include <errno.h>
#include <string.h>

#include "ledger/amp.h"
#include "report/out_text.h"
#include "report/table.h"
#include "report/tint.h"
#include "base/units.h"
#include "base/utf8.h"

struct snoop {
	const struct summary *s;
	const struct out_style *style;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* All owners of one system share a line, and so do all rows of another kind. */
static bool same_line(const struct row *a, const struct row *b)
{
	return a->kind == b->kind && (a->kind != ROW_OWNER || same(a->system, b->system));
}

static bool is_first(const struct summary *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_line(&s->rows[k], &s->rows[i]))
			return false;
	return true;
}

static size_t count_lines(const struct summary *s)
{
	size_t lines = 0;

	for (size_t i = 0; i < s->nr_rows; i++)
		lines += is_first(s, i);
	return lines;
}

static void add_io(struct io *sum, const struct io *io)
{
	sum->ops += io->ops;
	sum->bytes += io->bytes;
}

static void add_row(struct row *sum, const struct row *row)
{
	add_io(&sum->app.read, &row->app.read);
	add_io(&sum->app.write, &row->app.write);
	add_io(&sum->vfs.read, &row->vfs.read);
	add_io(&sum->vfs.write, &row->vfs.write);
	add_io(&sum->block.read, &row->block.read);
	add_io(&sum->block.write, &row->block.write);
	add_io(&sum->device.read, &row->device.read);
	add_io(&sum->device.write, &row->device.write);
}

/* Fills `sum` with the figures of a line. False: `line` is behind the last one; the totals. */
static bool line_of(const struct summary *s, size_t line, struct row *sum)
{
	size_t first = 0;

	for (; first < s->nr_rows; first++)
		if (is_first(s, first) && !line--)
			break;
	if (first == s->nr_rows) {
		*sum = s->totals;
		return false;
	}
	*sum = (struct row){ .kind = s->rows[first].kind, .system = s->rows[first].system };
	for (size_t i = first; i < s->nr_rows; i++)
		if (same_line(&s->rows[first], &s->rows[i]))
			add_row(sum, &s->rows[i]);
	return true;
}

static enum tint name_cell(char *buf, size_t size, const struct snoop *x, size_t line)
{
	struct row sum;

	if (!line_of(x->s, line, &sum))
		snprintf(buf, size, "TOTAL");
	else if (sum.kind != ROW_OWNER)
		snprintf(buf, size, "%s", row_kind_name(sum.kind));
	else
		utf8_safe(buf, size, sum.system);
	return TINT_NONE;
}

enum { S_SYSTEM, S_SYS_R, S_SYS_W, S_VFS_R, S_VFS_W, S_BLK_R, S_BLK_W, S_R_AMP, S_W_AMP };

static enum tint ops_factor(char *buf, size_t size, const struct row *sum,
			    const struct layer_state *layers, enum op op)
{
	struct amplification amp;
	char out[UNITS_MAX] = "-";

	amp_compute(sum, layers, op, &amp);
	if (amp.has_ops)
		units_factor(out, amp.ops);
	snprintf(buf, size, "%s", out);
	return amp.has_ops ? tint_of(amp.ops) : TINT_NONE;
}

static enum tint ops_cell(char *buf, size_t size, const void *ctx, size_t line, size_t col)
{
	static const enum layer layers[] = {
		[S_SYS_R] = LAYER_APPLICATION, [S_SYS_W] = LAYER_APPLICATION,
		[S_VFS_R] = LAYER_VFS, [S_VFS_W] = LAYER_VFS,
		[S_BLK_R] = LAYER_BLOCK, [S_BLK_W] = LAYER_BLOCK,
	};
	const struct snoop *x = ctx;
	struct row sum;
	char out[UNITS_MAX] = "-";

	if (col == S_SYSTEM)
		return name_cell(buf, size, x, line);
	line_of(x->s, line, &sum);
	if (col >= S_R_AMP)
		return ops_factor(buf, size, &sum, x->s->layers,
				  col == S_R_AMP ? OP_READ : OP_WRITE);
	if (row_has_layer(&sum, x->s->layers, layers[col])) {
		const uint64_t ops[] = {
			[S_SYS_R] = sum.app.read.ops, [S_SYS_W] = sum.app.write.ops,
			[S_VFS_R] = sum.vfs.read.ops, [S_VFS_W] = sum.vfs.write.ops,
			[S_BLK_R] = sum.block.read.ops, [S_BLK_W] = sum.block.write.ops,
		};

		units_count(out, ops[col], x->style->raw);
	}
	snprintf(buf, size, "%s", out);
	return TINT_NONE;
}

enum { B_SYSTEM, B_APP_R, B_DEV_R, B_R_AMP, B_APP_W, B_DEV_W, B_W_AMP };

static enum tint bytes_cell(char *buf, size_t size, const void *ctx, size_t line, size_t col)
{
	const struct snoop *x = ctx;
	enum op op = col <= B_R_AMP ? OP_READ : OP_WRITE;
	char out[UNITS_MAX] = "-";
	struct maybe bytes;
	struct row sum;

	if (col == B_SYSTEM)
		return name_cell(buf, size, x, line);
	line_of(x->s, line, &sum);
	if (col == B_R_AMP || col == B_W_AMP)
		return tint_factor(buf, size, &sum, x->s->layers, op);
	bytes = amp_stage(&sum, x->s->layers, col == B_APP_R || col == B_APP_W ?
				    LAYER_APPLICATION : LAYER_DEVICE, op);
	if (bytes.known)
		units_bytes(out, bytes.v, x->style->raw);
	snprintf(buf, size, "%s", out);
	return TINT_NONE;
}

static void put_table(FILE *f, const struct snoop *x, table_cell *cell,
		      const struct table_column *columns, size_t nr_columns)
{
	const struct table t = {
		.columns = columns, .nr_columns = nr_columns, .nr_rows = count_lines(x->s) + 1,
		.cell = cell, .ctx = x, .rule = true,
	};

	table_print(f, &t, x->style);
}

int out_snoop_table(FILE *f, const struct summary *s, const struct out_style *style)
{
	static const struct table_column ops[] = {
		[S_SYSTEM] = { "SYSTEM", 12, true },
		[S_SYS_R] = { "SYS_R", 7, false }, [S_SYS_W] = { "SYS_W", 7, false },
		[S_VFS_R] = { "VFS_R", 7, false }, [S_VFS_W] = { "VFS_W", 7, false },
		[S_BLK_R] = { "BLK_R", 7, false }, [S_BLK_W] = { "BLK_W", 7, false },
		[S_R_AMP] = { "R_AMP", 8, false }, [S_W_AMP] = { "W_AMP", 8, false },
	};
	static const struct table_column bytes[] = {
		[B_SYSTEM] = { "SYSTEM", 12, true },
		[B_APP_R] = { "SYS_R", 7, false }, [B_DEV_R] = { "DEV_R", 7, false },
		[B_R_AMP] = { "R_FACTOR", 8, false },
		[B_APP_W] = { "SYS_W", 7, false }, [B_DEV_W] = { "DEV_W", 7, false },
		[B_W_AMP] = { "W_FACTOR", 8, false },
	};
	const struct snoop x = { s, style };

	errno = 0;
	fputs("=== I/O Amplification Summary ===\n", f);
	put_table(f, &x, ops_cell, ops, sizeof(ops) / sizeof(*ops));
	fputs("\n=== Bytes: device / application ===\n", f);
	put_table(f, &x, bytes_cell, bytes, sizeof(bytes) / sizeof(*bytes));
	/* rows of files have no system, so they have a table of their own */
	if (s->nr_rows && s->rows[0].by == BY_FILE)
		out_text_rows(f, &(struct report){ s, style });
	fputc('\n', f);
	out_notes(f, s, style);
	return stream_finish(f);
}
