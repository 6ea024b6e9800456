/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * amp - amplification and its chain, apportioning, and the words of row.h.
 */
#include "ledger/row.h"

#include <string.h>

typedef unsigned __int128 u128;

/* A pinned figure is seen to be wrong; a wrapped one looks right. */
static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static uint64_t class_bytes(const struct io io[CLASS_MAX])
{
	uint64_t sum = 0;

	for (int c = 0; c < CLASS_MAX; c++)
		sum = add(sum, io[c].bytes);
	return sum;
}

bool row_has_layer(const struct row *row, const struct layer_state layers[LAYER_MAX],
		   enum layer layer)
{
	return layers[layer].available && !(row->absent & 1u << layer);
}

struct io row_fs_read_other(const struct row *row)
{
	struct io sum = { .has_ns = true };

	for (int c = CLASS_JOURNAL; c < CLASS_MAX; c++) {
		sum.ops = add(sum.ops, row->fs_read[c].ops);
		sum.bytes = add(sum.bytes, row->fs_read[c].bytes);
		sum.ns = add(sum.ns, row->fs_read[c].ns);
		/* A sum with a part not measured is not measured; an idle class is no part. */
		if (row->fs_read[c].ops)
			sum.has_ns = sum.has_ns && row->fs_read[c].has_ns;
	}
	sum.has_ns = sum.has_ns && (sum.ops || row->fs_read[CLASS_OTHER].has_ns);
	return sum;
}

