/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program_text - assembles the program text from its pieces and switches. Pure. */
#ifndef IOAMP_PROGRAM_TEXT_H
#define IOAMP_PROGRAM_TEXT_H

#include <stdbool.h>

#include "probes/probe.h"

/* The switches of the text. Sizes are numbers of map entries. */
struct text_config {
	bool direct;		/* typed pointers are loaded directly (tp_btf) */
	bool task_btf;		/* bpf_get_current_task_btf() and bpf_task_pt_regs() exist */
	bool atomics;		/* their results, exchange and or exist */
	bool events;		/* events in the ring buffer */
	bool times;		/* time of system calls */
	bool latency;		/* waits in their parts */
	bool device_times;	/* time on the device */
	bool vfs_fentry, vfs_kprobe;
	bool by_file;		/* counters know their file */
	bool lanes;		/* a thread whose name differs from its process's is an actor */
	unsigned int ownership;	/* OWN_PAGE, OWN_CHUNK, OWN_INODE */
	unsigned int agg_entries, actor_entries, page_entries, bio_entries, file_entries,
		lat_entries;
	unsigned int event_pages;	/* a power of two */
	unsigned int page_bytes;
	unsigned int tid;	/* -t: only this thread of the target; 0: all */
	unsigned int pid_ns;	/* number of the tool's PID namespace; 0: the first one */
	bool cgroups;		/* the target is a set of control groups */
	unsigned int io_hierarchy, memory_hierarchy;	/* of these controllers, version 1; 0: version 2 */
};

/* Sets everything to its default for this machine's page size. */
void program_text_default(struct text_config *tc);

/* Whether the text is compiled with what a probe or a map needs. */
bool program_text_has(const struct text_config *tc, enum probe_with with);

/* Rounds what must be a power of two (pages, event_pages) down to one. */
void program_text_round(struct text_config *tc);

/*
 * The whole text: switches, `preamble` (of ktypes), then the pieces, each after
 * a #line directive, then `extra` (NULL: nothing). *out is malloc'ed. -ENOMEM.
 */
int program_text_build(const struct text_config *tc, const char *preamble, const char *extra, char **out);

#endif
