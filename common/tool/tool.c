/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool - the life of a tool: options, output, what it is asked to do, and the exit status. */
#include "tool/tool.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/may_trace.h"
#include "session/session.h"
#include "tool/opt.h"
#include "tool/run.h"

/* Opens closed descriptors 0 to 2, so that no pipe of ours gets their number. Using them fails. */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* The command line as a shell would read it again; NULL: no memory. */
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

static int show_text(struct run *r, struct failure *f)
{
	char *text;

	if (engine_text(&r->o.ask.engine, &text, f))
		return f->status;
	fputs(text, r->out.f);
	free(text);
	output_flush(&r->out);
	return r->out.error ? 1 : 0;
}

/* Does what the options ask for. Exit status; `f` is set when it failed. */
static int act(struct run *r, const char *retry, struct failure *f)
{
	const struct tool *tool = r->tool;
	int status = 0, err = output_open(&r->out, &r->o);

	if (err) {
		log_failure_set(f, ERR_OUTPUT_OPEN, "choose another FILE for -o", "%s: %s",
				r->o.output, strerror(-err));
		return f->status;
	}
	if (tool->screen && tool->wants_screen(&r->o))
		r->screen = tool->screen;
	if (r->o.ready_fd >= 0)
		fcntl(r->o.ready_fd, F_SETFD, FD_CLOEXEC);	/* COMMAND is forked before it is closed */
	libbpf_set_print(NULL);
	if (tool->alone || r->o.show_ebpf)
		signal(SIGPIPE, SIG_IGN);
	if (tool->alone) {
		output_note(&r->out, tool->alone(r->out.f, &r->o, retry, &status));
		return status;
	}
	if (r->o.show_ebpf)
		return show_text(r, f);
	return may_trace_check(NULL, retry, f) ? f->status : run_measure(r, f);
}

/* Reports what failed. Exit status. */
static int report_failure(const struct run *r, int status, struct failure *f)
{
	if (!f->status && r->out.error) {
		log_failure_set(f, ERR_OUTPUT_WRITE, "make room, or choose a FILE with -o", "%s",
				strerror(-r->out.error));
		f->status = status ? status : f->status;
	}
	if (!f->status)
		return status;
	log_failure(f);
	return f->status;
}

static void run_close(struct run *r)
{
	events_close(&r->events);
	session_close(r->session);
	if (r->watched >= 0)
		close(r->watched);
	if (r->signals >= 0)
		close(r->signals);
	free(r->o.own);
}

int tool_main(const struct tool *tool, int argc, char **argv)
{
	struct run r = { .tool = tool, .signals = -1, .watched = -1, .command = COMMAND_NONE };
	char *retry = command_line(argc, argv);
	struct failure f = { 0 };
	int status = 0;

	fill_standard_fds();
	/* names are printed as UTF-8 whatever the user's locale is; their columns are counted in this one */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	if (tool->own_size) {
		r.o.own = calloc(1, tool->own_size);
		if (!r.o.own)
			log_failure_set(&f, ERR_OPTIONS, "free some memory", "%s", strerror(errno));
	}
	if (!f.status && !opt_parse(tool, &r.o, argc, argv, &status))
		status = act(&r, retry ? retry : tool->name, &f);
	status = report_failure(&r, status, &f);
	run_close(&r);
	free(retry);
	return status;
}
