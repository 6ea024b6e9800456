/* SPDX-License-Identifier: GPL-3.0-or-later */
/* matrix - what this kernel can do, and failures of test_matrix. */
#include "tests/bpf/matrix.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "engine/attach.h"

unsigned int failures;
const char *current;

void fail(const char *format, ...)
{
	va_list ap;

	failures++;
	printf("FAIL: %s: ", current);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the machine ---- */

struct ktypes *btf;
bool can_fentry, can_kprobe, has_task_btf, has_atomics;

void look_around(void)
{
	struct failure e = { 0 };
	char why[160];

	if (ktypes_open(&btf, KTYPES_BTF, 0, &e))
		btf = NULL;
	can_fentry = btf && attach_can_fentry(btf, why, sizeof(why));
	can_kprobe = attach_can_kprobe(why, sizeof(why));
	has_task_btf = attach_has_task_btf();
	has_atomics = attach_has_atomics();
	printf("this kernel: BTF %d, fentry %d, kprobe %d, current task by BTF %d, atomics %d\n", !!btf,
	       can_fentry, can_kprobe, has_task_btf, has_atomics);
}

bool kernel_has(const struct hook *h)
{
	char module[64];

	if (h->kind == HOOK_FEXIT)
		return can_fentry;
	if (h->kind == HOOK_KPROBE)
		return can_kprobe;
	if (!btf)
		return strcmp(h->point, "writeback_dirty_page") != 0;
	return ktypes_btf_id(btf, "tp", h->point, module, sizeof(module)) >= 0;
}

int words_begin(int *saved)
{
	int file = memfd_create("words", MFD_CLOEXEC);

	fflush(NULL);
	*saved = dup(STDERR_FILENO);
	dup2(file, STDERR_FILENO);
	return file;
}

void words_end(int file, int saved, char words[WORDS])
{
	ssize_t n;

	fflush(NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(file, words, WORDS - 1, 0);
	words[n > 0 ? n : 0] = 0;
	close(file);
}
