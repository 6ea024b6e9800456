/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program - what a text became: its maps, in the kernel, and its functions, as
 * instructions that name those maps. It comes from libbcc, or from a file that
 * an earlier start wrote.
 */
#ifndef IOAMP_PROGRAM_H
#define IOAMP_PROGRAM_H

#include <stddef.h>
#include <stdio.h>

struct bcc;
struct bpf_insn;
struct program;

/* Of the text that was compiled last; the maps are shared with libbcc. 0 or -errno. */
int program_of(struct program **out, struct bcc *b);
/* Closes its maps: what is attached keeps its own. NULL is none. */
void program_free(struct program *p);

/* Descriptor of a map, the program's own; -1: none of that name and these sizes (0, 0: a ring buffer). */
int program_map(const struct program *p, const char *name, size_t key_size, size_t leaf_size);
/* Instructions of a function; NULL when there is none of that name. */
const struct bpf_insn *program_function(const struct program *p, const char *name, size_t *insns);

/* Without what the maps hold. 0 or -errno of the stream. */
int program_write(const struct program *p, FILE *f);
/* Creates the maps anew. 0, -EBADMSG (not what program_write() writes), or -errno of the kernel. */
int program_read(struct program **out, FILE *f);

#endif
