/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_writers - one interval of ioamp-top without a screen: a table, JSON or CSV. */
#ifndef IOAMP_TOP_WRITERS_H
#define IOAMP_TOP_WRITERS_H

#include "tool/writer.h"

/* Text first; NULL ends the list. */
extern const struct writer *const top_writers[];

#endif
