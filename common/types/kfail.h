/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kfail - messages about missing types: what is missing, why, and a command that helps. The
 * functions fill `err`; those that return int return the error.
 */
#ifndef IOAMP_KFAIL_H
#define IOAMP_KFAIL_H

#include "types/ktypes.h"

/* E110; `found` is the kernel whose headers are installed in their place; NULL: none are. */
int kfail_no_headers(const struct ktypes_paths *paths, const char *found,
		     struct failure *err);
/* E111: files that the compiler needs are missing. */
int kfail_incomplete(const struct ktypes_paths *paths, const char *why,
		     struct failure *err);
/* E111: the link `build` of the running kernel's modules leads to `target`, which does not exist. */
int kfail_dangling(const struct ktypes_paths *paths, const char *target, struct failure *err);
int kfail_no_btf(const struct ktypes_paths *paths, struct failure *err);
int kfail_no_kheaders(const struct ktypes_paths *paths, struct failure *err);
/* `status` is tar's exit status, or -errno. */
void kfail_extract(const char *archive, int status, struct failure *err);
int kfail_write(const char *scratch, int ret, struct failure *err);
/* E121: no source is left to try. kfail_add_btf() adds to the failure of headers why BTF does not help. */
void kfail_none_left(const struct ktypes_paths *paths, struct failure *err);
void kfail_add_btf(bool have_btf, struct failure *err);

#endif
