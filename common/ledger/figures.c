/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figures - the list of the figures of a row, and the arithmetic that follows from it. */
#include "ledger/figures.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "ledger/row.h"

#define FIGURE(layer, group, csv_group, name, kind, member) \
	{ LAYER_##layer, group, csv_group, name, FIGURE_##kind, offsetof(struct row, member), \
	  KNOWN_ALWAYS, FED_BY_LEDGER }
#define OPS(layer, part, name) FIGURE(layer, NULL, NULL, #name, IO, part.name)
#define FS_READ(name, kind, index) \
	FIGURE(FILESYSTEM, "read", "read", name, kind, fs_read[CLASS_##index])
#define FS_WRITE(name, index) \
	FIGURE(FILESYSTEM, "write", "write", name, IO, fs_write[CLASS_##index])
#define DEVICE_CLASS(name, index) \
	FIGURE(DEVICE, "write_classes", "write", name, BYTES, device.write_class[CLASS_##index])
#define CACHE(member, kind, known, source) \
	{ LAYER_CACHE, NULL, NULL, #member, FIGURE_##kind, offsetof(struct row, cache.member), \
	  known, source },

const struct figures_entry figures_list[] = {
	OPS(APPLICATION, app, read), OPS(APPLICATION, app, write), OPS(APPLICATION, app, sync),
	FIGURE(APPLICATION, "interfaces", NULL, "interfaces", IFACES, app.iface),
	OPS(VFS, vfs, read), OPS(VFS, vfs, write), OPS(VFS, vfs, sync),
	FIGURES_CACHE(CACHE)
	FS_READ("data", IO, DATA), FS_READ("metadata", IO, METADATA),
	FS_READ("other", DERIVED, OTHER),
	FS_READ("journal", HIDDEN_IO, JOURNAL), FS_READ("swap", HIDDEN_IO, SWAP),
	FS_READ("raid", HIDDEN_IO, RAID), FS_READ("other", HIDDEN_IO, OTHER),
	FS_WRITE("data", DATA), FS_WRITE("metadata", METADATA), FS_WRITE("journal", JOURNAL),
	FS_WRITE("swap", SWAP), FS_WRITE("raid", RAID), FS_WRITE("other", OTHER),
	OPS(BLOCK, block, read), OPS(BLOCK, block, write), OPS(BLOCK, block, flush),
	OPS(BLOCK, block, discard),
	FIGURE(BLOCK, NULL, NULL, "before_read", HIDDEN, block.before_read),
	FIGURE(BLOCK, NULL, NULL, "before_write", HIDDEN, block.before_write),
	OPS(DEVICE, device, read), OPS(DEVICE, device, write), OPS(DEVICE, device, flush),
	OPS(DEVICE, device, discard),
	DEVICE_CLASS("data", DATA), DEVICE_CLASS("metadata", METADATA),
	DEVICE_CLASS("journal", JOURNAL), DEVICE_CLASS("swap", SWAP),
	DEVICE_CLASS("raid", RAID), DEVICE_CLASS("other", OTHER),
	FIGURE(DEVICE, "in_flight", "in_flight", "read", STATE, device.in_flight_read),
	FIGURE(DEVICE, "in_flight", "in_flight", "write", STATE, device.in_flight_write),
	FIGURE(DEVICE, NULL, NULL, "shared", BYTES, device.shared_bytes),
	FIGURE(DEVICE, NULL, NULL, "before", BYTES, device.before_bytes),
	FIGURE(DEVICE, NULL, NULL, "before_read", HIDDEN, device.before_read),
	FIGURE(DEVICE, NULL, NULL, "before_write", HIDDEN, device.before_write),
};
const size_t figures_nr = sizeof(figures_list) / sizeof(*figures_list);

static void *member(const struct figures_entry *f, struct row *row)
{
	return (char *)row + f->offset;
}

static const void *member_of(const struct figures_entry *f, const struct row *row)
{
	return (const char *)row + f->offset;
}

bool figures_hidden(const struct figures_entry *f)
{
	return f->kind == FIGURE_HIDDEN || f->kind == FIGURE_HIDDEN_IO;
}

struct io figures_io(const struct figures_entry *f, const struct row *row)
{
	return f->kind == FIGURE_DERIVED ? row_fs_read_other(row) :
					   *(const struct io *)member_of(f, row);
}

struct maybe figures_bytes(const struct figures_entry *f, const struct row *row)
{
	if (f->kind == FIGURE_BYTES || f->kind == FIGURE_STATE)
		return (struct maybe){ *(const uint64_t *)member_of(f, row), true };
	return *(const struct maybe *)member_of(f, row);
}

/* ---- names ---- */

static bool is_bytes(const struct figures_entry *f)
{
	return f->kind == FIGURE_BYTES || f->kind == FIGURE_STATE || f->kind == FIGURE_MAYBE ||
	       f->kind == FIGURE_LEVEL;
}

void figures_member(char buf[FIGURES_NAME], const struct figures_entry *f)
{
	snprintf(buf, FIGURES_NAME, "%s%s", f->name, is_bytes(f) && !f->group ? "_bytes" : "");
}

void figures_column(char buf[FIGURES_NAME], const struct figures_entry *f, const char *unit)
{
	snprintf(buf, FIGURES_NAME, "%s_%s%s%s_%s", names_layer(f->layer),
		 f->csv_group ? f->csv_group : "", f->csv_group ? "_" : "", f->name, unit);
}

/* ---- the cache's counters ---- */

static_assert(offsetof(struct maybe, v) == 0, "a figure of the cache begins with its number");

void figures_post_cache(struct row *row, int op, uint64_t bytes)
{
	for (size_t i = 0; i < figures_nr; i++)
		if (figures_list[i].layer == LAYER_CACHE && figures_list[i].source == op)
			*(uint64_t *)member(&figures_list[i], row) += bytes;
}

void figures_know_cache(struct row *row, bool calls, bool pages)
{
	const bool known[] = {
		[KNOWN_ALWAYS] = true, [KNOWN_WITH_CALLS] = calls,
		[KNOWN_BY_PAGE] = pages && !row->cache.replaced,
	};

	for (size_t i = 0; i < figures_nr; i++) {
		const struct figures_entry *f = &figures_list[i];
		struct maybe *m = member(f, row);

		if (f->kind == FIGURE_MAYBE || f->kind == FIGURE_LEVEL)
			m->known = known[f->known];
	}
}

/* ---- sums and differences ---- */

static void combine_io(struct io *to, const struct io *from, int sign)
{
	/* a row without I/O does not make the time of the sum unknown */
	if (from->ops || from->bytes)
		to->has_ns = from->has_ns && (to->has_ns || !(to->ops || to->bytes));
	to->ops += (uint64_t)sign * from->ops;
	to->bytes += (uint64_t)sign * from->bytes;
	to->ns += (uint64_t)sign * from->ns;
}

static void combine_maybe(struct maybe *to, const struct maybe *from, int sign)
{
	to->v += (uint64_t)sign * from->v;
	to->known = to->known && from->known;
}

static void combine_figure(const struct figures_entry *f, void *to, const void *from, int sign)
{
	switch (f->kind) {
	case FIGURE_IO:
	case FIGURE_HIDDEN_IO:
		combine_io(to, from, sign);
		break;
	case FIGURE_IFACES:
		for (int i = 0; i < IFACE_MAX; i++)
			combine_io((struct io *)to + i, (const struct io *)from + i, sign);
		break;
	case FIGURE_MAYBE:
		combine_maybe(to, from, sign);
		break;
	case FIGURE_LEVEL:
		if (sign > 0)
			combine_maybe(to, from, sign);
		break;
	case FIGURE_STATE:
		if (sign > 0)
			*(uint64_t *)to += *(const uint64_t *)from;
		break;
	case FIGURE_BYTES:
	case FIGURE_HIDDEN:
		*(uint64_t *)to += (uint64_t)sign * *(const uint64_t *)from;
		break;
	case FIGURE_DERIVED:
		break;
	}
}

static void combine(struct row *to, const struct row *from, int sign)
{
	for (size_t i = 0; i < figures_nr; i++) {
		const struct figures_entry *f = &figures_list[i];

		combine_figure(f, member(f, to), member_of(f, from), sign);
	}
}

void figures_add(struct row *to, const struct row *from)
{
	combine(to, from, 1);
}

void figures_subtract(struct row *to, const struct row *from)
{
	combine(to, from, -1);
}

void figures_levels(struct row *to, const struct row *from)
{
	static const struct maybe none = { 0, true };

	for (size_t i = 0; i < figures_nr; i++) {
		const struct figures_entry *f = &figures_list[i];
		const void *value = from ? member_of(f, from) : &none;

		if (f->kind == FIGURE_LEVEL)
			memcpy(member(f, to), value, sizeof(struct maybe));
		else if (f->kind == FIGURE_STATE)
			memcpy(member(f, to), value, sizeof(uint64_t));
	}
}

void figures_zero(struct row *row)
{
	memset(&row->app, 0, sizeof(*row) - offsetof(struct row, app));
	figures_know_cache(row, true, true);
}
