/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger - builds rows, totals and disks from counters. */
#include "ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_disks.h"
#include "ledger/ledger_post.h"
#include "ledger/ledger_rows.h"

static int row_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->device.write.bytes != y->device.write.bytes)
		return x->device.write.bytes > y->device.write.bytes ? -1 : 1;
	if (x->app.write.bytes != y->app.write.bytes)
		return x->app.write.bytes > y->app.write.bytes ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->file && y->file ? strcmp(x->file, y->file) : !x->file - !y->file;
}

/* What was asked of one disk alone is unknown, not 0. */
static void not_by_disk(struct ledger *out)
{
	for (size_t i = 0; i < out->nr_rows; i++)
		out->rows[i].absent |= LEDGER_ROWS_ABOVE_DISKS;
	out->totals.absent |= LEDGER_ROWS_ABOVE_DISKS;
}

int ledger_build(const struct ledger_input *in, struct ledger *out)
{
	struct ledger_lines fresh = { 0 };
	const struct ledger_lines *lines = in->lines ? in->lines : &fresh;
	struct ledger_rows b = { .in = in, .out = out };
	bool app_times = false;
	int err;

	memset(out, 0, sizeof(*out));
	out->totals.by = BY_TOTAL;
	err = in->lines ? 0 : ledger_resolve(in, &fresh);
	for (size_t i = 0; !err && i < lines->n; i++) {
		app_times |= lines->v[i].key.layer == LAYER_APPLICATION && lines->v[i].val.ns;
		err = ledger_post_line(&b, &lines->v[i]);
	}
	if (!err)
		err = ledger_post_pending(&b);
	if (!err)
		err = ledger_disks_build(in, lines, out);
	if (!err)
		ledger_post_finish(&b, app_times);
	if (in->only && in->only->disk)
		not_by_disk(out);
	if (!err && out->nr_rows)
		qsort(out->rows, out->nr_rows, sizeof(*out->rows), row_order);
	ledger_rows_free(&b);
	free(fresh.v);
	if (err)
		ledger_free(out);
	return err;
}

void ledger_free(struct ledger *l)
{
	free(l->rows);
	free(l->disks);
	memset(l, 0, sizeof(*l));
}
