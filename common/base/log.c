/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log - the only writer of stderr: errors in the three-line form, notices, the plan. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
	const char *tool;
	int verbosity;
	bool quiet;
} state = { "ioamp", 0, false };

void log_init(const char *tool, int verbosity, bool quiet)
{
	state.tool = tool;
	state.verbosity = verbosity;
	state.quiet = quiet;
}

int log_verbosity(void)
{
	return state.verbosity;
}

const char *log_tool(void)
{
	return state.tool;
}

static const struct {
	int number, status;
	const char *what;
} errors[] = {
#define ERROR_ENTRY(name, number, status, what) { number, status, what },
	ERRORS(ERROR_ENTRY)
#undef ERROR_ENTRY
};

void log_failure_begin(struct failure *f, enum error error, const char *object)
{
	f->status = errors[error].status;
	snprintf(f->code, sizeof(f->code), "IOAMP-E%d", errors[error].number);
	snprintf(f->what, sizeof(f->what), "%s%s%s", errors[error].what, object ? " " : "",
		 object ? object : "");
	*f->why = *f->fix = '\0';
}

void log_failure_set(struct failure *f, enum error error, const char *fix, const char *why, ...)
{
	va_list ap;

	log_failure_begin(f, error, NULL);
	snprintf(f->fix, sizeof(f->fix), "%s", fix);
	va_start(ap, why);
	vsnprintf(f->why, sizeof(f->why), why, ap);
	va_end(ap);
}

void log_failure(const struct failure *f)
{
	fprintf(stderr, "%s: error %s: %s\n  why: %s\n  fix: %s\n", state.tool, f->code, f->what,
		f->why, f->fix);
}

static void line(const char *format, va_list ap)
{
	fprintf(stderr, "%s: ", state.tool);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

void log_notice(const char *format, ...)
{
	va_list ap;

	if (state.quiet)
		return;
	va_start(ap, format);
	line(format, ap);
	va_end(ap);
}

void log_verbose(const char *format, ...)
{
	va_list ap;

	if (state.verbosity < 1)
		return;
	va_start(ap, format);
	line(format, ap);
	va_end(ap);
}

void log_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line(format, ap);
	va_end(ap);
	fprintf(stderr, "Try '%s --help' for more information.\n", state.tool);
}
