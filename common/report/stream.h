/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream - the file or standard output that a report goes to. */
#ifndef IOAMP_STREAM_H
#define IOAMP_STREAM_H

#include <stdio.h>

/* The file `path` with its old contents, or stdout when `path` is NULL. NULL with errno set. */
FILE *stream_open(const char *path);
/* Empties a regular file that was opened by name; 0 or -errno. */
int stream_truncate(FILE *f);
/* Flushes; 0 or -errno of all that was written. */
int stream_finish(FILE *f);

#endif
