/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor - the tool: examines the machine, makes the attach plan or runs the self-test, reports. */
#include "tools/ioamp-doctor/doctor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "engine/attach.h"
#include "engine/bcc.h"
#include "tools/ioamp-doctor/check.h"
#include "tools/ioamp-doctor/doctor_systems.h"
#include "base/elapsed.h"
#include "types/ktypes.h"
#include "tools/ioamp-doctor/out_doctor.h"
#include "tool/tool.h"

/* ---- tests on the running kernel ---- */

static int try_really(void *ctx, enum hook_kind kind, char *said, size_t size)
{
	int err = attach_try(kind, ctx, said, size);

	if (kind != HOOK_TP)
		return err;
	if (!err) {
		snprintf(said, size, "%s", ctx ? "typed (tp_btf)" : "raw");
		return 0;
	}
	/* as the loader does */
	err = ctx ? attach_try(kind, NULL, said, size) : err;
	if (!err)
		snprintf(said, size, "raw (typed ones are refused)");
	return err;
}

static void check(struct diagnosis *d, const char *retry)
{
	struct machine m = {
		.root = "", .release = d->kernel, .arch = d->arch, .retry = retry,
		.try_hook = try_really,
	};
	struct bcc_library library = { .path = "" };
	struct failure no_library = { 0 };
	struct failure e;
	struct ktypes *kt = NULL;

	if (!bcc_look(&library, &no_library))
		m.library = &library;
	m.no_library = &no_library;
	/* only BTF: fentry and typed tracepoints need BTF itself */
	if (!ktypes_open(&kt, KTYPES_BTF, 0, &e))
		m.ctx = kt;
	doctor_check(&m, &d->checks);
	ktypes_close(kt);
}

/* ---- the attach plan ---- */

static int copy_plan(struct plan *p, const struct engine *e, const struct engine_request *rq)
{
	p->probes = calloc(probe_catalog_count, sizeof(*p->probes));
	if (!p->probes)
		return -ENOMEM;
	p->nr_probes = probe_catalog_count;
	for (size_t i = 0; i < p->nr_probes; i++) {
		const struct probe_state *s = &e->probes[i];
		struct plan_probe *to = &p->probes[i];

		to->name = probe_catalog[i].name;
		to->layers = probe_catalog[i].layers;
		to->lost = probe_catalog[i].lost;
		to->via = s->hook >= 0 ? attach_via_name(s->via) : NULL;
		to->point = probe_catalog[i].hooks[s->hook >= 0 ? s->hook : 0].point;
		memcpy(to->why, s->why, sizeof(to->why));
		to->wanted = s->hook >= 0 || s->code == REASON_REFUSED;
	}
	engine_layers(e, rq, p->layers, p->reasons);
	p->types = ktypes_source_name(e->types);
	p->made = true;
	/* typed pointers are compiled for wherever there is BTF, unless the kernel refuses them */
	doctor_mend(p, e->types == KTYPES_BTF || e->text.direct);
	return 0;
}

/* Compiles and attaches everything once, as every tool does. */
static void plan(struct diagnosis *d, const struct options *o)
{
	struct engine_request rq = o->ask.engine;
	struct timespec before;
	struct engine_start start;
	struct failure f = { 0 };
	struct finding *to;
	struct engine e;
	int err;

	rq.targeted = TARGET_ALL;
	rq.text.times = true;	/* some tools attach the probes for times, too */
	clock_gettime(CLOCK_MONOTONIC, &before);
	err = engine_begin(&e, &rq, &start);
	if (!err)
		err = engine_finish(&e, &start, &f);
	if (err) {
		if (!f.status)
			log_failure_set(&f, ERR_PROBES_CHECK,
				    "run it again with -vv", "%s", strerror(-err));
		to = finding_add(&d->checks, "compile, attach");
		finding_say(to, VERDICT_MISSING, "%.250s: %.380s", f.what, f.why);
		finding_fix(to, "%s", f.fix);
		return;
	}
	d->plan.seconds = seconds_since(&before);
	if (copy_plan(&d->plan, &e, &rq))
		d->plan.made = false;
	engine_close(&e);
}

static int diagnose(FILE *out, const struct options *o, const char *retry, int *status)
{
	struct diagnosis *d = calloc(1, sizeof(*d));
	struct utsname uts;
	int err;

	if (!d || uname(&uts)) {
		free(d);
		return -ENOMEM;
	}
	d->version = IOAMP_VERSION;
	d->kernel = uts.release;
	d->arch = uts.machine;
	d->host = uts.nodename;
	check_system_name("/etc/os-release", d->system, sizeof(d->system));
	check(d, retry);
	if (!doctor_count(d, VERDICT_MISSING))
		plan(d, o);
	*status = doctor_status(d);
	err = stream_truncate(out);
	if (!err)
		err = out_doctor_writer(o)->diagnosis(out, o, d);
	free(d->plan.probes);
	free(d);
	return err;
}

/* ---- the self-test ---- */

static int test(FILE *out, const struct options *o, const char *retry, int *status)
{
	const struct doctor_wish *wish = o->own;
	const struct selftest *t;
	struct selftest_run *r;
	struct failure f = { 0 };
	int err;

	/* a shell starts background jobs with SIGINT ignored, but it must end the self-test */
	signal(SIGINT, SIG_DFL);
	err = may_trace_check(NULL, retry, &f);
	if (!err)
		err = selftest_run(&r, &o->ask, wish->scratch, &t, &f);
	if (err) {
		log_failure(&f);
		*status = f.status ? f.status : 1;
		return 0;
	}
	*status = selftest_passed(t) ? 0 : 1;
	err = stream_truncate(out);
	if (!err)
		err = out_doctor_writer(o)->selftest(out, o, t);
	selftest_close(r);
	return err;
}

int doctor_run(FILE *out, const struct options *o, const char *retry, int *status)
{
	const struct doctor_wish *wish = o->own;

	if (wish->lint)
		return doctor_systems_lint(out, o, status);
	if (wish->list_systems)
		return doctor_systems(out, o, status);
	return wish->selftest ? test(out, o, retry, status) : diagnose(out, o, retry, status);
}
