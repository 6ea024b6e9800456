/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool - the only life cycle: options, attach, run, settle, report. */
#include "tool/tool.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine/may_trace.h"
#include "tables/event_files.h"
#include "tables/sample.h"
#include "session/file_roles.h"
#include "session/session.h"
#include "session/settle.h"
#include "tool/command.h"
#include "tool/processes.h"
#include "tool/events.h"
#include "tool/opt.h"
#include "base/utf8.h"

#define TICK_MS 200		/* housekeeping, lost-line reports, flush of a pipe */

struct run {
	const struct tool *tool;
	struct options o;
	FILE *out;
	struct session *session;
	struct spawn child;
	struct ring_buffer *ring;
	struct files *files;
	const struct tool_screen *screen;	/* NULL: reports go to `out` */
	void *screen_ctx;	/* NULL until it is open */
	int signals;		/* signalfd */
	int watched;		/* pidfd of -p, or -1 */
	struct timespec wall_less_mono;
	struct timespec due;	/* CLOCK_MONOTONIC: end of this INTERVAL */
	unsigned int intervals;	/* that are over */
	uint64_t lost;		/* reported so far */
	int wait_status;
	bool child_done, exec_failed, stop, reader_gone;
	bool incomplete;	/* an interval was */
	int write_error;
};

/* What the terminal says about the style. */
static void fit_style(struct run *r)
{
	struct winsize ws;

	r->o.style.width = 80;
	if (!ioctl(fileno(r->out), TIOCGWINSZ, &ws) && ws.ws_col)
		r->o.style.width = ws.ws_col;
	r->o.style.color = r->o.color == COLOR_ALWAYS ||
		(r->o.color == COLOR_AUTO && isatty(fileno(r->out)) && !getenv("NO_COLOR") &&
		 getenv("TERM") && strcmp(getenv("TERM"), "dumb"));
}

/*
 * Signals arrive by descriptor, so that nothing is interrupted half way. Not before
 * COMMAND is forked, which inherits dispositions, nor while the child compiles: until
 * then a signal simply ends us, the child, and COMMAND before it started.
 */
