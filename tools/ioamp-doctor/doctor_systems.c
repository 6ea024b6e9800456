/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_systems - ioamp-doctor --systems: which system a process belongs to; --lint: errors of a rule file. */
#include "tools/ioamp-doctor/doctor_systems.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/log.h"
#include "systems/evidence.h"
#include "tools/ioamp-doctor/doctor.h"
#include "tools/ioamp-doctor/out_doctor.h"

struct gather {
	struct systems *systems;
	struct systems_row *rows;
	size_t n;
	int least;	/* points a process needs for a row */
	int err;
};

static int by_points(const void *a, const void *b)
{
	const struct systems_candidate *x = a, *y = b;

	return y->points.total - x->points.total;
}

static int score_all(const struct rules *rules, struct systems_row *row)
{
	struct points p;

	row->v = calloc(rules->n ? rules->n : 1, sizeof(*row->v));
	if (!row->v)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n; i++) {
		classify_score(&rules->v[i], row->ev, &p);
		if (p.n)
			row->v[row->n++] = (struct systems_candidate){ &rules->v[i], p };
	}
	if (row->n)
		qsort(row->v, row->n, sizeof(*row->v), by_points);
	return 0;
}

static void row_free(struct systems_row *row)
{
	if (row->ev)
		evidence_free(row->ev);
	free(row->ev);
	free(row->v);
	memset(row, 0, sizeof(*row));
}

/* The process may end at any moment: no row rather than half of one. */
static int fill_row(struct gather *g, uint32_t pid, struct systems_row *row)
{
	int err;

	memset(row, 0, sizeof(*row));
	row->ev = calloc(1, sizeof(*row->ev));
	err = row->ev ? systems_evidence(g->systems, pid, row->ev, &row->place) : -ENOMEM;
	/* all evidence for the process that the user asked for */
	if (!err && g->least <= 0)
		evidence_gather_files("", row->ev);
	if (!err)
		err = score_all(systems_rules(g->systems), row);
	if (err)
		row_free(row);
	return err;
}

static void look_at(void *ctx, uint32_t pid)
{
	struct gather *g = ctx;
	struct systems_row row, *v;
	int err = g->err ? g->err : fill_row(g, pid, &row);

	if (err == -ESRCH || g->err)
		return;
	if (!err && g->least && !row.place.system && (!row.n || row.v[0].points.total < g->least)) {
		row_free(&row);
		return;
	}
	v = err ? NULL : grow_by_one(g->rows, g->n, sizeof(*v));
	if (!v) {
		if (!err)
			row_free(&row);
		g->err = -ENOMEM;
		return;
	}
	g->rows = v;
	v[g->n++] = row;
}

static int by_pid(const void *a, const void *b)
{
	uint32_t x = ((const struct systems_row *)a)->ev->pid, y = ((const struct systems_row *)b)->ev->pid;

	return x < y ? -1 : x > y;
}

int doctor_systems(FILE *out, const struct options *o, int *status)
{
	struct gather g = { .least = o->ask.target.nr_pids ? 0 : POINTS_CANDIDATE };
	struct systems_report r = {
		.version = IOAMP_VERSION, .verbose = o->verbose > 0 && !o->quiet,
	};
	struct failure f = { 0 };
	int err = systems_open(&g.systems, "");

	if (!err && o->ask.target.nr_pids) {
		look_at(&g, o->ask.target.pids[0]);
		if (!g.n && !g.err)
			log_failure_set(&f, ERR_PROCESS_ENDED, "pgrep -a NAME", "%u: %s",
				    o->ask.target.pids[0], kill((pid_t)o->ask.target.pids[0], 0) ? strerror(ESRCH) :
				    "it has exited and is a zombie");
	} else if (!err) {
		err = evidence_processes("", look_at, &g);
	}
	if (!err)
		err = g.err;
	if (!err && !f.status) {
		if (g.n)
			qsort(g.rows, g.n, sizeof(*g.rows), by_pid);
		r.nr_systems = systems_rules(g.systems)->n;
		r.rows = g.rows;
		r.n = g.n;
		err = out_doctor_writer(o)->systems(out, o, &r);
	}
	for (size_t i = 0; i < g.n; i++)
		row_free(&g.rows[i]);
	free(g.rows);
	systems_close(g.systems);
	if (f.status)
		log_failure(&f);
	*status = f.status;
	return err;
}

/* ---- --lint ---- */

struct lint {
	FILE *out;
	const char *name;
};

static void say(void *ctx, unsigned int line, unsigned int column, const char *what)
{
	struct lint *l = ctx;

	fprintf(l->out, "%s:%u:%u: %s\n", l->name, line, column, what);
}

int doctor_systems_lint(FILE *out, const struct options *o, int *status)
{
	const char *name = ((const struct doctor_wish *)o->own)->lint;
	struct lint l = { out, name };
	struct rules rules = { 0 };
	struct failure f = { 0 };
	FILE *file = fopen(name, "re");
	int err = file ? rules_parse(&rules, file, say, &l) : -errno;

	*status = err ? 1 : 0;
	if (err && err != -EINVAL) {
		log_failure_set(&f, ERR_RULE_FILE, "check its name and mode",
			    "%s: %s", name, strerror(-err));
		log_failure(&f);
	}
	if (!err && !o->quiet)
		for (size_t i = 0; i < rules.n; i++)
			fprintf(out, "%s: %s: %zu roles\n", name, rules.v[i].name, rules.v[i].nr_roles);
	rules_free(&rules);
	if (file)
		fclose(file);
	return stream_finish(out);
}
