/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding - the result of one check. */
#include "tools/ioamp-doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

const char *finding_verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICT_MAX] = {
		[VERDICT_OK] = "ok", [VERDICT_INFO] = "info", [VERDICT_UNKNOWN] = "unknown",
		[VERDICT_LIMIT] = "limit", [VERDICT_MISSING] = "missing",
	};

	return verdict < VERDICT_MAX ? names[verdict] : "?";
}

struct finding *finding_add(struct findings *list, const char *name)
{
	struct finding *f = &list->v[list->n < FINDINGS_MAX ? list->n++ : FINDINGS_MAX - 1];

	memset(f, 0, sizeof(*f));
	f->name = name;
	return f;
}

void finding_say(struct finding *f, enum verdict verdict, const char *detail, ...)
{
	va_list ap;

	f->verdict = verdict;
	va_start(ap, detail);
	vsnprintf(f->detail, sizeof(f->detail), detail, ap);
	va_end(ap);
}

void finding_fix(struct finding *f, const char *fix, ...)
{
	va_list ap;

	va_start(ap, fix);
	vsnprintf(f->fix, sizeof(f->fix), fix, ap);
	va_end(ap);
}

void finding_fail(struct finding *f, enum verdict verdict, const struct failure *why)
{
	finding_say(f, verdict, "%s: %s (%s)", why->what, why->why, why->code);
	finding_fix(f, "%s", why->fix);
}
