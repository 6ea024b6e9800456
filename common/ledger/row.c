/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row - which layers a row shows, reads of other classes, and the words for kinds. */
#include "ledger/row.h"

#include <assert.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

bool row_has_layer(const struct row *row, const struct layer_state layers[LAYER_MAX],
		   enum layer layer)
{
	return layers[layer].available && !(row->absent & 1u << layer);
}

struct io row_fs_read_other(const struct row *row)
{
	struct io sum = { .has_ns = true };

	for (int c = CLASS_JOURNAL; c < CLASS_MAX; c++) {
		sum.ops = row_plus(sum.ops, row->fs_read[c].ops);
		sum.bytes = row_plus(sum.bytes, row->fs_read[c].bytes);
		sum.ns = row_plus(sum.ns, row->fs_read[c].ns);
		/* a class without reads does not make the time of the sum unknown */
		if (row->fs_read[c].ops)
			sum.has_ns = sum.has_ns && row->fs_read[c].has_ns;
	}
	sum.has_ns = sum.has_ns && (sum.ops || row->fs_read[CLASS_OTHER].has_ns);
	return sum;
}

const char *row_kind_name(enum row_kind kind)
{
	static const char *const names[] = {
		[ROW_OWNER] = "owner", [ROW_SELF] = "self", [ROW_BACKGROUND] = "background",
		[ROW_OUTSIDE] = "outside", [ROW_UNATTRIBUTED] = "unattributed",
	};
	static_assert(COUNT(names) == ROW_KIND_MAX, "each kind has a name");
	return kind < COUNT(names) ? names[kind] : "?";
}

const char *row_by_name(enum row_by by)
{
	static const char *const names[] = {
		[BY_PROCESS] = "process", [BY_SYSTEM] = "system", [BY_ROLE] = "role",
		[BY_CGROUP] = "cgroup", [BY_CONTAINER] = "container", [BY_FILE] = "file",
		[BY_DEVICE] = "device", [BY_TOTAL] = "total",
	};
	static_assert(COUNT(names) == BY_TOTAL + 1, "each has a name");
	return by < COUNT(names) ? names[by] : "?";
}
