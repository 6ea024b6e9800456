/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kheaders - finds installed kernel headers, unpacks embedded ones, reads both. */
#ifndef IOAMP_KHEADERS_H
#define IOAMP_KHEADERS_H

#include <limits.h>

#include "types/ktypes.h"

struct kheaders {
	char source[PATH_MAX];	/* has include/linux */
	char build[PATH_MAX];	/* has include/generated; the same unless split */
};

int kheaders_find(struct kheaders *out, const struct ktypes_paths *paths,
		  struct failure *err);
int kheaders_extract(const char *archive, const char *dir, struct failure *err);
/* Answers from the text of the headers below the source directory `dir`. */
bool kheaders_has_struct(const char *dir, const char *tag);
bool kheaders_has_member(const char *dir, const char *tag, const char *member);
bool kheaders_has_tp(const char *dir, const char *file, const char *event);
int kheaders_tp_arg(const char *dir, const char *file, const char *event, const char *tag);
int kheaders_tp_nargs(const char *dir, const char *file, const char *event);

#endif
