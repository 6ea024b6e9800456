/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_text - a summary as a report for people, like that of perf stat: layers,
 * chain, classes, owners, the reconciliation with the kernel, and what is missing.
 */
#include "report/out_text.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/names.h"
#include "ledger/amp.h"
#include "ledger/ledger_disks.h"
#include "report/out.h"
#include "report/prose.h"
#include "report/row_name.h"
#include "report/style.h"
#include "report/table.h"
#include "report/tint.h"
#include "base/units.h"
#include "base/utf8.h"
#include "report/explain.h"

#define ROWS_SHOWN 24	/* a screen; -w shows all */

/* Header */

static void put_command(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct prose t = { 0 };
	char safe[TABLE_CELL];

	prose_add(&t, "%s:", s->tool);
	if (!s->argv)
		prose_add(&t, " %s", s->target ? s->target : "no command");
	for (char *const *arg = s->argv; arg && *arg; arg++) {
		utf8_safe(safe, sizeof(safe), *arg);
		prose_add(&t, " %s", safe);
	}
	utf8_clip(t.buf, sizeof(t.buf), style_line_width(style), "...", false);
	fprintf(f, "%s\n", t.buf);
}

static void put_times(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct prose t = { 0 };
	char start[UNITS_MAX];

	prose_add(&t, "duration %.2f s", s->duration_s);
	if (s->settle_s >= 0)
		prose_add(&t, ", settle %.2f s", s->settle_s);
	if (s->argv && s->exit_status >= 0)
		prose_add(&t, ", exit status %d", s->exit_status);
	if (style->timestamp) {
		units_rfc3339(start, s->start.s, s->start.ns);
		prose_add(&t, ", start %s", start);
	}
	prose_print(f, &t, style);
}

void out_text_head(FILE *f, const struct report *r)
{
	put_command(f, r->s, r->style);
	put_times(f, r->s, r->style);
}

/* Chain, classes, words */

static bool any_bytes(const struct report *r, enum op op)
{
	bool any = false;

	for (enum layer l = 0; l < LAYER_MAX; l++)
		any = any || amp_stage(&r->s->totals, r->s->layers, l, op).v;
	return any;
}

static void put_chain(FILE *f, const struct report *r, enum op op)
{
	const struct row *row = &r->s->totals;
	struct prose t = { 0 };
	char out[UNITS_MAX];

	if (!any_bytes(r, op))
		return;
	explain_chain(&t, row, r->s->layers, op, r->style->raw);
	tint_factor(out, sizeof(out), row, r->s->layers, op);
	prose_add(&t, " = %s", out);
	prose_print(f, &t, r->style);
}

static void put_classes(FILE *f, const struct report *r)
{
	const struct row *row = &r->s->totals;
	bool device = row_has_layer(row, r->s->layers, LAYER_DEVICE);
	uint64_t bytes[CLASS_MAX], total = 0;
	struct prose t = { 0 };
	char out[UNITS_MAX];

	if (!device && !row_has_layer(row, r->s->layers, LAYER_FILESYSTEM))
		return;
	for (int c = 0; c < CLASS_MAX; c++) {
		bytes[c] = device ? row->device.write_class[c] : row->fs_write[c].bytes;
		total += bytes[c];
	}
	for (int c = 0; c < CLASS_MAX; c++) {
		if (!bytes[c])
			continue;
		units_bytes(out, bytes[c], r->style->raw);
		prose_add(&t, "%s %s %s (%.1f %%)", t.len ? "," : device ? "device writes:" :
			 "filesystem writes:", names_class((enum io_class)c), out,
			 100.0 * (double)bytes[c] / (double)total);
	}
	prose_print(f, &t, r->style);
}

static void put_words(FILE *f, const struct report *r, enum op op)
{
	struct amplification amp;
	struct prose t = { 0 };
	enum tint tint;

	amp_compute(&r->s->totals, r->s->layers, op, &amp);
	tint = amp.has_bytes ? tint_of(amp.bytes) : TINT_NONE;
	explain_words(&t, &r->s->totals, r->s->layers, op, r->style->raw);
	if (!t.len)
		return;
	tint_begin(f, tint, r->style);
	prose_print(f, &t, r->style);
	tint_end(f, tint, r->style);
}

