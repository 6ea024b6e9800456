/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kfile - small text files of a kernel tree. */
#ifndef IOAMP_KFILE_H
#define IOAMP_KFILE_H

#include <stdbool.h>

bool kfile_exists(const char *dir, const char *name);
/* The whole file DIR/NAME, or DIR itself when NAME is "". Free it. NULL on any error. */
char *kfile_read(const char *dir, const char *name);

#endif
