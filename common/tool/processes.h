/* SPDX-License-Identifier: GPL-3.0-or-later */
/* processes - whether the processes that the user named can be measured. */
#ifndef IOAMP_PROCESSES_H
#define IOAMP_PROCESSES_H

#include <stdbool.h>

#include "base/log.h"
#include "session/request.h"

/* False with `f` filled: zeroes for a process that is not there would look like an answer. */
bool processes_check(const struct target_wish *target, struct failure *f);

#endif
