/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_columns - the columns of ioamp-top. */
#include "tools/ioamp-top/top_columns.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "report/row_name.h"
#include "report/tint.h"
#include "base/utf8.h"
#include "ledger/amp.h"

const struct top_column top_columns[COL_MAX] = {
	[COL_NAME] = { "NAME", "name", 12, 0, "what the row is about" },
	[COL_PID] = { "PID", "pid", 7, 0, "process" },
	[COL_SYS_R] = { "SYS-R", "sys-r", 7, 2, "read by applications" },
	[COL_VFS_R] = { "VFS-R", "vfs-r", 7, 14, "read through the VFS" },
	[COL_FS_R] = { "FS-R", "fs-r", 7, 11, "read by file systems" },
	[COL_BLK_R] = { "BLK-R", "blk-r", 7, 13, "read at the top of the device stacks" },
	[COL_DEV_R] = { "DEV-R", "dev-r", 7, 3, "read by leaf devices" },
	[COL_R_AMP] = { "R-AMP", "r-amp", 7, 4, "read amplification, device / application" },
	[COL_SYS_W] = { "SYS-W", "sys-w", 7, 0, "written by applications" },
	[COL_VFS_W] = { "VFS-W", "vfs-w", 7, 15, "written through the VFS" },
	[COL_FS_W] = { "FS-W", "fs-w", 7, 6, "written by file systems: data, metadata, journal" },
	[COL_BLK_W] = { "BLK-W", "blk-w", 7, 12, "written at the top of the device stacks" },
	[COL_DEV_W] = { "DEV-W", "dev-w", 7, 0, "written by leaf devices" },
	[COL_W_AMP] = { "W-AMP", "w-amp", 7, 0, "write amplification, device / application" },
	[COL_SYNC] = { "SYNC/s", "sync", 7, 1, "fsync and its like, O_SYNC writes" },
	[COL_FLUSH] = { "FLUSH/s", "flush", 7, 9, "flushes of device caches" },
	[COL_DEV_MS] = { "DEVms", "devms", 7, 10, "mean time of a request in the device" },
	[COL_DIRTY] = { "DIRTY", "dirty", 7, 8, "written by applications, not yet to a disk" },
	[COL_CANCEL] = { "CANCEL", "cancel", 7, 18, "dirty, then truncated or deleted" },
	[COL_META] = { "META", "meta", 7, 17, "metadata written by leaf devices" },
	[COL_JRNL] = { "JRNL", "jrnl", 7, 16, "journal written by leaf devices" },
	[COL_SHARE] = { "SHARE", "share", 7, 7, "part of all that leaf devices read and wrote" },
	[COL_TREND] = { "TREND", "trend", 9, 5, "bytes of leaf devices, interval by interval" },
};

enum top_col top_columns_find(const char *name)
{
	for (int c = 0; c < COL_MAX; c++)
		if (!strcasecmp(name, top_columns[c].name) || !strcasecmp(name, top_columns[c].head))
			return (enum top_col)c;
	return COL_MAX;
}

void top_columns_name(char *buf, size_t size, const struct row *row, bool wide)
{
	const char *instance = row->instance, *last = instance ? strrchr(instance, '/') : NULL;

	if (row->kind != ROW_OWNER) {
		snprintf(buf, size, "[%s]", row_kind_name(row->kind));
		return;
	}
	if ((row->by == BY_SYSTEM || row->by == BY_ROLE) && row->system) {
		/* only the last part of a data directory: the role needs room after it */
		row_name_system(buf, size, &row->names, !wide && last && last[1] ? last + 1 : instance);
		return;
	}
	utf8_safe(buf, size, row_name_word(row));
	if (row->by == BY_CGROUP && !wide)
		row_name_shorten_ids(buf);
}

/* The layer and direction of a column of bytes or operations. False: another kind of column. */
static bool is_plain(enum top_col col, enum layer *layer, enum op *op)
{
	static const enum layer layers[] = {
		LAYER_APPLICATION, LAYER_VFS, LAYER_FILESYSTEM, LAYER_BLOCK, LAYER_DEVICE,
	};

	if (col >= COL_SYS_R && col <= COL_DEV_R) {
		*op = OP_READ;
		*layer = layers[col - COL_SYS_R];
		return true;
	}
	*op = OP_WRITE;
	if (col < COL_SYS_W || col > COL_DEV_W)
		return false;
	*layer = layers[col - COL_SYS_W];
	return true;
}

/* Below 0: not known. */
static double plain_key(const struct row *r, const struct layer_state *layers, enum layer layer,
			enum op op, bool ops)
{
	const struct layer_io io = amp_layer_io(r, layers, layer);
	struct maybe bytes = op == OP_READ ? io.read : io.write;
	struct maybe v = !ops ? bytes : op == OP_READ ? io.read_ops : io.write_ops;

	return v.known ? (double)v.v : -1;
}

static double factor_of(const struct row *r, const struct layer_state *layers, enum op op, bool ops)
{
	struct amplification amp;

	amp_compute(r, layers, op, &amp);
	if (ops)
		return amp.has_ops ? amp.ops : -1;
	return amp.has_bytes ? amp.bytes : -1;
}

