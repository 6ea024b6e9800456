/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_systems - processes, their systems and the evidence, as text and as JSON. */
#include "tools/ioamp-doctor/out_systems.h"

#include <string.h>

#include "base/utf8.h"
#include "report/prose.h"
#include "report/table.h"
#include "report/tint.h"
#include "tools/ioamp-doctor/out_page.h"

enum { COL_PID, COL_COMM, COL_SYSTEM, COL_POINTS, COL_ROLE, COL_INSTANCE, COLUMNS };

static const struct table_column columns[COLUMNS] = {
	[COL_PID] = { "PID", 7, false },
	[COL_COMM] = { "COMM", 15, true },
	[COL_SYSTEM] = { "SYSTEM", 12, true },
	[COL_POINTS] = { "POINTS", 6, false },
	[COL_ROLE] = { "ROLE", 10, true },
	[COL_INSTANCE] = { "INSTANCE", 8, true },
};

static const char *name_of(const struct system_place *p)
{
	return p->system ? p->system->name : "other";
}

static int most_points(const struct systems_row *r)
{
	return r->n ? r->v[0].points.total : 0;
}

static enum tint cell(char *buf, size_t size, const void *ctx, size_t row, size_t col)
{
	const struct systems_row *r = (const struct systems_row *)ctx + row;

	switch (col) {
	case COL_PID:
		snprintf(buf, size, "%u", r->ev->pid);
		break;
	case COL_COMM:
		utf8_safe(buf, size, r->ev->comm);
		break;
	case COL_SYSTEM:
		utf8_safe(buf, size, name_of(&r->place));
		return r->place.system ? TINT_GOOD : TINT_NONE;
	case COL_POINTS:
		if (r->place.inherited)
			snprintf(buf, size, "parent");
		else
			snprintf(buf, size, "%d", most_points(r));
		break;
	case COL_ROLE:
		utf8_safe(buf, size, r->place.role ? r->place.role->name : "-");
		break;
	default:
		utf8_safe(buf, size, *r->place.instance ? r->place.instance : "-");
	}
	return TINT_NONE;
}

/* "postgres 85: exe +50 postgres (/usr/lib/...), unit +35 postgresql@*.service (...)". */
static void put_candidate(FILE *f, const struct systems_candidate *c, const struct out_style *style)
{
	struct prose p = { 0 };
	char safe[600];

	prose_add(&p, "  %s %d:", c->system->name, c->points.total);
	for (size_t i = 0; i < c->points.n; i++) {
		utf8_safe(safe, sizeof(safe), c->points.v[i].value);
		prose_add(&p, "%s %s%s %+d %s", i ? "," : "", c->points.v[i].not ? "not-" : "",
			  rules_evidence_name(c->points.v[i].kind), c->points.v[i].points,
			  c->points.v[i].pattern);
		if (strcmp(c->points.v[i].value, c->points.v[i].pattern))
			prose_add(&p, " (%s)", safe);
	}
	prose_print(f, &p, style);
}

static void put_evidence(FILE *f, const struct systems_row *r, const struct out_style *style)
{
	struct prose p = { 0 };
	char safe[64];

	utf8_safe(safe, sizeof(safe), r->ev->comm);
	prose_add(&p, "%u %s: %s%s%s", r->ev->pid, safe, name_of(&r->place),
		  r->place.inherited ? " (its parent's)" : "", r->n ? "" : "; no evidence for any system");
	prose_print(f, &p, style);
	for (size_t i = 0; i < r->n; i++)
		put_candidate(f, &r->v[i], style);
}

static bool seen_before(const struct systems_report *r, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (r->rows[i].place.system == r->rows[row].place.system)
			return true;
	return false;
}

/* For each system of the table once: its documentation, and the metric of what its clients asked for. */
static void put_systems(FILE *f, const struct systems_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct rule_system *s = r->rows[i].place.system;

		if (!s || seen_before(r, i) || !(s->docs || s->frontdoor))
			continue;
		fprintf(f, "\n%s\n", s->name);
		if (s->docs)
			fprintf(f, "  docs: %s\n", s->docs);
		if (s->frontdoor)
			fprintf(f, "  frontdoor: %s\n", s->frontdoor);
	}
}

int out_systems_text(FILE *f, const struct systems_report *r, bool quiet, const struct out_style *style)
{
	struct table table = {
		.columns = columns, .nr_columns = COLUMNS, .nr_rows = r->n, .cell = cell, .ctx = r->rows,
	};
	struct prose p = { 0 };

	if (r->n)
		table_print(f, &table, style);
	for (size_t i = 0; !quiet && i < r->n; i++) {
		fputc('\n', f);
		put_evidence(f, &r->rows[i], style);
	}
	if (r->verbose)
		put_systems(f, r);
	if (!quiet) {
		prose_add(&p, "%s%zu systems are known; a process needs %d points, see ioamp-systems(5)",
			  r->n ? "" : "no process is or may be one of them: ", r->nr_systems,
			  POINTS_DETECTED);
		fputs(r->n ? "\n" : "", f);
		prose_print(f, &p, style);
	}
	return stream_finish(f);
}

static void json_candidate(struct json *j, const struct systems_candidate *c)
{
	json_open(j, NULL, '{');
	json_str(j, "system", c->system->name);
	json_i64(j, "points", c->points.total);
	json_open(j, "evidence", '[');
	for (size_t i = 0; i < c->points.n; i++) {
		json_open(j, NULL, '{');
		json_str(j, "kind", rules_evidence_name(c->points.v[i].kind));
		json_bool(j, "against", c->points.v[i].not);
		json_str(j, "pattern", c->points.v[i].pattern);
		json_name(j, "value", c->points.v[i].value);
		json_i64(j, "points", c->points.v[i].points);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

int out_systems_json(FILE *f, const struct systems_report *r)
{
	struct json w, *j = &w;

	out_page_begin(j, f, "ioamp.systems/1", r->version);
	json_u64(j, "known", r->nr_systems);
	json_open(j, "processes", '[');
	for (size_t i = 0; i < r->n; i++) {
		const struct systems_row *row = &r->rows[i];

		json_open(j, NULL, '{');
		json_u64(j, "pid", row->ev->pid);
		json_name(j, "comm", row->ev->comm);
		json_str(j, "system", name_of(&row->place));
		json_name(j, "instance", *row->place.instance ? row->place.instance : NULL);
		json_str(j, "role", row->place.role ? row->place.role->name : NULL);
		json_bool(j, "inherited", row->place.inherited);
		json_open(j, "candidates", '[');
		for (size_t k = 0; k < row->n; k++)
			json_candidate(j, &row->v[k]);
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
	return out_page_end(j);
}
