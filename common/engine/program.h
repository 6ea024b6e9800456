/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program - a compiled text: its maps, in the kernel, and its functions, as instructions
 * that refer to these maps. Made by libbcc, or read from a file that an earlier start wrote.
 */
#ifndef IOAMP_PROGRAM_H
#define IOAMP_PROGRAM_H

#include <stddef.h>
#include <stdio.h>

struct bcc;
struct bpf_insn;
struct program;

/* From the text that libbcc compiled last; the descriptors of maps are duplicated. 0 or -errno. */
int program_of(struct program **out, struct bcc *b);
/* Closes its maps; attached programs hold their own references. Accepts NULL. */
void program_free(struct program *p);

/* Descriptor of a map; it stays the program's. -1: no map of this name and these sizes (0, 0: a ring buffer). */
int program_map(const struct program *p, const char *name, size_t key_size, size_t leaf_size);
/* Instructions of a function; NULL: no function of this name. */
const struct bpf_insn *program_function(const struct program *p, const char *name, size_t *insns);

/* Writes instructions and declarations of maps, not the contents of maps. 0 or -EIO. */
int program_write(const struct program *p, FILE *f);
/* Creates the maps, empty. 0, -EBADMSG (not written by program_write()), or -errno of the kernel. */
int program_read(struct program **out, FILE *f);

#endif