static int open_signals(const struct run *r)
{
	struct sigaction hup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* a blocked signal arrives even when it is ignored: nohup means it */
	if (sigaction(SIGHUP, NULL, &hup) || hup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (r->screen) {
		sigaddset(&set, SIGWINCH);
		sigaddset(&set, SIGTSTP);
		sigaddset(&set, SIGCONT);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* a shell starts background jobs with SIGINT ignored; it must reach us all the same */
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void note_write(struct run *r, int err)
{
	if (!err)
		return;
	r->stop = true;
	if (err == -EPIPE)
		r->reader_gone = true;
	else
		r->write_error = err;
}

static const char *fixed_name(uint32_t actor)
{
	switch (actor) {
	case ACTOR_SELF:
		return "[self]";
	case ACTOR_OUTSIDE:
		return "[outside]";
	case ACTOR_UNATTRIBUTED:
		return "[unattributed]";
	}
	return actor & ACTOR_POOL ? "[shared]" : "[background]";
}

/* Names for one event; false: a filter of ours leaves it out. */
static bool resolve_event(struct run *r, const struct ioamp_event *e, struct event *ev)
{
	const struct ledger_actor *a = session_actor(r->session, e->actor);
	const struct disk *disk = storage_disk_of(session_storage(r->session), e->dev);
	int64_t ns = (int64_t)e->ts_ns + r->wall_less_mono.tv_nsec;
	const char *role;

	if (a && !a->target)
		return false;
	if (!a && (r->o.ask.target.comm || r->o.ask.target.cgroup || r->o.ask.target.container || r->o.ask.target.nr_systems))
		return false;
	if (r->o.ask.target.tid && e->tid != r->o.ask.target.tid)
		return false;
	memset(ev, 0, sizeof(*ev));
	ev->e = e;
	ev->wall_s = r->wall_less_mono.tv_sec + ns / 1000000000;
	ev->wall_ns = (long)(ns % 1000000000);
	ev->system = !a ? NULL : a->system ? a->system : "other";
	ev->role = a ? a->role : NULL;
	ev->comm = a ? a->comm : fixed_name(e->actor);
	ev->pid = a ? a->tgid : 0;
	ev->via = e->via_comm;
	ev->disk = disk ? disk->name : NULL;
	if (r->o.style.extra || r->o.writer->names_files)
		ev->file = files_name(r->files, e->dev, e->inode, ev->pid, e->fd);
	role = a && ev->file ? file_roles_of_path(session_rules(r->session), a->system, ev->file) : NULL;
	if (role)
		ev->role = role;
	return !ev->disk || target_has_disk(&r->o.ask.target, ev->disk);
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct run *r = ctx;
	struct ioamp_event e;
	struct event ev;

	if (size < sizeof(e) || r->reader_gone || r->write_error)
		return 0;
	memcpy(&e, data, sizeof(e));
	e.via_comm[sizeof(e.via_comm) - 1] = 0;
	if (resolve_event(r, &e, &ev))
		note_write(r, r->o.writer->event(r->out, &r->o, &ev));
	return 0;
}

static void report_lost(struct run *r)
{
	uint64_t lost, sent;

	if (!r->tool->events)
		return;
	lost = sample_loss(session_engine(r->session), LOSS_EVENTS);
	if (lost == r->lost)
		return;
	sent = sample_loss(session_engine(r->session), LOSS_EVENTS_SENT);
	if (r->o.writer->lost)
		note_write(r, r->o.writer->lost(r->out, lost - r->lost, sent));
	else
		log_notice("lost %llu of %llu event lines; totals are exact; raise --buffer-pages or narrow with -p, -d, --layer",
			   (unsigned long long)lost, (unsigned long long)(lost + sent));
	r->lost = lost;
}

/* The terminal is the shell's as long as we are stopped. */
static void stop_here(struct run *r)
{
	r->screen->leave(r->screen_ctx);
	kill(getpid(), SIGSTOP);
	r->screen->come_back(r->screen_ctx);
}

/* One of those that only a screen asks for. */
static bool on_screen_signal(struct run *r, uint32_t signo)
{
	if (!r->screen_ctx || (signo != SIGWINCH && signo != SIGTSTP && signo != SIGCONT))
		return signo == SIGWINCH || signo == SIGCONT;
	if (signo == SIGWINCH)
		r->screen->resize(r->screen_ctx);
	else if (signo == SIGTSTP)
		stop_here(r);
	else
		r->screen->come_back(r->screen_ctx);
	return true;
}

static void on_child(struct run *r)
{
	if (r->child.pid <= 0 || waitpid(r->child.pid, &r->wait_status, WNOHANG) != r->child.pid)
		return;
	r->child.pid = -1;
	r->child_done = true;
	if (r->screen_ctx)
		r->screen->child_ended(r->screen_ctx, spawn_exit_status(r->wait_status));
	else
		r->stop = true;
}

static void on_signal(struct run *r)
{
	struct signalfd_siginfo si;

	while (read(r->signals, &si, sizeof(si)) == sizeof(si)) {
		if (on_screen_signal(r, si.ssi_signo))
			continue;
		if (si.ssi_signo == SIGCHLD) {
			on_child(r);
		} else if (si.ssi_signo == SIGINT && r->child.pid > 0 && !r->stop && !r->screen) {
			/* the terminal sent it to COMMAND, too: its end is ours */
			r->stop = false;
		} else {
			r->stop = true;
		}
	}
}

static void add_seconds(struct timespec *t, double s)
{
	t->tv_sec += (time_t)s;
	t->tv_nsec += (long)((s - (double)(time_t)s) * 1e9);
	if (t->tv_nsec >= 1000000000L) {
		t->tv_nsec -= 1000000000L;
		t->tv_sec++;
	}
}

/* Until then, but a tick at most; 0: it is over. */
static int left_ms(const struct timespec *until)
{
	struct timespec now;
	int64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (until->tv_sec - now.tv_sec) * 1000000000LL + until->tv_nsec - now.tv_nsec;
	return ns <= 0 ? 0 : ns > TICK_MS * 1000000LL ? TICK_MS : (int)(ns / 1000000 + 1);
}

/* 0 or -errno. */
static int on_keys(struct run *r, short revents)
{
	bool end = revents & (POLLHUP | POLLERR | POLLNVAL);
	int err = end ? 0 : r->screen->keys(r->screen_ctx, r->session, &end);

	r->stop |= end;
	return err;
}

/* The process of -p is gone: a screen stays, so that what it did can be seen. */
static void on_target_end(struct run *r)
{
	if (!r->screen_ctx) {
		r->stop = true;
		return;
	}
	close(r->watched);
	r->watched = -1;
	r->screen->target_ended(r->screen_ctx);
}

static int one_round(struct run *r, int timeout)
{
	struct pollfd fds[4] = {
		{ .fd = r->signals, .events = POLLIN },
		{ .fd = r->watched, .events = POLLIN },
		{ .fd = r->ring ? ring_buffer__epoll_fd(r->ring) : -1, .events = POLLIN },
		{ .fd = r->screen_ctx ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int err = 0;

	poll(fds, 4, timeout);
	if (fds[0].revents)
		on_signal(r);
	if (fds[1].revents)
		on_target_end(r);
	if (fds[3].revents)
		err = on_keys(r, fds[3].revents);
	if (r->ring)
		ring_buffer__consume(r->ring);
	return err;
}

/* Housekeeping; most of it about once a second. 0 or -errno. */
static int tick(struct run *r, struct timespec *last)
{
	struct timespec now;
	int err;

	session_learn_systems(r->session);
	err = session_relieve(r->session, false);
	if (err)
		return err;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec <= last->tv_sec)
		return 0;
	*last = now;
	session_tick(r->session);
	report_lost(r);
	if (r->ring)
		note_write(r, out_finish(r->out));
	return 0;
}

static void report(struct run *r, const struct summary *s)
{
	if (r->o.writer->summary)
		note_write(r, r->o.writer->summary(r->out, &r->o, s));
	r->o.style.no_header |= r->o.writer->one_table;
}

/* One more INTERVAL is over: what it was, and the next one begins. 0 or -errno. */
static int next_interval(struct run *r)
{
	struct timespec now;
	struct summary s;
	int err = session_end(r->session, false);

	if (!err)
		err = session_summary(r->session, r->o.ask.target.command, -1, &s);
	if (err)
		return err;
	s.interval_s = r->o.interval_s;
	r->incomplete |= !s.complete;
	if (r->screen_ctx) {
		err = r->screen->interval(r->screen_ctx, r->session);
	} else {
		report(r, &s);
		note_write(r, out_finish(r->out));
	}
	if (err)
		return err;
	if (++r->intervals == r->o.count)
		r->stop = true;
	add_seconds(&r->due, r->o.interval_s);
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* after a time in which we were stopped: not one report for each that was missed */
	if (!left_ms(&r->due)) {
		r->due = now;
		add_seconds(&r->due, r->o.interval_s);
	}
	return session_next(r->session);
}

/* A screen's user may want another INTERVAL: it begins now. False: this one does not end yet. */
static bool intervals_end(struct run *r)
{
	double s = r->screen_ctx ? r->screen->interval_s(r->screen_ctx) : r->o.interval_s;

	if (s > 0 && s != r->o.interval_s) {
		r->o.interval_s = s;
		clock_gettime(CLOCK_MONOTONIC, &r->due);
		add_seconds(&r->due, s);
	}
	return s > 0;
}

static int loop(struct run *r)
{
	bool forever = r->o.duration_s <= 0, intervals = r->o.interval_s > 0;
	struct timespec until, last;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	last = r->due = until;
	add_seconds(&until, r->o.duration_s);
	add_seconds(&r->due, r->o.interval_s);
	while (!r->stop && !err) {
		int ms = forever ? TICK_MS : left_ms(&until);
		int due = intervals && intervals_end(r) ? left_ms(&r->due) : TICK_MS;

		err = one_round(r, ms < due ? ms : due);
		if (err || (!forever && !left_ms(&until)))
			break;
		if (intervals && !r->stop && intervals_end(r) && !left_ms(&r->due))
			err = next_interval(r);
		if (!err)
			err = tick(r, &last);
	}
	return err;
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

static void print_plan(struct run *r)
{
	const struct engine *e = session_engine(r->session);

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

/* With -v: what each program has cost so far (kernel.bpf_stats_enabled=1), and missed. */
static void print_costs(struct run *r)
{
	struct program_cost c;

	if (log_verbosity() < 1)
		return;
	for (size_t i = 0; !sample_cost(session_engine(r->session), i, &c); i++) {
		if (c.runs)
			log_verbose("  %-16s %llu runs, %llu ns each", c.name,
				    (unsigned long long)c.runs, (unsigned long long)(c.ns / c.runs));
		if (c.skipped)
			log_verbose("  %-16s %llu runs skipped", c.name, (unsigned long long)c.skipped);
	}
}

static void wall_clock(struct run *r)
{
	struct timespec wall, mono;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	r->wall_less_mono.tv_sec = wall.tv_sec - mono.tv_sec;
	r->wall_less_mono.tv_nsec = wall.tv_nsec - mono.tv_nsec;
	if (r->wall_less_mono.tv_nsec < 0) {
		r->wall_less_mono.tv_sec--;
		r->wall_less_mono.tv_nsec += 1000000000L;
	}
}

static bool counted(const struct run *r)
{
	return r->o.count && r->intervals == r->o.count;
}

/* Everything between attach and the end of the window. Exit status, or -errno. */
static int measure(struct run *r, struct failure *f)
{
	int err = 0;

	if (r->tool->events) {
		int fd = session_engine(r->session)->maps[MAP_EVENTS];

		r->ring = fd >= 0 ? ring_buffer__new(fd, on_event, r, NULL) : NULL;
		if (!r->ring)
			return -ENOMEM;
		err = files_open(&r->files, session_engine(r->session)->maps[MAP_NAMES],
				 &session_storage(r->session)->disks);
		if (err)
			return err;
	}
	wall_clock(r);
	if (r->child.pid > 0)
		err = session_target(r->session, (uint32_t)r->child.pid);
	if (!err)
		err = session_begin(r->session);
	if (err)
		return err;
	note_write(r, out_truncate(r->out));
	if (r->o.writer->begin)
		note_write(r, r->o.writer->begin(r->out, &r->o));
	if (r->tool->events)
		note_write(r, out_finish(r->out));
	if (r->screen) {
		err = r->screen->open(&r->screen_ctx, &r->o, f);
		if (err)
			return err;
	}
	say_ready(r);
	if (r->child.pid > 0) {
		err = spawn_start(&r->child);
		r->exec_failed = err && r->child.go < 0;
		if (err)
			return err;
	}
	err = loop(r);
	session_run_over(r->session);
	/* COUNT is reached: what follows was not asked for */
	if (err || counted(r))
		return err;
	err = settle(r->session, r->o.settle != SETTLE_DEFAULT ? r->o.settle :
		     r->o.ask.target.command && !r->screen_ctx ? SETTLE_SYNC : SETTLE_NONE, r->o.settle_wait_s);
	if (!err)
		err = session_end(r->session, true);
	if (r->ring && !r->reader_gone) {
		ring_buffer__consume(r->ring);
		report_lost(r);
	}
	return err;
}

static int summarise(struct run *r, int *status)
{
	struct summary s = { .complete = true };
	int exit_status = r->child_done ? spawn_exit_status(r->wait_status) : -1;
	int err = counted(r) ? 0 : session_summary(r->session, r->o.ask.target.command, exit_status, &s);

	if (err)
		return err;
	if (!counted(r) && !r->screen) {
		s.interval_s = r->o.interval_s > 0 ? r->o.interval_s : -1;
		report(r, &s);
		note_write(r, out_finish(r->out));
	}
	*status = r->child_done ? exit_status : 0;
	if (r->o.strict && !*status && (!s.complete || r->incomplete || losses_sum(&s.losses, LOWERS_NOTHING)))
		*status = 4;
	return 0;
}

static void fail_exec(const char *command, int err, struct failure *f)
{
	char name[256];

	name_safe(name, sizeof(name), command);
	log_failure_set(f, ERR_COMMAND_RUN, err == -ENOENT ? "check the name, or give its path" :
			"name a program that may be executed", "%s: %s", name, strerror(-err));
	f->status = err == -ENOENT ? 127 : 126;	/* as shells do */
}

static int run(struct run *r, struct failure *f)
{
	int status = 1, err;

	if (r->o.ask.target.command) {
		err = spawn_prepare(&r->child, r->o.ask.target.command, r->o.as_user, r->screen);
		if (err == -ENOENT) {
			log_usage("--as: there is no user '%s'", r->o.as_user);
			return 2;
		}
		if (err) {
			log_failure_set(f, ERR_COMMAND_PREPARE,
				    "check the limits of processes and open files (ulimit -a)", "%s",
				    strerror(-err));
			return 0;
		}
	}
	err = session_open(&r->session, &r->o.ask, f);
	if (err) {
		spawn_cancel(&r->child);
		return 0;
	}
	r->signals = open_signals(r);
	print_plan(r);
	err = measure(r, f);
	if (r->screen_ctx)
		r->screen->close(r->screen_ctx);
	r->screen_ctx = NULL;
	if (err && (r->exec_failed || r->child.go >= 0))
		spawn_cancel(&r->child);
	print_costs(r);
	if (!err)
		err = summarise(r, &status);
	if (r->exec_failed)
		fail_exec(r->o.ask.target.command[0], err, f);
	else if (err && !f->status)
		log_failure_set(f, ERR_MEASURE, "run it again with -v", "%s",
			    strerror(-err));
	return status;
}

static int watch_pid(const struct options *o)
{
	if (o->ask.target.command || o->ask.target.nr_pids != 1)
		return -1;
	return (int)syscall(SYS_pidfd_open, o->ask.target.pids[0], 0);
}

static int show_text(struct run *r, struct failure *f)
{
	char *text;

	if (engine_text(&r->o.ask.engine, &text, f))
		return f->status;
	fputs(text, r->out);
	free(text);
	note_write(r, out_finish(r->out));
	return r->write_error ? 1 : 0;
}

/* A pipe of ours would take the place of a closed 0, 1 or 2. These refuse as that would. */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* The command line as one would type it again; quoted where the shell would need it. */
static char *command_line(int argc, char **argv)
{
	char *buf = NULL;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	for (int i = 0; f && i < argc; i++) {
		bool plain = *argv[i] && !argv[i][strcspn(argv[i], " \t\n'\"\\$`*?[]{}()<>|&;#~!")];

		fputs(i ? plain ? " " : " '" : plain ? "" : "'", f);
		for (const char *p = argv[i]; *p; p++)
			fputs(*p == '\'' ? "'\\''" : (char[]){ *p, 0 }, f);
		if (!plain)
			fputc('\'', f);
	}
	if (f)
		fclose(f);
	return buf;
}

int tool_main(const struct tool *tool, int argc, char **argv)
{
	struct run r = { .tool = tool, .signals = -1, .watched = -1, .child = { -1, -1, -1 } };
	struct failure f = { 0 };
	char *retry = command_line(argc, argv);
	int status = 0;

	fill_standard_fds();
	r.o.own = tool->own_size ? calloc(1, tool->own_size) : NULL;
	if (tool->own_size && !r.o.own) {
		free(retry);
		return 1;
	}
	if (opt_parse(tool, &r.o, argc, argv, &status)) {
		free(r.o.own);
		free(retry);
		return status;
	}
	r.out = out_open(r.o.output);
	if (!r.out) {
		log_failure_set(&f, ERR_OUTPUT_OPEN,
			    "choose another FILE for -o", "%s: %s", r.o.output, strerror(errno));
		log_failure(&f);
		free(r.o.own);
		free(retry);
		return 1;
	}
	fit_style(&r);
	if (tool->screen && tool->wants_screen(&r.o))
		r.screen = tool->screen;
	if (r.o.ready_fd >= 0)
		fcntl(r.o.ready_fd, F_SETFD, FD_CLOEXEC);	/* COMMAND is forked before it is closed */
	libbpf_set_print(NULL);
	if (tool->alone) {
		signal(SIGPIPE, SIG_IGN);
		note_write(&r, tool->alone(r.out, &r.o, retry ? retry : tool->name, &status));
	} else if (r.o.show_ebpf) {
		signal(SIGPIPE, SIG_IGN);
		status = show_text(&r, &f);
	} else if (!env_check(NULL, retry ? retry : tool->name, &f) && processes_check(&r.o.ask.target, &f)) {
		r.watched = watch_pid(&r.o);
		status = run(&r, &f);
	}
	if (f.status) {
		log_failure(&f);
		status = f.status;
	} else if (r.write_error) {
		log_failure_set(&f, ERR_OUTPUT_WRITE,
			    "make room, or choose a FILE with -o", "%s", strerror(-r.write_error));
		log_failure(&f);
		status = status ? status : 1;
	}
	free(r.o.own);
	free(retry);
	ring_buffer__free(r.ring);
	files_close(r.files);
	session_close(r.session);
	if (r.watched >= 0)
		close(r.watched);
	if (r.signals >= 0)
		close(r.signals);
	return status;
}
