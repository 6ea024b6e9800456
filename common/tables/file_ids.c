/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_ids - when the kernel side's table of files fills up, files that nothing names are retired. */
#include "tables/file_ids.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#define FILES_STEP	8	/* the next look follows when an eighth of the table is new */

/* About how many files are in the table: ids are given in order. */
static size_t files_now(const struct file_ids *f, __u32 newest)
{
	return newest > f->removed ? newest - f->removed : 0;
}

bool file_ids_pressed(const struct file_ids *f, const struct engine *e, __u32 newest)
{
	size_t from = e->text.file_entries / 2;

	if (!e->text.by_file)
		return false;
	return files_now(f, newest) >= (f->expected > from ? f->expected : from);
}

static bool retire_file(const struct engine *e, __u32 id)
{
	struct file_entry entry;

	if (sample_file(e, id, &entry))
		return false;
	bpf_map_delete_elem(e->maps[MAP_FILE_IDS], &entry.key);
	return !bpf_map_delete_elem(e->maps[MAP_FILES], &id);
}

int file_ids_retire(struct file_ids *f, const struct engine *e, __u32 newest, const struct used_ids *used)
{
	size_t most = e->text.file_entries, nr = 0;
	__u32 *ids = calloc(most ? most : 1, sizeof(*ids)), *last = NULL;

	if (!ids)
		return -ENOMEM;
	/* all keys first: a walk that deletes the key it stands on starts again */
	while (nr < most && !bpf_map_get_next_key(e->maps[MAP_FILES], last, &ids[nr]))
		last = &ids[nr++];
	/* files above the newest appeared after the counters were read: nothing is known of them */
	for (size_t i = 0; i < nr; i++)
		if (ids[i] <= newest && !used_ids_has(used, ids[i]))
			f->removed += retire_file(e, ids[i]);
	f->expected = files_now(f, newest) + most / FILES_STEP;
	free(ids);
	return 0;
}
