/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * latency - rows of waits: what the kernel side counted for each actor, summed by who (process,
 * system, role ...), disk, operation and interface. Pure. Durations are sums in ns; the parts of
 * a row add up to its wait.
 */
#ifndef IOAMP_LATENCY_H
#define IOAMP_LATENCY_H

#include <stdbool.h>

#include "probes/abi.h"
#include "base/hist.h"
#include "ledger/ledger.h"

struct latency_id {
	ROW_NAMES		/* each row has a `disk` where it is known */
	enum op op;
	enum iface iface;	/* IFACE_NONE: no program asked for it */
	bool background;	/* no program waited: time from queue to completion */
};

struct latency_row {
	struct latency_id id;
	uint64_t count, wait_ns, max_ns;
	uint64_t part[PART_MAX];
	struct hist hist;
};

/* One entry of map `lats`, summed over CPUs; latency_subtract() makes it one of a window. */
struct lat_entry {
	struct lat_key key;
	struct lat_val val;
};
int latency_compare(const void *a, const void *b);	/* by key, for qsort and bsearch */
void latency_add(struct lat_val *to, const struct lat_val *v);
/* Sorts by key and adds up entries with the same key. Returns the number of entries left. */
size_t latency_merge(struct lat_entry *v, size_t n);

/*
 * now -= before, both sorted by key; entries without a new wait are removed. max_ns stays exact
 * when the longest wait since the start is in the window, else it is the upper bound of a slot.
 * Returns the number of entries left.
 */
size_t latency_subtract(struct lat_entry *now, size_t n, const struct lat_entry *before,
			size_t nr_before);

/* The disk of a device number that waits have. */
struct latency_disk {
	__u32 dev;
	const char *name;	/* NULL unknown */
	bool selected;		/* -d */
};

struct latency_input {
	enum row_by by;
	bool others;		/* count waits that belong to no process, too */
	const struct lat_entry *v;	/* of the window */
	size_t n;
	const struct ledger_actor *actors;	/* sorted by id */
	size_t nr_actors;
	const struct latency_disk *disks;	/* sorted by dev; one that is missing is not selected */
	size_t nr_disks;
};

struct latency {
	enum row_by by;
	struct latency_row *rows;	/* waits of callers, longest first; then background */
	size_t nr_rows;
	struct latency_row total;	/* of callers' rows; op is OP_MAX */
};

/* 0 or -ENOMEM. Names point into the input. Free with latency_free(). */
int latency_build(const struct latency_input *in, struct latency *out);
void latency_free(struct latency *l);

#endif