static struct maybe cache_stage(const struct row *row, enum op op)
{
	if (op == OP_READ)
		return (struct maybe){ add(row->cache.filled, row->cache.direct_read), true };
	return (struct maybe){ add(row->cache.dirtied.v, row->cache.direct_write),
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
	default:	/* vfs re-enters itself (stacked file systems): no stage of the chain */
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

struct maybe amplification_stage(const struct row *row, const struct layer_state layers[LAYER_MAX],
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

struct layer_io row_layer_io(const struct row *row, const struct layer_state layers[LAYER_MAX],
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
		struct maybe stage = amplification_stage(row, layers, l, op);

		if (!stage.known)
			continue;
		if (from != LAYER_MAX) {
			struct chain_step *step = &out->chain[out->steps++];

			live = live && from_bytes > 0;
			step->from = layer_name(from);
			step->to = layer_name(l);
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

void amplification_compute(const struct row *row, const struct layer_state layers[LAYER_MAX],
			   enum op op, struct amplification *out)
{
	struct maybe app = amplification_stage(row, layers, LAYER_APPLICATION, op);
	struct maybe device = amplification_stage(row, layers, LAYER_DEVICE, op);

	memset(out, 0, sizeof(*out));
	out->has_bytes = app.known && app.v > 0 && device.known;
	if (out->has_bytes)
		out->bytes = (double)device.v / (double)app.v;
	compute_chain(row, layers, op, out);
	compute_ops(row, layers, op, out);
}

/* The gaps between product.md's bands have names of their own. */
const char *amplification_band(double factor)
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

/* What the whole part left of total * weight / sum; exact modulo 2^128. */
static u128 remainder_of(uint64_t total, uint64_t weight, uint64_t part, u128 sum)
{
	return (u128)total * weight - (u128)part * sum;
}

/*
 * The largest bound that at least `want` remainders reach: bisected, as sorting
 * would need memory, and memory can fail.
 */
static u128 find_bound(uint64_t total, const uint64_t *weight, const uint64_t *part, size_t n,
		       u128 sum, uint64_t want)
{
	u128 low = 0, high = sum;	/* a remainder is below sum */

	while (high - low > 1) {
		u128 mid = low + (high - low) / 2;
		uint64_t reach = 0;

		for (size_t i = 0; i < n; i++)
			reach += remainder_of(total, weight[i], part[i], sum) >= mid;
		if (reach >= want)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static void give_rest(uint64_t total, const uint64_t *weight, uint64_t *part, size_t n, u128 sum,
		      uint64_t rest)
{
	u128 bound = find_bound(total, weight, part, n, sum, rest);
	uint64_t ties = rest;

	for (size_t i = 0; i < n; i++)
		ties -= remainder_of(total, weight[i], part[i], sum) > bound;
	for (size_t i = 0; i < n; i++) {
		u128 r = remainder_of(total, weight[i], part[i], sum);

		if (r > bound) {
			part[i]++;
		} else if (r == bound && ties) {
			part[i]++;
			ties--;
		}
	}
}

void apportion(uint64_t total, const uint64_t *weight, uint64_t *part, size_t n)
{
	u128 sum = 0;
	uint64_t rest = total;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		sum += weight[i];
	for (size_t i = 0; i < n; i++) {
		part[i] = sum ? (uint64_t)((u128)total * weight[i] / sum) : 0;
		rest -= part[i];
	}
	if (!sum)
		part[0] = total;
	else if (rest)
		give_rest(total, weight, part, n, sum, rest);
}

static const char *pick(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] ? names[i] : "?";
}
#define PICK(names, i) pick(names, sizeof(names) / sizeof(*(names)), (unsigned int)(i))

const char *row_kind_name(enum row_kind kind)
{
	static const char *const names[] = {
		[ROW_OWNER] = "owner", [ROW_SELF] = "self", [ROW_BACKGROUND] = "background",
		[ROW_OUTSIDE] = "outside", [ROW_UNATTRIBUTED] = "unattributed",
	};

	return PICK(names, kind);
}

const char *row_by_name(enum row_by by)
{
	static const char *const names[] = {
		[BY_PROCESS] = "process", [BY_SYSTEM] = "system", [BY_ROLE] = "role",
		[BY_CGROUP] = "cgroup", [BY_CONTAINER] = "container", [BY_FILE] = "file",
		[BY_DEVICE] = "device", [BY_TOTAL] = "total",
	};

	return PICK(names, by);
}

const char *layer_name(enum layer layer)
{
	static const char *const names[] = {
		[LAYER_APPLICATION] = "application", [LAYER_VFS] = "vfs", [LAYER_CACHE] = "cache",
		[LAYER_FILESYSTEM] = "filesystem", [LAYER_BLOCK] = "block", [LAYER_DEVICE] = "device",
	};

	return PICK(names, layer);
}

const char *class_name(enum io_class cls)
{
	static const char *const names[] = {
		[CLASS_DATA] = "data", [CLASS_METADATA] = "metadata", [CLASS_JOURNAL] = "journal",
		[CLASS_SWAP] = "swap", [CLASS_RAID] = "raid", [CLASS_OTHER] = "other",
	};

	return PICK(names, cls);
}

bool iface_is_estimate(enum iface iface)
{
	return iface == IFACE_LIBAIO || iface == IFACE_MMAP;
}

const char *iface_name(enum iface iface)
{
	static const char *const names[] = {
		[IFACE_NONE] = "none",
		[IFACE_READ] = "read", [IFACE_PREAD64] = "pread64", [IFACE_READV] = "readv",
		[IFACE_PREADV] = "preadv", [IFACE_PREADV2] = "preadv2",
		[IFACE_WRITE] = "write", [IFACE_PWRITE64] = "pwrite64", [IFACE_WRITEV] = "writev",
		[IFACE_PWRITEV] = "pwritev", [IFACE_PWRITEV2] = "pwritev2",
		[IFACE_SENDFILE] = "sendfile", [IFACE_SPLICE] = "splice",
		[IFACE_COPY_FILE_RANGE] = "copy_file_range",
		[IFACE_FSYNC] = "fsync", [IFACE_FDATASYNC] = "fdatasync",
		[IFACE_SYNC_FILE_RANGE] = "sync_file_range", [IFACE_SYNCFS] = "syncfs",
		[IFACE_SYNC] = "sync", [IFACE_MSYNC] = "msync",
		[IFACE_FALLOCATE] = "fallocate", [IFACE_TRUNCATE] = "truncate",
		[IFACE_FTRUNCATE] = "ftruncate", [IFACE_IOCTL] = "ioctl",
		[IFACE_IO_URING] = "io_uring", [IFACE_LIBAIO] = "libaio", [IFACE_MMAP] = "mmap",
	};

	return PICK(names, iface);
}
