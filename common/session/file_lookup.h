/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_lookup - the name of a file: where the path that the kernel side noted is mounted, here or in
 * another namespace, and whether the file is still there.
 */
#ifndef IOAMP_FILE_LOOKUP_H
#define IOAMP_FILE_LOOKUP_H

#include "machine/storage.h"
#include "probes/abi.h"
#include "session/namespaces.h"

/* Of several lookups in a row; zeroed but for `storage`. */
struct file_lookup {
	const struct storage *storage;
	struct namespaces namespaces;	/* read when one was needed */
};

/*
 * A path, with FILE_PATH_DELETED behind it when the file is no more; "DISK:PATH" where no mount is known;
 * "inode N on DISK" where no path is. 0 or -ENOMEM; free() *out.
 */
int file_lookup_name(struct file_lookup *l, const struct file_entry *e, char **out);
void file_lookup_close(struct file_lookup *l);

#endif