static double mean_ms(const struct row *r)
{
	uint64_t ops = r->device.read.ops + r->device.write.ops;

	/* a sum has a time only where an operation was counted */
	if (!ops || (r->device.read.ops && !r->device.read.has_ns) ||
	    (r->device.write.ops && !r->device.write.has_ns))
		return -1;
	return (double)(r->device.read.ns + r->device.write.ns) / (double)ops / 1e6;
}

/* Of the columns that are neither plain nor a factor: the layer, the number, is it a sum over time? */
static double other_key(enum top_col col, const struct row *r, enum layer *layer, bool *rate)
{
	*layer = LAYER_DEVICE;
	*rate = true;
	switch (col) {
	case COL_SYNC:
		*layer = LAYER_APPLICATION;
		return (double)r->app.sync.ops;
	case COL_FLUSH: return (double)r->device.flush.ops;
	case COL_META: return (double)r->device.write_class[CLASS_METADATA];
	case COL_JRNL: return (double)r->device.write_class[CLASS_JOURNAL];
	case COL_CANCEL:
		*layer = LAYER_CACHE;
		return r->cache.cancelled.known ? (double)r->cache.cancelled.v : -1;
	case COL_DIRTY:
		*layer = LAYER_CACHE;
		*rate = false;
		return r->cache.pending.known ? (double)r->cache.pending.v : -1;
	case COL_DEV_MS:
		*rate = false;
		return mean_ms(r);
	case COL_SHARE:
		*rate = false;
		return (double)(r->device.read.bytes + r->device.write.bytes);
	default:
		return -1;
	}
}

double top_columns_key(enum top_col col, const struct row *row,
	       const struct layer_state layers[LAYER_MAX], const struct top_scale *scale)
{
	bool rate = true;
	enum layer layer;
	enum op op;
	double v;

	if (col == COL_PID)
		return row->has_pid ? (double)row->pid : -1;
	if (col == COL_R_AMP || col == COL_W_AMP)
		return factor_of(row, layers, col == COL_R_AMP ? OP_READ : OP_WRITE, scale->ops);
	if (is_plain(col, &layer, &op))
		v = plain_key(row, layers, layer, op, scale->ops);
	else
		v = other_key(col, row, &layer, &rate);
	if (v < 0 || !row_has_layer(row, layers, layer))
		return -1;
	if (col == COL_SHARE)	/* per cent */
		return scale->whole ? 100 * v / (double)scale->whole : -1;
	return rate && scale->seconds > 0 ? v / scale->seconds : v;
}

static bool is_count(enum top_col col, const struct top_scale *scale)
{
	if (col == COL_SYNC || col == COL_FLUSH)
		return true;
	return scale->ops && col < COL_SYNC;
}

static enum tint put_factor(char buf[UNITS_MAX], enum top_col col, const struct row *row,
			    const struct layer_state *layers, const struct top_scale *scale)
{
	enum op op = col == COL_R_AMP ? OP_READ : OP_WRITE;
	double v;

	if (!scale->ops)
		return tint_factor(buf, UNITS_MAX, row, layers, op);
	v = factor_of(row, layers, op, true);
	strcpy(buf, "-");
	if (v < 0)
		return TINT_NONE;
	units_factor(buf, v);
	return tint_of(v);
}

enum tint top_columns_cell(char buf[UNITS_MAX], enum top_col col, const struct row *row,
		   const struct layer_state layers[LAYER_MAX], const struct top_scale *scale)
{
	double v;

	if (col == COL_R_AMP || col == COL_W_AMP)
		return put_factor(buf, col, row, layers, scale);
	v = top_columns_key(col, row, layers, scale);
	if (v < 0)
		strcpy(buf, "-");
	else if (col == COL_DEV_MS)
		snprintf(buf, UNITS_MAX, v < 99.995 ? "%.2f" : "%.0f", v);
	else if (col == COL_SHARE)
		snprintf(buf, UNITS_MAX, "%.1f%%", v);
	else if (is_count(col, scale) && v > 0 && v < 1)
		snprintf(buf, UNITS_MAX, v < 0.095 ? "<0.1" : "%.1f", v);	/* "0.0" would look like no I/O */
	else if (is_count(col, scale))
		units_count(buf, (uint64_t)llround(v), scale->raw);
	else
		units_bytes(buf, (uint64_t)llround(v), scale->raw);
	return TINT_NONE;
}

void top_columns_amount(char buf[UNITS_MAX], struct maybe m, bool count, const struct top_scale *scale)
{
	uint64_t n = scale->seconds > 0 ? (uint64_t)llround((double)m.v / scale->seconds) : m.v;

	strcpy(buf, "-");
	if (m.known && count)
		units_count(buf, n, scale->raw);
	else if (m.known)
		units_bytes(buf, n, scale->raw);
}

bool top_columns_active(const struct row *row)
{
	const struct io *io[] = {
		&row->app.read, &row->app.write, &row->app.sync, &row->block.read, &row->block.write,
		&row->block.flush, &row->block.discard, &row->device.read, &row->device.write,
		&row->device.flush, &row->device.discard,
	};

	for (size_t i = 0; i < sizeof(io) / sizeof(*io); i++)
		if (io[i]->ops || io[i]->bytes)
			return true;
	return row->cache.pending.v || row->cache.filled || row->cache.dirtied.v;
}
