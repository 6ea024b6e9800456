/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules_internal - what rules.c (meaning) and rules_read.c (lines, places,
 * errors) share. Nobody else includes this.
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

/* ---- rules_read.c ---- */

void parse_error(struct parse *p, unsigned int line, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A limit was reached, or (`memory`) there is none left. */
void parse_no_room(struct parse *p, bool memory);

/* ---- rules_section.c ---- */

/* What stands between the brackets of a heading. */
void parse_begin_section(struct parse *p, const char *section);
/* Before the next heading, and at the end: what the section lacks. */
void parse_end_section(struct parse *p);

/* ---- rules.c ---- */

/* Room for one more than `n` elements; NULL: no memory, and `v` stays. */
void *parse_grow(void *v, size_t n, size_t size);
/* A KEY = VALUE line of the section that began last. */
void parse_key(struct parse *p);
/* Forgets the systems from `n` on. */
void rules_cut(struct rules *r, size_t n);

#endif
