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
	char *text;	/* with its "re:" */
	bool regex;
	regex_t re;
	uint16_t port;	/* EVIDENCE_PORT */
};
struct patterns {
	struct pattern *v;
	size_t n;
};

/* Compiles the text of a pattern. 0; -EINVAL with the reason in `why`; -ENOMEM. */
int pattern_set(struct pattern *p, const char *text, char *why, size_t size);
void pattern_free(struct pattern *p);
/* A glob matches the whole text, an expression any part of it. */
bool pattern_matches(const struct pattern *p, const char *text);
/* A glob without a slash matches the last component of the path. */
bool pattern_matches_path(const struct pattern *p, const char *path);
/* As pattern_matches_path(). buf gets the last group of an expression, else all that matched. */
bool pattern_capture(const struct pattern *p, const char *text, char *buf, size_t size);

#endif
