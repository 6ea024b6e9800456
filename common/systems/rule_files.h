/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_files - finds and loads rule files: installed, built in, or overridden in /etc. */
#ifndef IOAMP_RULE_FILES_H
#define IOAMP_RULE_FILES_H

#include "systems/rules.h"

/* The shipped files, built into the program: a copied executable needs no installed ones. */
struct rule_text {
	const char *name;
	const char *text;
};
extern const struct rule_text rule_files_texts[];
extern const unsigned int rule_files_texts_count;

/*
 * Loads all rules in the order of the file names. If IOAMP_SYSTEMS names a directory, only the
 * files in it; else the installed files (or those built in, if none are installed) and the files
 * in /etc, which replace installed ones of the same name. A notice names each file that is left
 * out. 0 or -ENOMEM.
 */
int rule_files_load(struct rules *out);

/* Why root must not trust a file or directory with this owner and mode. NULL: it may. */
const char *rule_files_distrust(unsigned int uid, unsigned int mode);

#endif
