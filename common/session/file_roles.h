/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_roles - the role that a file plays in the system that uses it, found by its path. */
#ifndef IOAMP_FILE_ROLES_H
#define IOAMP_FILE_ROLES_H

#include "ledger/ledger.h"
#include "systems/rules.h"

struct file_role;

struct file_roles {
	struct file_role *cache;	/* one entry a slot: the last one that was asked for */
	struct ledger_role *v;		/* of the files of a window; sorted for the ledger */
	size_t n;
};

int file_roles_open(struct file_roles *fr);	/* 0 or -ENOMEM */
void file_roles_close(struct file_roles *fr);
/* Finds the roles of the files that the lines and the dirty pages of `in` name: fr->v. 0 or -ENOMEM. */
int file_roles_list(struct file_roles *fr, const struct rules *rules, const struct ledger_input *in,
		    const struct ledger_lines *lines);

/* Role of a path in a system (its name; NULL: none). NULL: the file has no role. */
const char *file_roles_of_path(const struct rules *rules, const char *system, const char *path);

#endif
