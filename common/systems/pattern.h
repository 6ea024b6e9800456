/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern - the patterns of rule files: globs and extended regular expressions. Pure. */
#ifndef IOAMP_PATTERN_H
#define IOAMP_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A glob, or an extended regular expression ("re:" in the file). */
struct pattern {
	char *text;	/* as written, with its "re:" */
	bool regex;
	regex_t re;
	uint16_t port;	/* EVIDENCE_PORT */
};
struct patterns {
	struct pattern *v;
	size_t n;
};

/* A pattern from its text as it stands in a file: 0, or -EINVAL with `why` filled, -ENOMEM. */
int pattern_set(struct pattern *p, const char *text, char *why, size_t size);
void pattern_free(struct pattern *p);
/* The whole text for a glob, any part of it for an expression. */
bool pattern_matches(const struct pattern *p, const char *text);
/* A glob without a slash is for the last part of the path. */
bool pattern_matches_path(const struct pattern *p, const char *path);
/* The same, with the last group (or, without one, what matched) in buf; false: no match. */
bool pattern_capture(const struct pattern *p, const char *text, char *buf, size_t size);

#endif
