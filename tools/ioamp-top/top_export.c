/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_export - the visible table as CSV. */
#include "tools/ioamp-top/top_export.h"

#include <errno.h>

#include "report/csv.h"
#include "report/row_name.h"
#include "report/stream.h"

static void put_field(struct csv *c, const struct top_line *line, enum top_col col,
		      const struct layer_state layers[LAYER_MAX], const struct top_scale *scale)
{
	double v;

	if (col == COL_PID && line->entry->last.has_pid) {
		csv_u64(c, line->entry->last.pid);
		return;
	}
	v = top_columns_key(col, line->row, layers, scale);
	if (v >= 0)
		csv_double(c, col == COL_SHARE ? v / 100 : v);
	else
		csv_empty(c);
}

int top_export(const struct top *t, FILE *f)
{
	const struct top_table *table = top_shown(t);
	const struct top_scale scale = top_scale_of(&t->layout, table ? table : &t->tables[TAB_SYSTEMS]);
	struct csv c = { .f = f };

	errno = 0;
	csv_str(&c, "kind");
	csv_str(&c, "system");
	csv_str(&c, "instance");
	csv_str(&c, "role");
	csv_str(&c, "name");
	for (int col = COL_PID; col < COL_TREND; col++)
		if (t->areas.column_width[col])
			csv_str(&c, top_columns[col].name);
	csv_end(&c);
	for (size_t i = 0; i < t->lines.n; i++) {
		const struct row *r = &t->lines.v[i].entry->last;

		csv_str(&c, row_kind_name(r->kind));
		csv_str(&c, r->kind == ROW_OWNER ? r->system : NULL);
		csv_str(&c, r->kind == ROW_OWNER ? r->instance : NULL);
		csv_str(&c, r->kind == ROW_OWNER ? r->role : NULL);
		csv_str(&c, r->kind == ROW_OWNER ? row_name_word(r) : NULL);
		for (int col = COL_PID; col < COL_TREND; col++)
			if (t->areas.column_width[col])
				put_field(&c, &t->lines.v[i], (enum top_col)col, t->facts.layers, &scale);
		csv_end(&c);
	}
	return stream_finish(f);
}
