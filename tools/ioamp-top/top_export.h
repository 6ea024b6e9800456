/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_export - the visible table as CSV. */
#ifndef IOAMP_TOP_EXPORT_H
#define IOAMP_TOP_EXPORT_H

#include "tools/ioamp-top/top.h"

/* 0 or -errno of the stream. */
int top_export(const struct top *t, FILE *f);

#endif
