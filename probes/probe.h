/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe - the list of probes: which layer each one serves, the ordered ways to
 * attach it, and what its absence means. Data only.
 */
#ifndef IOAMP_PROBE_H
#define IOAMP_PROBE_H

#include "abi.h"

/* Kinds of attachment, in the words of JSON's `via`. */
enum hook_kind {
	HOOK_TP,	/* raw tracepoint: tp_btf where BTF allows it, else raw_tracepoint */
	/*
	 * The same tracepoint through perf, for programs that ask nothing of their
	 * context: its record has no pointers to bios, folios or inodes.
	 */
	HOOK_TRACEPOINT,
	HOOK_FEXIT,
	HOOK_KPROBE,
};

struct hook {
	enum hook_kind kind;
	const char *point;	/* tracepoint or kernel function */
};

#define PROBE_HOOKS 4

/* When a probe that attached nowhere leaves its layer dark. */
enum probe_need {
	NEED_LAYER,	/* always */
	NEED_GROUP,	/* when no other probe of the layer attached */
	NEED_HELP,	/* never: it only adds precision */
};

struct probe {
	const char *name;	/* letters, digits and _: the kernel takes nothing else */
	enum probe_need need;
	unsigned int layers;	/* bit mask (1 << enum layer) it serves */
	struct hook hooks[PROBE_HOOKS];	/* tried in order; {0, NULL} ends */
	const char *lost;	/* what its absence costs, for -v and the manual */
};

extern const struct probe probe_catalog[];
extern const unsigned int probe_catalog_count;

/* One piece of program text; embedded at build time by embed.cmake. */
struct probe_text {
	const char *name;	/* "probes/app.bpf.c" */
	const char *text;
};
extern const struct probe_text probe_texts[];
extern const unsigned int probe_texts_count;

/* Completion functions of bios and what they say; ended by {NULL, 0}. */
struct endio_name {
	const char *symbol;
	unsigned int kind;	/* enum endio */
};
extern const struct endio_name endio_names[];

#endif
