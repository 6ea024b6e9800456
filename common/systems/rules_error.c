/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules_error - reports the mistakes of a rule file with line and column. */
#include "systems/rules_internal.h"

#include <errno.h>
#include <stdarg.h>

void rules_error(struct parse *p, unsigned int line, unsigned int column, const char *format, ...)
{
	char what[320];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* the text quotes the file and may go to a terminal */
	for (char *s = what; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	if (!p->err)
		p->err = -EINVAL;
	p->say(p->ctx, line, column, what);
}

void rules_error_no_room(struct parse *p, bool memory)
{
	if (memory)
		p->err = -ENOMEM;
	else
		rules_error(p, p->ini.line, p->ini.column, "too many; the limits are %d systems, %d roles of one,"
			    " %d values of one key", RULE_SYSTEMS, RULE_ROLES, RULE_PATTERNS);
}
