/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern - the patterns of rule files: globs and extended regular expressions. */
#include "systems/pattern.h"

#include <errno.h>
#include <fnmatch.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGEX_MARK	"re:"
#define GROUPS		10	/* of an expression; with more groups, pattern_capture() takes all that matched */
#define GLOB_STARS	8	/* each star multiplies the cost of a failing match */

/*
 * Refuses what has no bound on its cost: regcomp() compiles {m,n} by copying, and regexec()
 * matches back-references by trying all ways.
 */
static const char *too_costly(const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			if (*s >= '1' && *s <= '9')
				return "back-references are not supported; write the text out";
		} else if (*s == '[') {
			/* inside [] a '{' is a plain character, and so is a ']' at the start */
			s += s[1] == '^' ? 2 : 1;
			if (*s == ']')
				s++;
			while (*s && *s != ']')
				s++;
			if (!*s)
				break;
		} else if (*s == '{') {
			return "{...} is not supported; write the repetition out, or \\{ for the character";
		}
	}
	return NULL;
}

/*
 * Patterns match bytes: a name need not be text in any encoding, and the process counts columns in a
 * locale of UTF-8. The locale "C" is a constant of the C library: there is nothing to free.
 */
static locale_t match_bytes(void)
{
	return uselocale(newlocale(LC_CTYPE_MASK, "C", (locale_t)0));
}

static int set_regex(struct pattern *p, const char *text, char *why, size_t size)
{
	const char *costly = too_costly(text);
	locale_t before;
	int code;

	if (costly || !*text) {
		snprintf(why, size, "%s", costly ? costly : "nothing after re:");
		return -EINVAL;
	}
	before = match_bytes();
	code = regcomp(&p->re, text, REG_EXTENDED);
	uselocale(before);
	if (code) {
		regerror(code, &p->re, why, size);
		return -EINVAL;
	}
	p->regex = true;
	return 0;
}

static int check_glob(const char *text, char *why, size_t size)
{
	size_t stars = 0;

	for (const char *s = text; *s; s++)
		stars += *s == '*';
	if (stars <= GLOB_STARS)
		return 0;
	snprintf(why, size, "more than %d stars in a pattern; use re: with .*", GLOB_STARS);
	return -EINVAL;
}

int pattern_set(struct pattern *p, const char *text, char *why, size_t size)
{
	size_t mark = sizeof(REGEX_MARK) - 1;
	int err;

	memset(p, 0, sizeof(*p));
	if (!strncmp(text, REGEX_MARK, mark))
		err = set_regex(p, text + mark, why, size);
	else
		err = check_glob(text, why, size);
	if (err)
		return err;
	p->text = strdup(text);
	if (p->text)
		return 0;
	pattern_free(p);
	return -ENOMEM;
}

void pattern_free(struct pattern *p)
{
	if (p->regex)
		regfree(&p->re);
	free(p->text);
	memset(p, 0, sizeof(*p));
}

bool pattern_matches(const struct pattern *p, const char *text)
{
	locale_t before = match_bytes();
	bool matches = p->regex ? !regexec(&p->re, text, 0, NULL, 0) : !fnmatch(p->text, text, 0);

	uselocale(before);
	return matches;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool pattern_matches_path(const struct pattern *p, const char *path)
{
	if (p->regex || strchr(p->text, '/'))
		return pattern_matches(p, path);
	return pattern_matches(p, last_part(path));
}

bool pattern_capture(const struct pattern *p, const char *text, char *buf, size_t size)
{
	regmatch_t m[GROUPS];
	locale_t before;
	size_t which;
	int no;

	if (!p->regex) {
		if (!pattern_matches_path(p, text))
			return false;
		snprintf(buf, size, "%s", text);
		return true;
	}
	before = match_bytes();
	no = regexec(&p->re, text, GROUPS, m, 0);
	uselocale(before);
	if (no)
		return false;
	which = p->re.re_nsub < GROUPS ? p->re.re_nsub : 0;
	if (m[which].rm_so < 0)
		which = 0;
	snprintf(buf, size, "%.*s", (int)(m[which].rm_eo - m[which].rm_so), text + m[which].rm_so);
	return true;
}
