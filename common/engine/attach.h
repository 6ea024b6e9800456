/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attach - loads one program of the compiled text and attaches it. Only an attempt tells what the
 * kernel accepts.
 */
#ifndef IOAMP_ATTACH_H
#define IOAMP_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include "types/ktypes.h"
#include "probes/probe.h"

struct bpf_insn;

/* How a program is attached; the names are those of JSON's `via`. */
enum attach_via { VIA_NONE, VIA_TP_BTF, VIA_RAW_TRACEPOINT, VIA_TRACEPOINT, VIA_FENTRY, VIA_KPROBE };
const char *attach_via_name(enum attach_via via);

struct attached {
	int prog, link;		/* descriptors */
	enum attach_via via;
};

/* A program of the text, and what it is for. */
struct attach_program {
	const struct hook *hook;
	const char *bpf_name;	/* as bpftool shows it, 15 characters */
	const struct bpf_insn *insns;
	size_t count;
	bool direct;		/* compiled for typed pointers: a tracepoint is attached by tp_btf */
	const struct ktypes *kt;	/* for tp_btf and fentry; NULL else */
};

/* 0, or -errno with one line in `why`; nothing stays open on failure. */
int attach_hook(const struct attach_program *p, struct attached *out, char *why, size_t why_size);

/* The program alone, for a tail call from one attached to the same hook. Its descriptor or -errno. */
int attach_load(const struct attach_program *p, char *why, size_t why_size);

/* Does the kernel attach fentry programs, and kprobes? False: `why` has the reason. */
bool attach_can_fentry(const struct ktypes *kt, char *why, size_t why_size);
bool attach_can_kprobe(char *why, size_t why_size);
/*
 * Attaches a program that does nothing to a hook of this kind, and detaches it. 0, or -errno
 * with `why`. fentry and typed tracepoints need `kt`; without it a tracepoint is tried raw.
 */
int attach_try(enum hook_kind kind, const struct ktypes *kt, char *why, size_t why_size);
/* Does the kernel have bpf_get_current_task_btf() and bpf_task_pt_regs()? Both since 5.15. */
bool attach_has_task_btf(void);
/* Does the kernel have atomics other than the plain add? Since 5.12. */
bool attach_has_atomics(void);

#endif
