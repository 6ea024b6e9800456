/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules_internal - what the readers of rule files share: lines (rules_read.c), headings
 * (rules_section.c), keys (rules_key.c), errors (rules_error.c). Nobody else includes this.
 */
#ifndef IOAMP_RULES_INTERNAL_H
#define IOAMP_RULES_INTERNAL_H

#include "base/ini.h"
#include "systems/rules.h"

struct parse {
	struct rules *rules;
	size_t first;		/* systems of this file begin here */
	struct ini ini;
	rules_say *say;
	void *ctx;
	int err;		/* -ENOMEM, -EIO; -EINVAL: errors were said */
	unsigned int sections;	/* headings seen */
	unsigned int section_line, section_column;	/* of its '[' */
	struct rule_system *system;	/* of the section; NULL: of a role, or refused */
	struct rule_role *role;
};

/* ---- rules_error.c ---- */

void rules_error(struct parse *p, unsigned int line, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A limit was reached, or (`memory`) there is none left. */
void rules_error_no_room(struct parse *p, bool memory);

/* ---- rules_section.c ---- */

/* What stands between the brackets of a heading. */
void rules_section_begin(struct parse *p, const char *section);
/* Before the next heading, and at the end: what the section lacks. */
void rules_section_end(struct parse *p);

/* ---- rules_key.c ---- */

/* A KEY = VALUE line of the section that began last. */
void rules_key(struct parse *p);

/* ---- rules.c ---- */

/* Forgets the systems from `n` on. */
void rules_cut(struct rules *r, size_t n);

#endif
