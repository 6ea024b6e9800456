/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop - what a run does until its end: signals, events, intervals, keys of a screen. */
#include "tool/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "session/session.h"
#include "tool/run.h"

#define TICK_MS 200		/* housekeeping, reports of lost lines, flush of a pipe */

/* ---- signals ---- */

int loop_signals(bool screen)
{
	struct sigaction hup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* signalfd also delivers ignored signals; nohup wants SIGHUP ignored */
	if (sigaction(SIGHUP, NULL, &hup) || hup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (screen) {
		sigaddset(&set, SIGWINCH);
		sigaddset(&set, SIGTSTP);
		sigaddset(&set, SIGCONT);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* a shell starts background jobs with SIGINT ignored; it must end the tool in any case */
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Gives the terminal back to the shell while this process is stopped. */
static void stop_here(struct run *r)
{
	r->screen->leave(r->screen_ctx);
	kill(getpid(), SIGSTOP);
	r->screen->come_back(r->screen_ctx);
}

/* Handles the signals that loop_signals() adds for a screen. False: `signo` is another one. */
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
	if (!command_reap(&r->command))
		return;
	if (r->screen_ctx)
		r->screen->child_ended(r->screen_ctx, r->command.exit_status);
	else
		r->stop = true;
}

static void on_signal(struct run *r, uint32_t signo)
{
	/* the terminal sent Ctrl-C to COMMAND, too: wait until COMMAND ends */
	bool waits = signo == SIGINT && r->command.pid > 0 && !r->screen;

	if (signo == SIGCHLD)
		on_child(r);
	else if (!on_screen_signal(r, signo) && !waits)
		r->stop = true;
}

static void read_signals(struct run *r)
{
	struct signalfd_siginfo si;

	while (read(r->signals, &si, sizeof(si)) == sizeof(si))
		on_signal(r, si.ssi_signo);
}

/* ---- times ---- */

static void add_seconds(struct timespec *t, double s)
{
	t->tv_sec += (time_t)s;
	t->tv_nsec += (long)((s - (double)(time_t)s) * 1e9);
	if (t->tv_nsec >= 1000000000L) {
		t->tv_nsec -= 1000000000L;
		t->tv_sec++;
	}
}

static struct timespec seconds_from_now(double s)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	add_seconds(&t, s);
	return t;
}

/* Milliseconds until `until`, at most TICK_MS. 0: it has passed. */
static int left_ms(const struct timespec *until)
{
	struct timespec now;
	int64_t ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (until->tv_sec - now.tv_sec) * 1000000000LL + until->tv_nsec - now.tv_nsec;
	return ns <= 0 ? 0 : ns > TICK_MS * 1000000LL ? TICK_MS : (int)(ns / 1000000 + 1);
}

/* ---- one round ---- */

/* 0 or -errno. */
static int on_keys(struct run *r, short revents)
{
	bool end = revents & (POLLHUP | POLLERR | POLLNVAL);
	int err = end ? 0 : r->screen->keys(r->screen_ctx, r->session, &end);

	r->stop |= end;
	return err;
}

/* The process of -p ended. A screen stays open, so that the user can read the result. */
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
		{ .fd = events_fd(&r->events), .events = POLLIN },
		{ .fd = r->screen_ctx ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int err = 0;

	poll(fds, 4, timeout);
	if (fds[0].revents)
		read_signals(r);
	if (fds[1].revents)
		on_target_end(r);
	if (fds[3].revents)
		err = on_keys(r, fds[3].revents);
	events_consume(&r->events);
	return err;
}

/* Housekeeping, most of it once a second. 0 or -errno. */
static int tick(struct run *r, struct timespec *last)
{
	struct timespec now;
	int err;

	session_learn_systems(r->session);
	err = session_retire(r->session, false);
	if (err)
		return err;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec <= last->tv_sec)
		return 0;
	*last = now;
	session_tick(r->session);
	events_report_lost(&r->events);
	if (r->tool->events)
		output_flush(&r->out);
	return 0;
}

/* ---- intervals ---- */

/* 0 or -errno. */
static int report_interval(struct run *r)
{
	struct summary s;
	int err = session_summary(r->session, r->o.ask.target.command, -1, &s);

	if (err)
		return err;
	s.interval_s = r->o.interval_s;
	r->incomplete |= !s.complete;
	if (r->screen_ctx)
		return r->screen->interval(r->screen_ctx, r->session);
	output_summary(&r->out, &s);
	return 0;
}

/* Ends this INTERVAL, reports it and begins the next one. 0 or -errno. */
static int next_interval(struct run *r)
{
	int err = session_end(r->session, false);

	if (!err)
		err = report_interval(r);
	if (err)
		return err;
	if (++r->intervals == r->o.count)
		r->stop = true;
	add_seconds(&r->due, r->o.interval_s);
	/* the process was stopped for a while: do not report each interval that passed */
	if (!left_ms(&r->due))
		r->due = seconds_from_now(r->o.interval_s);
	return session_next(r->session);
}

/* Starts a new INTERVAL if the screen's user changed its length. False: the screen is paused. */
static bool intervals_end(struct run *r)
{
	double s = r->screen_ctx ? r->screen->interval_s(r->screen_ctx) : r->o.interval_s;

	if (s > 0 && s != r->o.interval_s) {
		r->o.interval_s = s;
		r->due = seconds_from_now(s);
	}
	return s > 0;
}

static bool over(const struct run *r)
{
	return r->stop || output_over(&r->out);
}

int loop_run(struct run *r)
{
	bool forever = r->o.duration_s <= 0, intervals = r->o.interval_s > 0;
	struct timespec until = seconds_from_now(r->o.duration_s), last = seconds_from_now(0);
	int err = 0;

	r->due = seconds_from_now(r->o.interval_s);
	while (!over(r) && !err) {
		int ms = forever ? TICK_MS : left_ms(&until);
		int due = intervals && intervals_end(r) ? left_ms(&r->due) : TICK_MS;

		err = one_round(r, ms < due ? ms : due);
		if (err || (!forever && !left_ms(&until)))
			break;
		if (intervals && !over(r) && intervals_end(r) && !left_ms(&r->due))
			err = next_interval(r);
		if (!err)
			err = tick(r, &last);
	}
	return err;
}
