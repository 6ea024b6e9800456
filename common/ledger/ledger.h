/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger - from counters to rows: pools split over their owners, every device
 * byte in exactly one row, conservation against the kernel's counters. Pure:
 * everything it needs is handed over; nothing is kept but the result.
 */
#ifndef IOAMP_LEDGER_H
#define IOAMP_LEDGER_H

#include "ledger/counts.h"
#include "ledger/summary.h"
#include "machine/disks.h"

/* A process as the rows name it, or a thread of it that plays a role of its own. Strings are not owned. */
struct ledger_actor {
	__u32 id;
	__u32 process;		/* id of the process whose row it shares: its own, but for such a thread */
	__u32 tgid;
	bool target;		/* passes the filters; else its bytes are `outside` */
	const char *comm;
	const char *cgroup;	/* NULL unknown */
	bool serves;		/* a FUSE server: its calls are others' calls once more */
	const char *container;	/* NULL in none */
	const char *system;	/* NULL: none that is known */
	const char *instance;	/* of the system; NULL: nothing tells it from others */
	const char *role;	/* of the thread or process; that of a file goes before */
};

/* A file as the rows name it, by the id of the counters. The string is not owned. */
struct ledger_file {
	__u32 id;
	__u32 first;	/* the lowest id that is the same file: an inode may come back elsewhere */
	const char *name;
};

/* The role of a file in one system. A file without a line has none. Strings are not owned. */
struct ledger_role {
	const char *system;
	__u32 file;	/* `first` of the file */
	const char *role;
};
int ledger_role_compare(const void *a, const void *b);	/* by file and system, for qsort and bsearch */

struct ledger_disk {
	const struct disk *disk;
	bool selected;		/* -d */
	bool has_kernel;	/* the kernel_ figures below are known */
	struct disk_stat kernel;	/* over the window */
	const char *kernel_reason;
};

struct ledger_lines;

/* A part of the whole: what is NULL or 0 selects nothing. Strings are compared. */
struct ledger_only {
	const char *system, *instance, *role, *cgroup, *container, *disk;
	__u32 process;		/* actor id */
	__u32 file;		/* `first` of the file */
	bool no_role, no_file, no_instance, no_container;	/* those that have none */
};

struct ledger_input {
	enum row_by by;
	/* Rows and totals of this part alone, all kinds of row but `owner` left out; NULL: all. */
	const struct ledger_only *only;
	bool all;		/* -a: totals are all rows */
	bool has_times;		/* device times were measured */
	bool has_app;		/* the application layer was seen */
	bool exact_pages;	/* cancelled and pending are known */
	const struct count *counts;	/* over the window */
	size_t nr_counts;
	/* What ledger_resolve() made of these, to be asked more than once; NULL: not yet. */
	const struct ledger_lines *lines;
	const struct ledger_actor *actors;	/* sorted by id */
	size_t nr_actors;
	const struct share *shares;	/* sorted by pool */
	size_t nr_shares;
	const struct txn_entry *txns;
	size_t nr_txns;
	const struct pending *pending;
	size_t nr_pending;
	const struct ledger_disk *disks;
	size_t nr_disks;
	const struct ledger_file *files;	/* when counters have files: sorted by id */
	size_t nr_files;
	const struct ledger_role *roles;	/* of files; sorted by ledger_role_compare() */
	size_t nr_roles;
};

struct ledger {
	struct row *rows;	/* largest device.write.bytes first */
	size_t nr_rows;
	struct row totals;
	struct disk_row *disks;
	size_t nr_disks;
};

/* 0 or -ENOMEM. Names in the result point into the input. Free with ledger_free(). */
int ledger_build(const struct ledger_input *in, struct ledger *out);
void ledger_free(struct ledger *l);

/* The actor of an id; NULL: one without a process. Of a list: sorted by id. */
const struct ledger_actor *ledger_actor_find(const struct ledger_input *in, __u32 id);
const struct ledger_actor *ledger_actors_find(const struct ledger_actor *v, size_t n, __u32 id);

/* Sets the names that rows of this kind take from an actor; `role` is the row's. */
void ledger_actor_names(const struct ledger_actor *who, enum row_by by, const char *role,
			struct row_names *out);

/* The file of an id of the counters, by the first of its ids; NULL: a file without a name, or none. */
const struct ledger_file *ledger_file_find(const struct ledger_input *in, __u32 id);

/*
 * Counters of pools replaced by counters of their owners (`shared` marks bytes
 * that were apportioned). Exported for the fold of finished transactions.
 */
struct ledger_line {
	struct agg_key key;
	struct agg_val val;
	bool shared;
	bool below;	/* reached this disk through a stack */
};
struct ledger_lines {
	struct ledger_line *v;
	size_t n;
};
/* Neither `by` nor `only` matters here. 0 or -ENOMEM; out->v is to be freed. */
int ledger_resolve(const struct ledger_input *in, struct ledger_lines *out);
/* The same for the pools of transactions alone; other pools stay. */
int ledger_resolve_txns(const struct ledger_input *in, struct ledger_lines *out);

#endif
