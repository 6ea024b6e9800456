/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_latency_data - waits in their parts for programs: JSON's member `latency`, and CSV. */
#include <errno.h>

#include "base/names.h"
#include "base/units.h"
#include "ledger/latency.h"
#include "report/csv.h"
#include "report/json.h"
#include "tools/iolatency-layers/out_latency.h"

static const struct { const char *name; unsigned int permille; } percentiles[] = {
	{ "p50_ns", 500 }, { "p90_ns", 900 }, { "p99_ns", 990 }, { "p999_ns", 999 },
};
#define NR_PERCENTILES	(sizeof(percentiles) / sizeof(*percentiles))

static void json_latency(struct json *j, const struct latency_row *r)
{
	json_open(j, NULL, '{');
	json_name(j, "system", r->id.system);
	json_name(j, "instance", r->id.instance);
	json_name(j, "role", r->id.role);
	if (r->id.has_pid)
		json_u64(j, "pid", r->id.pid);
	else
		json_null(j, "pid");
	json_name(j, "comm", r->id.comm);
	json_name(j, "cgroup", r->id.cgroup);
	json_name(j, "container", r->id.container);
	json_name(j, "disk", r->id.disk);
	json_str(j, "op", names_op(r->id.op));
	json_str(j, "interface", out_latency_interface(&r->id));
	json_bool(j, "background", r->id.background);
	json_u64(j, "count", r->count);
	json_u64(j, "wait_ns", r->wait_ns);
	json_open(j, "parts", '{');
	for (enum lat_part i = 0; i < PART_MAX; i++)
		json_u64(j, names_part(i), r->part[i]);
	json_close(j, '}');
	for (size_t i = 0; i < NR_PERCENTILES; i++)
		json_u64(j, percentiles[i].name, hist_percentile(&r->hist, percentiles[i].permille, r->max_ns));
	json_u64(j, "max_ns", r->max_ns);
	json_open(j, "histogram", '[');
	for (unsigned int i = 0; i < HIST_SLOTS; i++) {
		if (!r->hist.n[i])
			continue;
		json_open(j, NULL, '[');
		json_u64(j, NULL, hist_upper(i));
		json_u64(j, NULL, r->hist.n[i]);
		json_close(j, ']');
	}
	json_close(j, ']');
	json_close(j, '}');
}

void out_latency_json(struct json *j, const struct summary *s)
{
	json_open(j, "latency", '[');
	for (size_t i = 0; i < s->latency->nr_rows; i++)
		json_latency(j, &s->latency->rows[i]);
	json_close(j, ']');
	json_str(j, "latency_note", s->latency_note);
}

static const char *const csv_names[] = {
	"start", "duration_s", "complete", "system", "instance", "role", "pid", "comm", "cgroup", "container", "disk",
	"op", "interface", "background", "count", "wait_ns",
};

int out_latency_csv_header(FILE *f)
{
	struct csv c = { .f = f };
	char name[32];

	for (size_t i = 0; i < sizeof(csv_names) / sizeof(*csv_names); i++)
		csv_str(&c, csv_names[i]);
	for (enum lat_part i = 0; i < PART_MAX; i++) {
		snprintf(name, sizeof(name), "%s_ns", names_part(i));
		csv_str(&c, name);
	}
	for (size_t i = 0; i < NR_PERCENTILES; i++)
		csv_str(&c, percentiles[i].name);
	csv_str(&c, "max_ns");
	csv_str(&c, "comm_b64");
	csv_end(&c);
	return stream_finish(f);
}

static void csv_latency(struct csv *c, const struct summary *s, const struct latency_row *r)
{
	char start[UNITS_MAX];

	units_rfc3339(start, s->start.s, s->start.ns);
	csv_str(c, start);
	csv_double(c, s->duration_s);
	csv_str(c, s->complete ? "true" : "false");
	csv_str(c, r->id.system);
	csv_str(c, r->id.instance);
	csv_str(c, r->id.role);
	if (r->id.has_pid)
		csv_u64(c, r->id.pid);
	else
		csv_empty(c);
	csv_str(c, r->id.comm);
	csv_str(c, r->id.cgroup);
	csv_str(c, r->id.container);
	csv_str(c, r->id.disk);
	csv_str(c, names_op(r->id.op));
	csv_str(c, out_latency_interface(&r->id));
	csv_str(c, r->id.background ? "true" : "false");
	csv_u64(c, r->count);
	csv_u64(c, r->wait_ns);
	for (enum lat_part i = 0; i < PART_MAX; i++)
		csv_u64(c, r->part[i]);
	for (size_t i = 0; i < NR_PERCENTILES; i++)
		csv_u64(c, hist_percentile(&r->hist, percentiles[i].permille, r->max_ns));
	csv_u64(c, r->max_ns);
	csv_b64(c, r->id.comm);
	csv_end(c);
}

int out_latency_csv(FILE *f, const struct summary *s)
{
	struct csv c = { .f = f };

	errno = 0;
	for (size_t i = 0; i < s->latency->nr_rows; i++)
		csv_latency(&c, s, &s->latency->rows[i]);
	return stream_finish(f);
}
