/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run - one run of a tool that measures a target: attach, measure, settle, report. */
#include "tool/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/utf8.h"
#include "session/session.h"
#include "tables/sample.h"
#include "tool/loop.h"
#include "tool/processes.h"

#define EXIT_INCOMPLETE	4	/* with --strict */

/* ---- what -v prints ---- */

static void print_plan(const struct engine *e)
{
	if (log_verbosity() < 1)
		return;
	log_verbose("types from %s; %s", ktypes_source_name(e->types),
		    e->text.direct ? "typed tracepoints" : "raw tracepoints");
	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		const struct probe_state *p = &e->probes[i];

		if (p->hook >= 0)
			log_verbose("  %-20s %s %s", probe_catalog[i].name, attach_via_name(p->via),
				    probe_catalog[i].hooks[p->hook].point);
		else
			log_verbose("  %-20s - %s", probe_catalog[i].name, p->why);
	}
}

/* Prints runs and time of each program (with kernel.bpf_stats_enabled=1), and its skipped runs. */
static void print_costs(const struct engine *e)
{
	struct program_cost c;

	if (log_verbosity() < 1)
		return;
	for (size_t i = 0; !sample_cost(e, i, &c); i++) {
		if (c.runs)
			log_verbose("  %-16s %llu runs, %llu ns each", c.name,
				    (unsigned long long)c.runs, (unsigned long long)(c.ns / c.runs));
		if (c.skipped)
			log_verbose("  %-16s %llu runs skipped", c.name, (unsigned long long)c.skipped);
	}
}

static void say_ready(struct run *r)
{
	if (r->o.ready_fd >= 0) {
		if (write(r->o.ready_fd, "r", 1) != 1)
			log_verbose("nobody reads --ready-fd");
		close(r->o.ready_fd);
	}
	if (!r->o.ask.target.command && !r->screen && (isatty(STDERR_FILENO) || log_verbosity() > 0))
		log_notice("tracing; Ctrl-C ends");
}

/* ---- the window ---- */

/* COUNT intervals were reported, so the run ends without another report. */
static bool counted(const struct run *r)
{
	return r->o.count && r->intervals == r->o.count;
}

/* Opens the window and starts COMMAND. 0 or -errno. */
static int begin(struct run *r, struct failure *f)
{
	int err = 0;

	if (r->tool->events)
		err = events_open(&r->events, r->session, &r->o, &r->out);
	if (!err && r->command.pid > 0)
		err = session_add_process(r->session, (uint32_t)r->command.pid);
	if (!err)
		err = session_begin(r->session);
	if (err)
		return err;
	output_begin(&r->out);
	if (r->tool->events)
		output_flush(&r->out);
	if (r->screen)
		err = r->screen->open(&r->screen_ctx, &r->o, f);
	if (err)
		return err;
	say_ready(r);
	return r->command.pid > 0 ? command_start(&r->command) : 0;
}

/* Settles dirty data as the user asked, and ends the window. 0 or -errno. */
static int end(struct run *r)
{
	enum settle how = r->o.settle;
	int err;

	if (how == SETTLE_DEFAULT)
		how = r->o.ask.target.command && !r->screen_ctx ? SETTLE_SYNC : SETTLE_NONE;
	err = settle(r->session, how, r->o.settle_wait_s);
	if (!err)
		err = session_end(r->session, true);
	if (!r->out.reader_gone)
		events_finish(&r->events);
	return err;
}

/* 0 or -errno. */
static int measure(struct run *r, struct failure *f)
{
	int err = begin(r, f);

	if (err)
		return err;
	err = loop_run(r);
	session_run_over(r->session);
	return err || counted(r) ? err : end(r);
}

/* Reports the window, or the rest of the last INTERVAL. 0 or -errno. */
static int summarise(struct run *r, int *status)
{
	struct summary s = { .complete = true };
	int exit_status = r->command.ended ? r->command.exit_status : -1;
	int err = counted(r) ? 0 : session_summary(r->session, r->o.ask.target.command, exit_status, &s);

	if (err)
		return err;
	if (!counted(r) && !r->screen) {
		s.interval_s = r->o.interval_s > 0 ? r->o.interval_s : -1;
		output_summary(&r->out, &s);
	}
	*status = r->command.ended ? exit_status : 0;
	if (r->o.strict && !*status &&
	    (!s.complete || r->incomplete || losses_sum(&s.losses, LOWERS_NOTHING)))
		*status = EXIT_INCOMPLETE;
	return 0;
}

/* ---- COMMAND and processes ---- */

static void fail_exec(const char *command, int err, struct failure *f)
{
	char name[256];

	utf8_safe(name, sizeof(name), command);
	log_failure_set(f, ERR_COMMAND_RUN, err == -ENOENT ? "check the name, or give its path" :
			"name a program that may be executed", "%s: %s", name, strerror(-err));
	f->status = err == -ENOENT ? 127 : 126;	/* as shells do */
}

/* 0, or the exit status. */
static int prepare(struct run *r, struct failure *f)
{
	int err;

	if (!r->o.ask.target.command)
		return 0;
	err = command_prepare(&r->command, r->o.ask.target.command, r->o.as_user, r->screen);
	if (err == -ENOENT) {
		log_usage("--as: there is no user '%s'", r->o.as_user);
		return 2;
	}
	if (err)
		log_failure_set(f, ERR_COMMAND_PREPARE,
				"check the limits of processes and open files (ulimit -a)", "%s",
				strerror(-err));
	return f->status;
}

/* A descriptor that tells when the only process of -p ends; -1: none. */
static int watch(const struct target_wish *t)
{
	if (t->command || t->nr_pids != 1)
		return -1;
	return (int)syscall(SYS_pidfd_open, t->pids[0], 0);
}

int run_measure(struct run *r, struct failure *f)
{
	int status = 1, err;

	if (!processes_check(&r->o.ask.target, f))
		return f->status;
	r->watched = watch(&r->o.ask.target);
	err = prepare(r, f);
	if (err)
		return err;
	err = session_open(&r->session, &r->o.ask, f);
	if (err) {
		command_cancel(&r->command);
		return f->status;
	}
	r->signals = loop_signals(r->screen);
	print_plan(session_engine(r->session));
	err = measure(r, f);
	if (r->screen_ctx)
		r->screen->close(r->screen_ctx);
	r->screen_ctx = NULL;
	if (err && (r->command.exec_failed || r->command.go >= 0))
		command_cancel(&r->command);
	print_costs(session_engine(r->session));
	if (!err)
		err = summarise(r, &status);
	if (r->command.exec_failed)
		fail_exec(r->o.ask.target.command[0], err, f);
	else if (err && !f->status)
		log_failure_set(f, ERR_MEASURE, "run it again with -v", "%s", strerror(-err));
	return status;
}
