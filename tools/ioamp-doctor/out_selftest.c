/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_selftest - the self-test's figures as a table and as JSON. */
#include "tools/ioamp-doctor/out_selftest.h"

#include <inttypes.h>
#include <string.h>

#include "base/names.h"
#include "base/utf8.h"
#include "report/prose.h"
#include "report/table.h"
#include "report/tint.h"
#include "tools/ioamp-doctor/out_page.h"

enum { COL_LAYER, COL_FIGURE, COL_EXPECTED, COL_GOT, COL_VERDICT, COLUMNS };

static const struct table_column columns[COLUMNS] = {
	[COL_LAYER] = { "LAYER", 11, true },
	[COL_FIGURE] = { "FIGURE", 20, true },
	[COL_EXPECTED] = { "EXPECTED", 10, false },
	[COL_GOT] = { "GOT", 10, false },
	[COL_VERDICT] = { "VERDICT", 11, true },
};

/* The figures to print: all, or with -q only mismatches. */
struct shown {
	const struct selftest *t;
	size_t index[FIGURES_MAX], n;
};

static enum tint cell(char *buf, size_t size, const void *ctx, size_t row, size_t col)
{
	const struct shown *s = ctx;
	const struct figure *f = &s->t->v[s->index[row]];

	switch (col) {
	case COL_LAYER:
		snprintf(buf, size, "%s", f->layer);
		return TINT_NONE;
	case COL_FIGURE:
		snprintf(buf, size, "%s", f->name);
		return TINT_NONE;
	case COL_EXPECTED:
		snprintf(buf, size, "%s%" PRIu64, f->at_least ? ">=" : "", f->expected);
		return TINT_NONE;
	case COL_GOT:
		if (f->got.known)
			snprintf(buf, size, "%" PRIu64, f->got.v);
		else
			snprintf(buf, size, "-");
		return TINT_NONE;
	default:
		snprintf(buf, size, "%s", selftest_verdict_name(f->verdict));
		return f->verdict == FIGURE_OK ? TINT_GOOD :
		       f->verdict == FIGURE_MISMATCH ? TINT_BAD : TINT_NONE;
	}
}

static void put_head(FILE *f, const struct selftest *t, const struct out_style *style)
{
	struct prose p = { 0 };
	char safe[600];

	utf8_safe(safe, sizeof(safe), t->place);
	prose_add(&p, "ioamp-doctor %s self-test: kernel %s, types from %s, %s on %s", t->version,
		  t->kernel, t->types, t->filesystem, safe);
	prose_print(f, &p, style);
	memset(&p, 0, sizeof(p));
	prose_add(&p, "known I/O: %d direct writes of 4096, %d direct reads, %d buffered writes of %d"
		  " and fsync, %" PRIu64 " read cold, %u written and unlinked", WORK_OPS, WORK_OPS,
		  WORK_SMALL_OPS, WORK_SMALL, t->known.cold_bytes, WORK_GONE);
	prose_print(f, &p, style);
	fputc('\n', f);
}

/* Each reason once per layer. */
static void put_reasons(FILE *f, const struct selftest *t, const struct out_style *style)
{
	for (size_t i = 0; i < t->n; i++) {
		struct prose p = { 0 };
		char safe[600];
		size_t j;

		if (t->v[i].verdict != FIGURE_UNAVAILABLE)
			continue;
		for (j = 0; j < i; j++)
			if (t->v[j].reason && t->v[j].layer == t->v[i].layer &&
			    !strcmp(t->v[j].reason, t->v[i].reason))
				break;
		if (j < i)
			continue;
		utf8_safe(safe, sizeof(safe), t->v[i].reason);
		prose_add(&p, "unavailable: %s: %s", t->v[i].layer, safe);
		prose_print(f, &p, style);
	}
}