/* Owners */

enum { R_PID, R_APP_READ, R_DEV_READ, R_AMP_READ, R_APP_WRITE, R_DEV_WRITE, R_AMP_WRITE, R_NAME };

static void put_name(char *buf, size_t size, const struct report *r, const struct row *row)
{
	const struct summary *s = r->s;

	if (row->kind == ROW_OWNER && (row->by == BY_SYSTEM || row->by == BY_ROLE))
		row_name_system(buf, size, &row->names,
				row_name_has_sister(&row->names, &s->rows->names, s->nr_rows,
						    sizeof(*s->rows)) ? row->instance : NULL);
	else
		utf8_safe(buf, size, row_name_word(row));
	if (row->by == BY_CGROUP && !r->style->wide)
		row_name_shorten_ids(buf);
}

static enum tint row_bytes(char *buf, size_t size, const struct report *r, const struct row *row,
			   enum layer layer, enum op op)
{
	char out[UNITS_MAX];

	out_text_bytes(out, amp_stage(row, r->s->layers, layer, op), r->style->raw);
	snprintf(buf, size, "%s", out);
	return TINT_NONE;
}

/* Only processes have an id; others need the room for their names. */
static size_t first_column(const struct summary *s)
{
	return s->nr_rows && s->rows[0].by != BY_PROCESS ? R_PID + 1 : R_PID;
}

static enum tint row_cell(char *buf, size_t size, const void *ctx, size_t index, size_t col)
{
	const struct report *r = ctx;
	const struct row *row = &r->s->rows[index];

	switch (col + first_column(r->s)) {
	case R_PID:
		snprintf(buf, size, "-");
		if (row->has_pid)
			snprintf(buf, size, "%u", row->pid);
		return TINT_NONE;
	case R_APP_READ: return row_bytes(buf, size, r, row, LAYER_APPLICATION, OP_READ);
	case R_DEV_READ: return row_bytes(buf, size, r, row, LAYER_DEVICE, OP_READ);
	case R_AMP_READ: return tint_factor(buf, size, row, r->s->layers, OP_READ);
	case R_APP_WRITE: return row_bytes(buf, size, r, row, LAYER_APPLICATION, OP_WRITE);
	case R_DEV_WRITE: return row_bytes(buf, size, r, row, LAYER_DEVICE, OP_WRITE);
	case R_AMP_WRITE: return tint_factor(buf, size, row, r->s->layers, OP_WRITE);
	}
	put_name(buf, size, r, row);
	return TINT_NONE;
}

void out_text_rows(FILE *f, const struct report *r)
{
	const struct summary *s = r->s;
	const struct table_column columns[] = {
		[R_PID] = { "PID", 7, false },
		[R_APP_READ] = { "APP_R", 7, false }, [R_DEV_READ] = { "DEV_R", 7, false },
		[R_AMP_READ] = { "R_AMP", 6, false },
		[R_APP_WRITE] = { "APP_W", 7, false }, [R_DEV_WRITE] = { "DEV_W", 7, false },
		[R_AMP_WRITE] = { "W_AMP", 6, false },
		[R_NAME] = { s->nr_rows ? row_name_head(s->rows[0].by) : "", 0, true },
	};
	size_t shown = s->nr_rows > ROWS_SHOWN && !r->style->wide ? ROWS_SHOWN : s->nr_rows;
	const size_t first = first_column(s);
	const struct table t = {
		.columns = columns + first, .nr_columns = sizeof(columns) / sizeof(*columns) - first,
		.nr_rows = shown, .cell = row_cell, .ctx = r,
		.keep_tail = s->nr_rows && s->rows[0].by != BY_PROCESS,
	};

	if (!s->nr_rows)
		return;
	fputc('\n', f);
	table_print(f, &t, r->style);
	if (shown < s->nr_rows)
		fprintf(f, "... and %zu more rows with less (-w shows all)\n", s->nr_rows - shown);
}

/* Reconciliation */

