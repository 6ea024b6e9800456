/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loader - conducts the compiler process: types, text, program, maps, probes; sends what came out. */
#ifndef IOAMP_LOADER_H
#define IOAMP_LOADER_H

#include "engine/engine.h"

/* Runs in the compiler process, never returns. */
__attribute__((noreturn)) void loader_run(const struct engine_request *rq, int sock,
					  int parent_pid);

#endif
