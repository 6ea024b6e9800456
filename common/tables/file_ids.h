/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_ids - when the kernel side's table of files fills up, files that nothing names are retired. */
#ifndef IOAMP_FILE_IDS_H
#define IOAMP_FILE_IDS_H

#include "tables/sample.h"
#include "tables/used_ids.h"

struct file_ids {
	size_t removed;		/* retired since the start */
	size_t expected;	/* number of files in the table that makes the next look worth while */
};

/* Is it time to retire some? `newest`: the highest id that is known. Ids are given in order. */
bool file_ids_pressed(const struct file_ids *f, const struct engine *e, __u32 newest);
/* Retires files that are not in use. Files newer than `newest` stay. 0 or -ENOMEM. */
int file_ids_retire(struct file_ids *f, const struct engine *e, __u32 newest, const struct used_ids *used);

#endif
