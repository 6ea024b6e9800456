/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger - from counters to rows: splits pools over their owners, adds every device byte to exactly
 * one row, and compares disks with the kernel's counters. Pure: the input has everything that the
 * ledger needs.
 */
#ifndef IOAMP_LEDGER_H
#define IOAMP_LEDGER_H

#include "ledger/counts.h"
#include "ledger/summary.h"
#include "machine/disks.h"

/* A process, or a thread with a role of its own. Strings are not owned. */
struct ledger_actor {
	__u32 id;
	__u32 process;		/* id of the process; of a process, its own id */
	__u32 tgid;
	bool target;		/* false: its bytes are `outside` */
	const char *comm;
	const char *cgroup;	/* NULL unknown */
	bool serves;		/* a FUSE server: its calls repeat the calls of its clients */
	const char *container;	/* NULL in none */
	const char *system;	/* NULL: none that is known */
	const char *instance;	/* of the system; NULL unknown */
	const char *role;	/* of the thread or process, unless the file has a role; NULL none */
};

/* A file and its name, by the id of the counters. The string is not owned. */
struct ledger_file {
	__u32 id;
	__u32 first;	/* lowest id of the same file: its inode may get another address */
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
	/* what we counted while the kernel's counters were read, at either end of the window */
	struct disk_stat moved_base, moved_end;
	bool removed;		/* and added again under the same number: kernel is not known */
	const char *kernel_reason;
};

struct ledger_lines;

/* A part of the rows. A member that is NULL or 0 does not restrict it. Strings are compared. */
struct ledger_only {
	const char *system, *instance, *role, *cgroup, *container, *disk;
	__u32 process;		/* actor id */
	__u32 file;		/* `first` of the file */
	bool no_role, no_file, no_instance, no_container;	/* only rows without one */
};

struct ledger_input {
	enum row_by by;
	/* Rows and totals of this part alone; of the kinds only `owner`, but for a disk. NULL: all. */
	const struct ledger_only *only;
	bool all;		/* -a: totals include all kinds of row */
	bool has_times;		/* device times were measured */
	bool has_app;		/* the application layer is available */
	bool exact_pages;	/* cancelled and pending are known */
	const struct count *counts;	/* over the window */
	size_t nr_counts;
	/* Result of ledger_resolve(), for more than one question; NULL: ledger_build() calls it. */
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
	const struct ledger_file *files;	/* sorted by id; none unless counters have files */
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

/* The actor of an id; NULL: no process has this id. A list is sorted by id. */
const struct ledger_actor *ledger_actor_find(const struct ledger_input *in, __u32 id);
const struct ledger_actor *ledger_actors_find(const struct ledger_actor *v, size_t n, __u32 id);

/* Sets the names that a row of this kind takes from an actor; `role` is the role of the row. */
void ledger_actor_names(const struct ledger_actor *who, enum row_by by, const char *role,
			struct row_names *out);

/* The file of an id, under the first id of the same file. NULL: 0, or a file without a name. */
const struct ledger_file *ledger_file_find(const struct ledger_input *in, __u32 id);

/*
 * A counter of one owner; ledger_resolve() replaces each counter of a pool by counters of its
 * owners.
 */
struct ledger_line {
	struct agg_key key;
	struct agg_val val;
	bool shared;	/* apportioned */
	bool below;	/* reached this disk through a stack */
};
struct ledger_lines {
	struct ledger_line *v;
	size_t n;
};
/* Does not read `by` and `only`. 0 or -ENOMEM; the caller frees out->v. */
int ledger_resolve(const struct ledger_input *in, struct ledger_lines *out);
/* Replaces only pools of transactions; lines of other pools stay. */
int ledger_resolve_txns(const struct ledger_input *in, struct ledger_lines *out);

#endif
