/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_files - where rule files come from: installed, overridden, or carried along. */
#ifndef IOAMP_RULE_FILES_H
#define IOAMP_RULE_FILES_H

#include "systems/rules.h"

/* The shipped files, as they were built in: a program that was only copied has them, too. */
struct rule_text {
	const char *name;
	const char *text;
};
extern const struct rule_text rule_files_texts[];
extern const unsigned int rule_files_texts_count;

/*
 * All rules, in the order of the files' names: those of the directory that
 * IOAMP_SYSTEMS names and no others; else the installed ones (where there are none,
 * those built in), each replaced by one of the same name below /etc, and what is
 * there beside. What cannot be used is left out, with a notice. 0 or -ENOMEM.
 */
int rule_files_load(struct rules *out);

/* May root trust a file or directory of this owner and mode? NULL: yes; else why not. */
const char *rule_files_distrust(unsigned int uid, unsigned int mode);

#endif
