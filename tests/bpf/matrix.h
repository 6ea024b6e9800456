/* SPDX-License-Identifier: GPL-3.0-or-later */
/* matrix.h - what the files of test_matrix share. */
#ifndef IOAMP_TEST_MATRIX_H
#define IOAMP_TEST_MATRIX_H

#include <stdbool.h>

#include "probes/probe.h"
#include "types/ktypes.h"

#define COUNT(a)	(sizeof(a) / sizeof(*(a)))
#define SKIP_STATUS	77
#define WORDS		4096

extern unsigned int failures;
extern const char *current;	/* the case */
extern struct ktypes *btf;	/* NULL: this kernel has none */
extern bool can_fentry, can_kprobe, has_task_btf, has_atomics;

__attribute__((format(printf, 1, 2))) void fail(const char *format, ...);
double now(void);
void look_around(void);
/* Is there something to attach this hook to? Without BTF: as its names were in 5.18 and later. */
bool kernel_has(const struct hook *h);

/* stderr into a memory file; undone by words_end(), which returns what was said. */
int words_begin(int *saved);
void words_end(int file, int saved, char words[WORDS]);

/* matrix_compile.c: texts that cannot be attached here, and types of other kernels. */
void run_compile_only(void);

#endif
