/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidence - what /proc says of a process, for classify. A process that has gone is no error. */
#ifndef IOAMP_EVIDENCE_H
#define IOAMP_EVIDENCE_H

#include "systems/classify.h"

/*
 * Files are read below `root`, "" for the machine's own. 0, or -ESRCH when the
 * process is gone (now, or half way; a zombie is, too). Free with evidence_free(), also after an error.
 */
int evidence_gather(const char *root, uint32_t pid, struct evidence *out);
/* Adds open files and listening ports: many calls, so only where they decide. */
void evidence_gather_files(const char *root, struct evidence *ev);
void evidence_free(struct evidence *ev);

/* Title and name alone, for what may have changed since. 0 or -ESRCH. */
int evidence_title(const char *root, uint32_t pid, struct evidence *out);

/* Calls `each` with every process that is there now. 0 or -errno. */
int evidence_processes(const char *root, void (*each)(void *ctx, uint32_t pid), void *ctx);

#endif
