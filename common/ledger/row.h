/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * row - the figures of one process, system, file, disk ... Plain data that the ledger fills. All
 * figures are exact integers.
 */
#ifndef IOAMP_ROW_H
#define IOAMP_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/layer.h"
#include "ledger/figures.h"
#include "probes/abi.h"

/* `ns` is the summed time in the layer, valid only with has_ns. */
struct io {
	uint64_t ops;
	uint64_t bytes;
	uint64_t ns;
	bool has_ns;
};

enum row_kind { ROW_OWNER, ROW_SELF, ROW_BACKGROUND, ROW_OUTSIDE, ROW_UNATTRIBUTED, ROW_KIND_MAX };
enum row_by {
	BY_PROCESS, BY_SYSTEM, BY_ROLE, BY_CGROUP, BY_CONTAINER, BY_FILE, BY_DEVICE, BY_TOTAL,
};

/* A figure that may be unknown: JSON null, text "-". */
struct maybe {
	uint64_t v;
	bool known;
};

/*
 * Who or what a row is about. Byte strings with any byte but NUL, not owned by the row; NULL prints
 * as null. `instance` names one of several servers of a system; NULL unknown.
 */
#define ROW_NAMES_EACH \
	const char *system, *instance, *role, *comm, *cgroup, *container, *file, *disk; \
	bool has_pid; \
	uint32_t pid;
struct row_names {
	ROW_NAMES_EACH
};
/* Members of a struct: each name, and `names` for all of them. */
#define ROW_NAMES union { struct { ROW_NAMES_EACH }; struct row_names names; };

struct row {
	enum row_kind kind;
	enum row_by by;
	ROW_NAMES
	uint32_t id;		/* for struct ledger_only: actor of a process, first id of a file; else 0 */
	unsigned int absent;	/* bits 1 << enum layer: unavailable in this row alone, as `device`
				 * in rows of stacked disks */

	struct {
		struct io read, write, sync;
		struct io iface[IFACE_MAX];	/* by enum iface */
	} app;
	struct {
		struct io read, write, sync;
	} vfs;
	struct {
#define ROW_MAYBE(member)	struct maybe member;
#define ROW_LEVEL(member)	struct maybe member;
#define ROW_HIDDEN(member)	uint64_t member;
#define ROW_CACHE(member, kind, ...) ROW_##kind(member)
		FIGURES_CACHE(ROW_CACHE)
#undef ROW_CACHE
#undef ROW_HIDDEN
#undef ROW_LEVEL
#undef ROW_MAYBE
	} cache;
	struct io fs_read[CLASS_MAX], fs_write[CLASS_MAX];
	struct {
		struct io read, write, flush, discard;
		uint64_t before_read, before_write;	/* part of read, write; no part of a chain */
	} block;
	struct {
		struct io read, write, flush, discard;
		uint64_t write_class[CLASS_MAX];
		uint64_t shared_bytes;
		uint64_t before_bytes;	/* caused before the window of the run: read and written */
		uint64_t before_read, before_write;	/* the same by direction */
		/* queued and not completed at the end of the window */
		uint64_t in_flight_read, in_flight_write;
	} device;
};

/* a + b, at most UINT64_MAX: a pinned figure is seen to be wrong, a wrapped one looks right. */
static inline uint64_t row_plus(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

/* Is the layer available, in `layers` and in this row? */
bool row_has_layer(const struct row *row, const struct layer_state layers[LAYER_MAX],
		   enum layer layer);

/* The sum of reads that are neither data nor metadata: JSON and CSV show three classes of reads. */
struct io row_fs_read_other(const struct row *row);

const char *row_kind_name(enum row_kind kind);
const char *row_by_name(enum row_by by);

#endif
