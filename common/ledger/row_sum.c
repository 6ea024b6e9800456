/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row_sum - sums and differences of the figures of rows. */
#include "ledger/row_sum.h"

#include <string.h>

static void each_io(struct io *to, const struct io *from, size_t n, int sign)
{
	for (size_t i = 0; i < n; i++) {
		/* what did nothing has no time that could be unknown */
		if (from[i].ops || from[i].bytes)
			to[i].has_ns = from[i].has_ns && (to[i].has_ns || !(to[i].ops || to[i].bytes));
		to[i].ops += (uint64_t)sign * from[i].ops;
		to[i].bytes += (uint64_t)sign * from[i].bytes;
		to[i].ns += (uint64_t)sign * from[i].ns;
	}
}

static void one_maybe(struct maybe *to, const struct maybe *from, int sign)
{
	to->v += (uint64_t)sign * from->v;
	to->known = to->known && from->known;
}

static void combine(struct row *to, const struct row *from, int sign)
{
	const struct maybe pending = to->cache.pending;

	each_io(&to->app.read, &from->app.read, 1, sign);
	each_io(&to->app.write, &from->app.write, 1, sign);
	each_io(&to->app.sync, &from->app.sync, 1, sign);
	each_io(to->app.iface, from->app.iface, IFACE_MAX, sign);
	each_io(&to->vfs.read, &from->vfs.read, 1, sign);
	each_io(&to->vfs.write, &from->vfs.write, 1, sign);
	each_io(&to->vfs.sync, &from->vfs.sync, 1, sign);
	one_maybe(&to->cache.hit, &from->cache.hit, sign);
	one_maybe(&to->cache.miss, &from->cache.miss, sign);
	one_maybe(&to->cache.readahead, &from->cache.readahead, sign);
	one_maybe(&to->cache.dirtied, &from->cache.dirtied, sign);
	one_maybe(&to->cache.cancelled, &from->cache.cancelled, sign);
	one_maybe(&to->cache.pending, &from->cache.pending, sign);
	if (sign < 0)
		to->cache.pending = pending;
	to->cache.filled += (uint64_t)sign * from->cache.filled;
	to->cache.direct_read += (uint64_t)sign * from->cache.direct_read;
	to->cache.direct_write += (uint64_t)sign * from->cache.direct_write;
	to->cache.bypassed += (uint64_t)sign * from->cache.bypassed;
	to->cache.replaced += (uint64_t)sign * from->cache.replaced;
	each_io(to->fs_read, from->fs_read, CLASS_MAX, sign);
	each_io(to->fs_write, from->fs_write, CLASS_MAX, sign);
	each_io(&to->block.read, &from->block.read, 1, sign);
	each_io(&to->block.write, &from->block.write, 1, sign);
	each_io(&to->block.flush, &from->block.flush, 1, sign);
	each_io(&to->block.discard, &from->block.discard, 1, sign);
	each_io(&to->device.read, &from->device.read, 1, sign);
	each_io(&to->device.write, &from->device.write, 1, sign);
	each_io(&to->device.flush, &from->device.flush, 1, sign);
	each_io(&to->device.discard, &from->device.discard, 1, sign);
	for (int c = 0; c < CLASS_MAX; c++)
		to->device.write_class[c] += (uint64_t)sign * from->device.write_class[c];
	to->device.shared_bytes += (uint64_t)sign * from->device.shared_bytes;
}

void row_add(struct row *to, const struct row *from)
{
	combine(to, from, 1);
}

void row_subtract(struct row *to, const struct row *from)
{
	combine(to, from, -1);
}

void row_zero(struct row *row)
{
	struct maybe *cache[] = {
		&row->cache.hit, &row->cache.miss, &row->cache.readahead, &row->cache.dirtied,
		&row->cache.cancelled, &row->cache.pending,
	};

	memset(&row->app, 0, sizeof(*row) - offsetof(struct row, app));
	for (size_t i = 0; i < sizeof(cache) / sizeof(*cache); i++)
		cache[i]->known = true;
}
