/* SPDX-License-Identifier: GPL-3.0-or-later */
/* amp - amplification and its chain. */
#include "ledger/amp.h"

#include <string.h>

static uint64_t class_bytes(const struct io io[CLASS_MAX])
{
	uint64_t sum = 0;

	for (int c = 0; c < CLASS_MAX; c++)
		sum = row_plus(sum, io[c].bytes);
	return sum;
}

static struct maybe cache_stage(const struct row *row, enum op op)
{
	if (op == OP_READ)
		return (struct maybe){ row_plus(row->cache.filled, row->cache.direct_read), true };
	return (struct maybe){ row_plus(row->cache.dirtied.v, row->cache.direct_write),
			       row->cache.dirtied.known };
}

/* What a row did at a layer, the chain's own stage of the cache. */
static struct maybe stage_bytes(const struct row *row, const struct layer_state layers[LAYER_MAX],
				enum layer layer, enum op op)
{
	bool read = op == OP_READ;

	if (!row_has_layer(row, layers, layer))
		return (struct maybe){ 0 };
	switch (layer) {
	case LAYER_APPLICATION:
		return (struct maybe){ read ? row->app.read.bytes : row->app.write.bytes, true };
	case LAYER_CACHE:
		return cache_stage(row, op);
	case LAYER_FILESYSTEM:
		return (struct maybe){ class_bytes(read ? row->fs_read : row->fs_write), true };
	case LAYER_BLOCK:
		return (struct maybe){ read ? row->block.read.bytes : row->block.write.bytes, true };
	case LAYER_DEVICE:
		return (struct maybe){ read ? row->device.read.bytes : row->device.write.bytes,
				       true };
	default:	/* stacked file systems count a request more than once at vfs */
		return (struct maybe){ 0 };
	}
}

/* What of it was caused before the window: nothing that is asked for in it stands behind it. */
static uint64_t stage_before(const struct row *row, enum layer layer, enum op op)
{
	if (layer == LAYER_DEVICE)
		return op == OP_READ ? row->device.before_read : row->device.before_write;
	if (layer == LAYER_FILESYSTEM || layer == LAYER_BLOCK)
		return op == OP_READ ? row->block.before_read : row->block.before_write;
	return 0;
}

struct maybe amp_stage(const struct row *row, const struct layer_state layers[LAYER_MAX],
				 enum layer layer, enum op op)
{
	struct maybe stage = stage_bytes(row, layers, layer, op);

	if (stage.known)
		stage.v -= stage_before(row, layer, op);
	return stage;
}

static struct maybe class_ops(const struct io io[CLASS_MAX])
{
	struct maybe sum = { .known = true };

	for (int c = 0; c < CLASS_MAX; c++)
		sum.v += io[c].ops;
	return sum;
}

static struct maybe seen(uint64_t v)
{
	return (struct maybe){ v, true };
}

struct layer_io amp_layer_io(const struct row *row, const struct layer_state layers[LAYER_MAX],
			     enum layer layer)
{
	struct layer_io x = {
		.read = stage_bytes(row, layers, layer, OP_READ),
		.write = stage_bytes(row, layers, layer, OP_WRITE),
	};

	if (!row_has_layer(row, layers, layer))
		return x;
#define OPS(from, third) \
	x.read_ops = seen(from.read.ops), x.write_ops = seen(from.write.ops), \
	x.sync = seen(from.third.ops)
	switch (layer) {
	case LAYER_APPLICATION: OPS(row->app, sync); break;
	case LAYER_VFS:
		OPS(row->vfs, sync);
		x.read = seen(row->vfs.read.bytes);
		x.write = seen(row->vfs.write.bytes);
		break;
	case LAYER_FILESYSTEM:
		x.read_ops = class_ops(row->fs_read);
		x.write_ops = class_ops(row->fs_write);
		break;
	case LAYER_BLOCK: OPS(row->block, flush); break;
	case LAYER_DEVICE: OPS(row->device, flush); break;
	default: break;
	}
#undef OPS
	return x;
}

static void compute_chain(const struct row *row, const struct layer_state layers[LAYER_MAX],
			  enum op op, struct amplification *out)
{
	enum layer from = LAYER_MAX;
	uint64_t from_bytes = 0;
	bool live = true;

	for (enum layer l = LAYER_APPLICATION; l < LAYER_MAX; l++) {
		struct maybe stage = amp_stage(row, layers, l, op);

		if (!stage.known)
			continue;
		if (from != LAYER_MAX) {
			struct chain_step *step = &out->chain[out->steps++];

			live = live && from_bytes > 0;
			step->from = from;
			step->to = l;
			step->known = live;
			step->factor = live ? (double)stage.v / (double)from_bytes : 0;
		}
		from = l;
		from_bytes = stage.v;
	}
}

static void compute_ops(const struct row *row, const struct layer_state layers[LAYER_MAX],
			enum op op, struct amplification *out)
{
	bool read = op == OP_READ;
	uint64_t app = read ? row->app.read.ops : row->app.write.ops;
	uint64_t vfs = read ? row->vfs.read.ops : row->vfs.write.ops;
	uint64_t block = read ? row->block.read.ops : row->block.write.ops;

	if (!app || !row_has_layer(row, layers, LAYER_APPLICATION) ||
	    !row_has_layer(row, layers, LAYER_VFS) || !row_has_layer(row, layers, LAYER_BLOCK))
		return;
	out->ops = ((double)vfs + (double)block) / (double)app;
	out->has_ops = true;
}

void amp_compute(const struct row *row, const struct layer_state layers[LAYER_MAX],
			   enum op op, struct amplification *out)
{
	struct maybe app = amp_stage(row, layers, LAYER_APPLICATION, op);
	struct maybe device = amp_stage(row, layers, LAYER_DEVICE, op);

	memset(out, 0, sizeof(*out));
	out->has_bytes = app.known && app.v > 0 && device.known;
	if (out->has_bytes)
		out->bytes = (double)device.v / (double)app.v;
	compute_chain(row, layers, op, out);
	compute_ops(row, layers, op, out);
}

/* The bands of iolayers(7), and names for the gaps between them. */
const char *amp_band(double factor)
{
	if (factor <= 1)
		return "perfect";
	if (factor < 2)
		return "very good";
	if (factor <= 3)
		return "good";
	if (factor < 5)
		return "fair";
	return factor <= 10 ? "moderate" : "high";
}
