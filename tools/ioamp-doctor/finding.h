/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding - the result of one check: a verdict, what was found, and what to type. */
#ifndef IOAMP_FINDING_H
#define IOAMP_FINDING_H

#include <stddef.h>

struct failure;

enum verdict {
	VERDICT_OK,
	VERDICT_INFO,		/* not available, and no tool needs it here */
	VERDICT_UNKNOWN,	/* could not be examined */
	VERDICT_LIMIT,		/* something is measured less well, or not at all */
	VERDICT_MISSING,	/* nothing can be measured without it: exit status 3 */
	VERDICT_MAX,
};

struct finding {
	const char *name;	/* 15 characters at most; not copied */
	enum verdict verdict;
	char detail[640];
	/*
	 * A command, or "COMMAND    (REMARK)" with four blanks between. "": none. Limit and
	 * missing always have one.
	 */
	char fix[640];
};

#define FINDINGS_MAX 40
struct findings {
	struct finding v[FINDINGS_MAX];
	size_t n;
};

const char *finding_verdict_name(enum verdict verdict);
/* A new finding, VERDICT_OK. Never NULL: when the list is full, the last one is overwritten. */
struct finding *finding_add(struct findings *list, const char *name);
void finding_say(struct finding *f, enum verdict verdict, const char *detail, ...)
	__attribute__((format(printf, 3, 4)));
void finding_fix(struct finding *f, const char *fix, ...) __attribute__((format(printf, 2, 3)));
/* Takes reason and remedy from a failure. */
void finding_fail(struct finding *f, enum verdict verdict, const struct failure *why);

#endif
