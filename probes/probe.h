/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe - the list of probes and of maps. A probe: which layer it serves, the ordered ways to
 * attach it, when it is wanted, and what its absence costs.
 */
#ifndef IOAMP_PROBE_H
#define IOAMP_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

/* Kinds of attachment, in the words of JSON's `via`. */
enum hook_kind {
	HOOK_TP,	/* raw tracepoint: tp_btf where BTF allows it, else raw_tracepoint */
	/*
	 * The same tracepoint through perf, for programs that do not use their context:
	 * the record of perf has no pointers to bios, folios or inodes.
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

/* When a layer is unavailable because a probe is not attached. */
enum probe_need {
	NEED_LAYER,	/* always */
	NEED_GROUP,	/* when no probe of its group is attached */
	NEED_HELP,	/* never: the probe adds precision only */
};

/* What the text must be compiled with for a probe or a map to be in it. */
enum probe_with {
	WITH_ANY,		/* it always is */
	WITH_EVENTS,
	WITH_TIMES,		/* of system calls; LATENCY has them, too */
	WITH_DEVICE_TIMES,	/* TIMES has them, too */
	WITH_LATENCY,
	WITH_FILES,		/* BY_FILE */
	WITH_LANES,
	WITH_PAGES,		/* ownership by page */
	WITH_CGROUPS,
	WITH_PID_NS,		/* the tool runs in a PID namespace of its own */
};

/* What the user side must know to be told by an attached probe; bits. */
#define TELLS_URING		1u	/* completions of io_uring */
#define TELLS_JOURNAL_END	2u	/* when a commit of a journal ends */
#define TELLS_IOMAP_END		4u	/* when an O_DIRECT call of iomap ends */
#define TELLS_FSYNC		8u	/* fsync(2), by the call's own function */
#define TELLS_FDATASYNC		16u

/*
 * A program of the same kind that a probe's program goes on in by a tail call: one program
 * may have too few rounds for a long walk, or too little room for a rarer case.
 */
struct continuation {
	const char *program;	/* function in the text */
	const char *map;	/* map of programs, entry 0 */
	const char *bpf_name;	/* as bpftool shows it, 15 characters */
};
#define PROBE_CONTINUATIONS 3

/*
 * The kernel skips a program that interrupts itself on the same CPU. A second one on the same
 * hook runs then. `caught` is the loss counter in which it counts what the first one missed, or
 * UNDERSTUDY_SEES_ALL: it does the work of the first one, so only what both missed is lost.
 */
struct understudy {
	const char *program, *bpf_name;	/* as in struct continuation */
	int caught;
};
#define UNDERSTUDY_SEES_ALL -1

struct probe {
	const char *name;	/* letters, digits and _: the kernel takes nothing else */
	enum probe_need need;
	unsigned int layers;	/* bit mask (1 << enum layer) it serves */
	struct hook hooks[PROBE_HOOKS];	/* tried in order; {0, NULL} ends */
	const char *lost;	/* what its absence costs, for -v and the manual */
	const char *lost_waits;	/* what the parts of waits lack without it; NULL: nothing */
	const char *program;	/* function in the text, after its prefix; NULL: as the hook's point */
	const char *bpf_name;	/* as bpftool shows it after "ioamp_", cut to 9; NULL: the name */
	enum probe_with only_with;
	bool always;		/* attached whatever kind of hook the user insists on: who is who */
	unsigned int tells;	/* TELLS_* */
	struct continuation continuations[PROBE_CONTINUATIONS];	/* {NULL} ends */
	struct understudy understudy;	/* {NULL}: none */
};

extern const struct probe probe_catalog[];
extern const unsigned int probe_catalog_count;

/* How many programs an attached probe consists of. */
unsigned int probe_programs(const struct probe *p);

/*
 * The maps that the user side reads or fills: X(id, name, size of a key, of a value, enum probe_with).
 * A ring buffer has no sizes; a value of size 0 differs from text to text.
 */
#define PROBE_MAPS(X) \
	X(AGG, agg, sizeof(struct agg_key), sizeof(struct agg_val), WITH_ANY) \
	X(AGG_SPILL, agg_spill, sizeof(struct agg_key), sizeof(struct agg_val), WITH_ANY) \
	X(ACTOR_IDS, actor_ids, sizeof(__u32), sizeof(struct actor_ref), WITH_ANY) \
	X(WISHES, wishes, sizeof(__u32), sizeof(struct actor_ref), WITH_PID_NS) \
	X(ACTORS, actors, sizeof(__u32), sizeof(struct actor), WITH_ANY) \
	X(NEXT_IDS, next_ids, sizeof(__u32), sizeof(__u64), WITH_ANY) \
	X(LOSSES, losses, sizeof(__u32), sizeof(__u64), WITH_ANY) \
	X(CONFIG, config, sizeof(__u32), sizeof(__u64), WITH_ANY) \
	X(SYSDESC, sysdesc, sizeof(__u32), sizeof(__u32), WITH_ANY) \
	X(ENDIOS, endios, sizeof(__u64), sizeof(__u32), WITH_ANY) \
	X(MOUNTS, mounts, sizeof(__u32), sizeof(__u32), WITH_ANY) \
	X(STACK_INODES, stack_inodes, sizeof(struct inode_key), sizeof(__u32), WITH_ANY) \
	X(BIOS, bios, sizeof(__u64), 0, WITH_ANY) \
	X(TXNS, txns, sizeof(struct txn_key), sizeof(struct txn), WITH_ANY) \
	X(SHARES, shares, sizeof(struct share_key), sizeof(__u64), WITH_ANY) \
	X(PAGES, pages, sizeof(__u32), sizeof(struct page_owner), WITH_PAGES) \
	X(MORE_PAGES, more_pages, sizeof(__u64), sizeof(struct page_owner), WITH_PAGES) \
	X(INODES, inodes, sizeof(__u64), sizeof(struct inode_owner), WITH_ANY) \
	X(HOLDERS, holders, sizeof(__u32), sizeof(__u32), WITH_ANY) \
	X(RQ_HOLDERS, rq_holders, sizeof(__u32), sizeof(__u32), WITH_ANY) \
	X(EVENTS, events, 0, 0, WITH_EVENTS) \
	X(NAMES, names, sizeof(struct inode_key), sizeof(struct file_name), WITH_EVENTS) \
	X(FILES, files, sizeof(__u32), sizeof(struct file_entry), WITH_FILES) \
	X(FILE_IDS, file_ids, sizeof(struct file_key), sizeof(struct file_ref), WITH_FILES) \
	X(CGROUP_PATHS, cgroup_paths, sizeof(struct cgroup_key), sizeof(struct cgroup_path), WITH_ANY) \
	X(CGROUP_WISHES, cgroup_wishes, sizeof(struct cgroup_path), sizeof(__u32), WITH_CGROUPS) \
	X(CGROUPS_WANTED, cgroups_wanted, sizeof(struct cgroup_key), sizeof(__u32), WITH_CGROUPS) \
	X(RQ_UPPERS, rq_uppers, sizeof(__u32), sizeof(__u32), WITH_LATENCY) \
	X(LATS, lats, sizeof(struct lat_key), sizeof(struct lat_val), WITH_LATENCY) \
	X(LATS_SPILL, lats_spill, sizeof(struct lat_key), sizeof(struct lat_val), WITH_LATENCY)

enum probe_map_id {
#define MAP_ID(id, ...) MAP_##id,
	PROBE_MAPS(MAP_ID)
#undef MAP_ID
	MAP_COUNT,
};

struct probe_map {
	const char *name;	/* in the text */
	size_t key_size, value_size;
	enum probe_with only_with;
};
extern const struct probe_map probe_maps[MAP_COUNT];

/* One piece of program text; embedded when the tools are built. */
struct probe_text {
	const char *name;	/* "probes/app.bpf.c" */
	const char *text;
};
extern const struct probe_text probe_texts[];
extern const unsigned int probe_texts_count;

/* Completion functions of bios, and what each tells about a bio; {NULL, 0} ends the list. */
struct endio_name {
	const char *symbol;
	unsigned int kind;	/* enum endio */
};
extern const struct endio_name probe_endios[];

#endif
