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
	int err;		/* -ENOMEM, -EIO; -EINVAL: `say` was called */
	unsigned int sections;	/* headings seen */
	unsigned int section_line, section_column;	/* of its '[' */
	struct rule_system *system;	/* of this section; NULL: a section of a role, or one with an error */
	struct rule_role *role;
};

/* ---- rules_error.c ---- */

void rules_error(struct parse *p, unsigned int line, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* There is no room for another element: no memory (`memory`), or a limit was reached. */
void rules_error_no_room(struct parse *p, bool memory);

/* ---- rules_section.c ---- */

/* `section`: the text between the brackets of a heading. */
void rules_section_begin(struct parse *p, const char *section);
/* Checks that the section is complete. Call this before the next heading and at the end. */
void rules_section_end(struct parse *p);

/* ---- rules_key.c ---- */

/* Takes the KEY = VALUE line that was read last. */
void rules_key(struct parse *p);

/* ---- rules.c ---- */

/* Removes the systems from index `n` on. */
void rules_cut(struct rules *r, size_t n);

#endif
