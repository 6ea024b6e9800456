/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kfail - what is missing, why, and the command that mends it, in words. The functions fill
 * `err`; those that return int return the error.
 */
#ifndef IOAMP_KFAIL_H
#define IOAMP_KFAIL_H

#include "types/ktypes.h"

/* E110; `found` is the kernel the headers in place are for, or NULL: none in place. */
int kfail_no_headers(const struct ktypes_paths *paths, const char *found,
		     struct failure *err);
/* E111: something is there, but not enough to compile with. */
int kfail_incomplete(const struct ktypes_paths *paths, const char *why,
		     struct failure *err);
/* E111: the link `build` of the running kernel's modules leads to `target`, which does not exist. */
int kfail_dangling(const struct ktypes_paths *paths, const char *target, struct failure *err);
int kfail_no_btf(const struct ktypes_paths *paths, struct failure *err);
int kfail_no_kheaders(const struct ktypes_paths *paths, struct failure *err);
/* `status` is tar's exit status, or -errno. */
void kfail_extract(const char *archive, int status, struct failure *err);
int kfail_write(const char *scratch, int ret, struct failure *err);
/* Every source was skipped; and what to add when headers were the last hope. */
void kfail_none_left(const struct ktypes_paths *paths, struct failure *err);
void kfail_add_btf(bool have_btf, struct failure *err);

#endif
