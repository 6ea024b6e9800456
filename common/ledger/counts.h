/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counts - counters, shares and dirty bytes as plain arrays, which tables/ reads and the ledger
 * uses. Pure.
 */
#ifndef IOAMP_COUNTS_H
#define IOAMP_COUNTS_H

#include <stddef.h>

#include "probes/abi.h"

/*
 * `layer` of counters that the user side makes: bytes that were queued on a disk, and not completed at the
 * end of the window.
 */
#define LAYER_IN_FLIGHT	LAYER_MAX

/* One counter, summed over CPUs. */
struct count {
	struct agg_key key;
	struct agg_val val;
};

struct counts {
	struct count *v;	/* sorted by key */
	size_t n;
};

void counts_free(struct counts *c);
/* Adds one at the end: sort and merge afterwards. 0 or -ENOMEM. */
int counts_append(struct counts *to, const struct agg_key *key, const struct agg_val *val);
/* Sorts by key and adds up counters with the same key. */
void counts_merge(struct counts *c);
int counts_compare(const void *a, const void *b);	/* by key, for qsort and bsearch */

void counts_add(struct agg_val *to, const struct agg_val *v);	/* adds */
void counts_take(struct agg_val *from, const struct agg_val *v);	/* subtracts */

/* after - before, key by key, in place; keys of `before` alone are ignored. */
void counts_subtract(struct counts *after, const struct counts *before);

/*
 * Subtracts the counters with KEY_UNDONE from those without, of sorted `c`, and leaves them out. A counter
 * of an interval may be less than what is undone of earlier intervals: it becomes 0.
 */
void counts_undo(struct counts *c);

struct share {
	struct share_key key;
	__u64 weight;
};
/* Weight of a key in an array sorted by counts_share_compare(); 0: the array does not have the key. */
__u64 counts_share_weight(const struct share *v, size_t n, const struct share_key *key);
int counts_share_compare(const struct share_key *x, const struct share_key *y);

struct txn_entry {
	struct txn_key key;
	struct txn t;
};

/* Dirty data bytes of one owner and file. */
struct pending {
	__u32 actor;
	__u32 file;	/* as in agg_key */
	__u64 bytes;
};

#endif