static void put_sum(FILE *f, const struct selftest *t, const struct out_style *style)
{
	size_t ok = selftest_count(t, FIGURE_OK), wrong = selftest_count(t, FIGURE_MISMATCH);
	const char *dark = selftest_dark(t);
	struct prose p = { 0 };

	if (!t->complete)
		prose_add(&p, "INCOMPLETE: %s", t->incomplete_reason);
	prose_print(f, &p, style);
	memset(&p, 0, sizeof(p));
	prose_add(&p, "%s: %zu figures: %zu match, %zu mismatch%s, %zu unavailable",
		  wrong || !t->complete ? "FAILED" : dark ? "NOT TESTED" : "passed", t->n, ok, wrong, wrong == 1 ? "" : "es",
		  selftest_count(t, FIGURE_UNAVAILABLE));
	if (dark)
		prose_add(&p, "; the layer %s is unavailable", dark);
	prose_print(f, &p, style);
	if (!wrong || !t->complete)	/* losses explain a mismatch */
		return;
	memset(&p, 0, sizeof(p));
	prose_add(&p, "fix: report this with the output of: sudo ioamp-doctor --selftest -j, and of"
		  " sudo ioamp-doctor -v");
	prose_print(f, &p, style);
}

int out_selftest_text(FILE *f, const struct selftest *t, bool quiet, const struct out_style *style)
{
	struct shown s = { .t = t };
	struct table table = {
		.columns = columns, .nr_columns = COLUMNS, .cell = cell, .ctx = &s,
	};

	for (size_t i = 0; i < t->n; i++)
		if (!quiet || t->v[i].verdict == FIGURE_MISMATCH)
			s.index[s.n++] = i;
	table.nr_rows = s.n;
	if (!quiet)
		put_head(f, t, style);
	if (s.n)
		table_print(f, &table, style);
	if (!quiet) {
		fputc('\n', f);
		put_reasons(f, t, style);
	}
	if (!quiet || s.n || !selftest_passed(t))
		put_sum(f, t, style);
	return stream_finish(f);
}

static void json_figures(struct json *j, const struct selftest *t)
{
	json_open(j, "figures", '[');
	for (size_t i = 0; i < t->n; i++) {
		const struct figure *f = &t->v[i];

		json_open(j, NULL, '{');
		json_str(j, "layer", f->layer);
		json_str(j, "figure", f->name);
		json_bool(j, "at_least", f->at_least);
		json_u64(j, "expected", f->expected);
		if (f->got.known)
			json_u64(j, "got", f->got.v);
		else
			json_null(j, "got");
		json_str(j, "verdict", f->verdict == FIGURE_MISMATCH ? "mismatch" :
			 selftest_verdict_name(f->verdict));
		json_str(j, "reason", f->reason);
		json_close(j, '}');
	}
	json_close(j, ']');
}

int out_selftest_json(FILE *f, const struct selftest *t)
{
	struct json w, *j = &w;

	out_page_begin(j, f, "ioamp.selftest/1", t->version);
	json_str(j, "kernel", t->kernel);
	json_str(j, "types", t->types);
	json_str(j, "filesystem", t->filesystem);
	json_str(j, "disk", t->disk);
	json_str(j, "place", t->place);
	json_u64(j, "pid", t->known.pid);
	json_bool(j, "passed", selftest_passed(t));
	json_bool(j, "complete", t->complete);
	json_str(j, "incomplete_reason", t->incomplete_reason);
	json_u64(j, "matches", selftest_count(t, FIGURE_OK));
	json_u64(j, "mismatches", selftest_count(t, FIGURE_MISMATCH));
	json_u64(j, "unavailable", selftest_count(t, FIGURE_UNAVAILABLE));
	json_open(j, "layers", '{');
	for (int i = 0; i < LAYER_MAX; i++) {
		json_open(j, names_layer((enum layer)i), '{');
		json_bool(j, "available", t->layers[i].available);
		json_str(j, "via", t->layers[i].via);
		json_str(j, "reason", t->layers[i].reason);
		json_close(j, '}');
	}
	json_close(j, '}');
	json_figures(j, t);
	return out_page_end(j);
}
