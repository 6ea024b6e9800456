/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidence - reads from /proc what classify needs to know about a process. */
#ifndef IOAMP_EVIDENCE_H
#define IOAMP_EVIDENCE_H

#include "systems/classify.h"

/*
 * Reads files below `root` ("" for this machine). 0; -ESRCH when the process has ended, before or
 * during the reading, or is a zombie. Call evidence_free() also after an error.
 */
int evidence_gather(const char *root, uint32_t pid, struct evidence *out);
/* Adds open files and listening ports. This takes many system calls: see classify_needs_files(). */
void evidence_gather_files(const char *root, struct evidence *ev);
void evidence_free(struct evidence *ev);

/* Only title and name, which a process may change. 0 or -ESRCH. */
int evidence_title(const char *root, uint32_t pid, struct evidence *out);

/* Calls `each` with every running process. 0 or -errno. */
int evidence_processes(const char *root, void (*each)(void *ctx, uint32_t pid), void *ctx);

#endif
