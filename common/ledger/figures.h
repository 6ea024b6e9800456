/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * figures - the one list of the figures of a row. JSON, CSV, the text report's cache line, sums and
 * differences follow from it. Pure.
 */
#ifndef IOAMP_FIGURES_H
#define IOAMP_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/abi.h"

/*
 * Figures of the cache: X(member of row.cache, kind, when the figure is known, enum cache_op of its
 * counter). One line defines a figure: its member, sums, place in the writers, and counter. A
 * figure of another layer has its member in row.h, its line in figures.c, its counter in
 * ledger_post.c.
 */
#define FIGURES_CACHE(X) \
	X(hit, MAYBE, KNOWN_WITH_CALLS, FED_BY_LEDGER) \
	X(miss, MAYBE, KNOWN_WITH_CALLS, FED_BY_LEDGER) \
	X(readahead, MAYBE, KNOWN_WITH_CALLS, FED_BY_LEDGER) \
	X(dirtied, MAYBE, KNOWN_ALWAYS, CACHE_DIRTIED) \
	X(cancelled, MAYBE, KNOWN_BY_PAGE, CACHE_CANCELLED) \
	X(pending, LEVEL, KNOWN_BY_PAGE, FED_BY_LEDGER) \
	X(filled, HIDDEN, KNOWN_ALWAYS, CACHE_FILL)		/* bytes read into the cache */ \
	X(direct_read, HIDDEN, KNOWN_ALWAYS, CACHE_DIRECT_READ) \
	X(direct_write, HIDDEN, KNOWN_ALWAYS, CACHE_DIRECT_WRITE) \
	X(bypassed, HIDDEN, KNOWN_ALWAYS, FED_BY_LEDGER)	/* application reads with O_DIRECT */ \
	X(replaced, HIDDEN, KNOWN_ALWAYS, CACHE_REPLACED)	/* dirty bytes written compressed */

enum figure_kind {
	FIGURE_IO,	/* struct io */
	FIGURE_BYTES,	/* uint64_t */
	FIGURE_MAYBE,	/* struct maybe */
	FIGURE_LEVEL,	/* struct maybe, a state at the end of a window: a difference keeps it */
	FIGURE_STATE,	/* uint64_t, such a state */
	FIGURE_HIDDEN,	/* uint64_t that no writer shows: other figures are computed from it */
	FIGURE_HIDDEN_IO,	/* struct io that no writer shows */
	FIGURE_IFACES,	/* struct io[IFACE_MAX]; only JSON shows it */
	FIGURE_DERIVED,	/* struct io of row_fs_read_other(): no member, in no sum */
};

/* When a figure of the cache is known. */
enum figure_known {
	KNOWN_ALWAYS,
	KNOWN_WITH_CALLS,	/* when the application layer is available */
	KNOWN_BY_PAGE,		/* when each dirty page has an owner and none was written compressed */
};

#define FED_BY_LEDGER	(-1)	/* no counter: from other figures or the owners of dirty pages */

struct figures_entry {
	enum layer layer;
	const char *group;	/* object of JSON inside the object of the layer; NULL none */
	const char *csv_group;	/* part of the column's name after the layer; NULL none */
	const char *name;
	enum figure_kind kind;
	size_t offset;		/* in struct row */
	enum figure_known known;
	int source;		/* enum cache_op, or FED_BY_LEDGER */
};

/* In the order of the writers: by layer, then by group. */
extern const struct figures_entry figures_list[];
extern const size_t figures_nr;

struct row;
struct io;
struct maybe;

/* to += from, figure by figure. A figure that is unknown in one row is unknown in the sum. */
void figures_add(struct row *to, const struct row *from);
/* to -= from, where `from` is an earlier state of the same sum; `pending` stays that of `to`. */
void figures_subtract(struct row *to, const struct row *from);
/* Sets the figures that are a state (FIGURE_LEVEL, FIGURE_STATE) to those of `from`; NULL: to 0. */
void figures_levels(struct row *to, const struct row *from);
/* Sets all figures to 0 and known; names and kinds stay. */
void figures_zero(struct row *row);

bool figures_hidden(const struct figures_entry *f);
/* Of FIGURE_IO and FIGURE_DERIVED. */
struct io figures_io(const struct figures_entry *f, const struct row *row);
/* Of FIGURE_BYTES, FIGURE_STATE, FIGURE_MAYBE and FIGURE_LEVEL. */
struct maybe figures_bytes(const struct figures_entry *f, const struct row *row);

#define FIGURES_NAME	64
/* Member of JSON: in a group the name, else "NAME_bytes" for a number of bytes. */
void figures_member(char buf[FIGURES_NAME], const struct figures_entry *f);
/* Column of CSV; `unit` is "ops", "bytes" or "ns". */
void figures_column(char buf[FIGURES_NAME], const struct figures_entry *f, const char *unit);

/* Adds bytes of one enum cache_op to the figure that this counter feeds. */
void figures_post_cache(struct row *row, int op, uint64_t bytes);

/*
 * Sets which figures of the cache are known. `calls`: the application layer is available; `pages`:
 * each dirty page has an owner.
 */
void figures_know_cache(struct row *row, bool calls, bool pages);

#endif