static void add_reconciled(struct prose *t, const char *op, const struct disk_row *d, bool write,
			   bool raw)
{
	struct maybe kernel = write ? d->kernel_write_bytes : d->kernel_read_bytes;
	uint64_t ours = write ? d->write_bytes : d->read_bytes, zeroes = write ? d->zeroes_bytes : 0;
	int64_t unexplained = ledger_disk_unexplained(d, write);
	double percent = kernel.v ? 100.0 * (double)unexplained / (double)kernel.v : 0;
	char a[UNITS_MAX], b[UNITS_MAX], c[UNITS_MAX];

	out_text_bytes(a, kernel, raw);
	units_bytes(b, ours, raw);
	prose_add(t, "%s kernel %s, ours %s", op, a, b);
	if (zeroes) {
		units_bytes(c, zeroes, raw);
		prose_add(t, ", zeroes %s", c);
	}
	if (!kernel.known)
		return;
	units_signed_bytes(c, unexplained, raw);
	prose_add(t, ", unexplained %s", c);
	if (kernel.v || !unexplained)
		prose_add(t, " (%.1f %%)", fabs(percent) < 0.05 ? 0 : percent);	/* no -0.0 */
}

static void add_parents(struct prose *t, const struct disk_row *d)
{
	char safe[256];

	prose_add(t, d->leaf ? " (leaf" : " (not a leaf");
	for (size_t i = 0; i < sizeof(d->parents) / sizeof(*d->parents) && d->parents[i]; i++) {
		utf8_safe(safe, sizeof(safe), d->parents[i]);
		prose_add(t, "%s %s", i ? "," : ", below", safe);
	}
	prose_add(t, "):");
}

/* Whose writes they were, when not all were the owners'; and what failed. */
static void add_kinds(struct prose *t, const struct disk_row *d, bool raw)
{
	bool others = false;
	char out[UNITS_MAX];

	for (int k = ROW_OWNER + 1; k < ROW_KIND_MAX; k++)
		others = others || d->write_by_kind[k];
	for (int k = 0; others && k < ROW_KIND_MAX; k++) {
		if (!d->write_by_kind[k])
			continue;
		units_bytes(out, d->write_by_kind[k], raw);
		prose_add(t, "; %s %s", row_kind_name((enum row_kind)k), out);
	}
	if (d->error_bytes) {
		units_bytes(out, d->error_bytes, raw);
		prose_add(t, "; failed %s", out);
	}
}

static void put_disk(FILE *f, const struct disk_row *d, const struct out_style *style)
{
	bool reads = d->read_bytes || d->kernel_read_bytes.v;
	bool writes = d->write_bytes || d->kernel_write_bytes.v || !reads;
	struct prose t = { 0 };
	char safe[TABLE_CELL / 4];

	utf8_safe(safe, sizeof(safe), d->name);
	prose_add(&t, "%s", safe);
	add_parents(&t, d);
	if (writes)
		add_reconciled(&t, " write", d, true, style->raw);
	add_kinds(&t, d, style->raw);
	if (reads)
		add_reconciled(&t, writes ? "; read" : " read", d, false, style->raw);
	if (d->kernel_reason) {
		utf8_safe(safe, sizeof(safe), d->kernel_reason);
		prose_add(&t, "; kernel counters: %s", safe);
	}
	prose_print(f, &t, style);
}

static void put_disks(FILE *f, const struct report *r)
{
	if (!r->s->nr_disks)
		return;
	fputc('\n', f);
	for (size_t i = 0; i < r->s->nr_disks; i++)
		put_disk(f, &r->s->disks[i], r->style);
}

int out_summary_text(FILE *f, const struct summary *s, const struct out_style *style)
{
	const struct report r = { s, style };

	errno = 0;
	out_text_head(f, &r);
	fputc('\n', f);
	out_text_layers(f, &r);
	if (any_bytes(&r, OP_WRITE) || any_bytes(&r, OP_READ))
		fputc('\n', f);
	put_chain(f, &r, OP_WRITE);
	put_chain(f, &r, OP_READ);
	put_classes(f, &r);
	put_words(f, &r, OP_WRITE);
	put_words(f, &r, OP_READ);
	out_text_rows(f, &r);
	put_disks(f, &r);
	fputc('\n', f);
	out_notes(f, s, style);
	return stream_finish(f);
}
