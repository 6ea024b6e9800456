/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log - the only writer of stderr: errors in the three-line form, notices, the plan. */
#ifndef IOAMP_LOG_H
#define IOAMP_LOG_H

#include <stdbool.h>

#include "base/errors.h"

/* What failed, why, and a command to type; one line each. */
struct failure {
	int status;	/* the exit status */
	char code[16];
	char what[256];
	char why[512];
	char fix[512];
};

/* A failure that is not set yet has status 0. */
__attribute__((format(printf, 4, 5)))
void log_failure_set(struct failure *f, enum error error, const char *fix, const char *why, ...);
/* The same without `why` and `fix`; what failed is followed by its object, unless that is NULL. */
void log_failure_begin(struct failure *f, enum error error, const char *object);

void log_init(const char *tool, int verbosity, bool quiet);
void log_failure(const struct failure *f);
__attribute__((format(printf, 1, 2))) void log_notice(const char *format, ...);	/* not with -q */
__attribute__((format(printf, 1, 2))) void log_verbose(const char *format, ...);	/* with -v */
__attribute__((format(printf, 1, 2))) void log_usage(const char *format, ...);	/* misuse */
int log_verbosity(void);
const char *log_tool(void);

#endif
