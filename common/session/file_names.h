/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_names - the names of files for rows; an old name is looked up again, because files are renamed. */
#ifndef IOAMP_FILE_NAMES_H
#define IOAMP_FILE_NAMES_H

#include <time.h>

#include "engine/engine.h"
#include "ledger/ledger.h"
#include "machine/storage.h"
#include "tables/used_ids.h"

/* A file with its name, and the key that the name was found by. */
struct file_names_entry {
	struct ledger_file file;	/* owns its name */
	struct file_key key;
	time_t named_at;		/* CLOCK_MONOTONIC */
};

struct file_names {
	struct file_names_entry *v;	/* sorted by id */
	size_t n;
	struct ledger_file *files;	/* the same for the ledger; the names are those of `v` */
	size_t nr_files;
};

/* Names the files that a window used: fn->files. Reads the mounts again. 0 or -errno. */
int file_names_of_window(struct file_names *fn, const struct engine *e, struct storage *st,
			 const struct used_ids *used);
/* The highest id that has a name; 0: none. */
uint32_t file_names_newest(const struct file_names *fn);
void file_names_free(struct file_names *fn);

#endif
