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

/* For several lookups in a row. The caller sets `storage` and zeroes the rest. */
struct file_lookup {
	const struct storage *storage;
	struct namespaces namespaces;	/* read when the first file is not found here */
};

/*
 * *out: the path, followed by FILE_PATH_DELETED if the file was deleted; "DISK:PATH" if its mount is
 * not known; "inode N on DISK" if its path is not known. 0 or -ENOMEM; free() *out.
 */
int file_lookup_name(struct file_lookup *l, const struct file_entry *e, char **out);
void file_lookup_close(struct file_lookup *l);

#endif
