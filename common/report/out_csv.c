/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_csv - a summary as RFC 4180 CSV: one record per row and one for the totals.
 */
#include "report/out.h"

#include <errno.h>
#include <stddef.h>

#include "report/csv.h"
#include "base/units.h"

enum type {
	START, DURATION, COMPLETE, KIND, BY, PID,	/* of the summary, of who */
	NAME, NAME_B64,					/* offset: const char * */
	OPS, BYTES, NS, FIGURE, NUMBER,			/* offset: struct io, struct maybe, u64 */
	READ_OTHER_OPS, READ_OTHER_BYTES, READ_OTHER_NS,
	AMP_BYTES, AMP_OPS,				/* offset: enum op */
};

#define NO_LAYER	LAYER_MAX	/* never unavailable */

struct column {
	const char *name;
	enum type type;
	enum layer layer;
	size_t offset;
};

#define WHO(column, member)	{ column, NAME, NO_LAYER, offsetof(struct row, member) }
#define WHO_B64(column, member)	{ column "_b64", NAME_B64, NO_LAYER, offsetof(struct row, member) }
#define IO(prefix, layer, member) \
	{ prefix "_ops", OPS, layer, offsetof(struct row, member) }, \
	{ prefix "_bytes", BYTES, layer, offsetof(struct row, member) }, \
	{ prefix "_ns", NS, layer, offsetof(struct row, member) }
#define CACHE(figure) \
	{ "cache_" #figure "_bytes", FIGURE, LAYER_CACHE, offsetof(struct row, cache.figure) }
#define FS_WRITE(class, index) \
	IO("filesystem_write_" class, LAYER_FILESYSTEM, fs_write[index])
#define DEV_CLASS(class, index) \
	{ "device_write_" class "_bytes", NUMBER, LAYER_DEVICE, \
	  offsetof(struct row, device.write_class[index]) }

static const struct column columns[] = {
	{ "start", START, NO_LAYER, 0 },
	{ "duration_s", DURATION, NO_LAYER, 0 },
	{ "complete", COMPLETE, NO_LAYER, 0 },
	{ "kind", KIND, NO_LAYER, 0 },
	{ "by", BY, NO_LAYER, 0 },
	WHO("system", system), WHO("instance", instance), WHO("role", role),
	{ "pid", PID, NO_LAYER, 0 },
	WHO("comm", comm), WHO("cgroup", cgroup), WHO("container", container),
	WHO("file", file), WHO("disk", disk),
	IO("application_read", LAYER_APPLICATION, app.read),
	IO("application_write", LAYER_APPLICATION, app.write),
	IO("application_sync", LAYER_APPLICATION, app.sync),
	IO("vfs_read", LAYER_VFS, vfs.read),
	IO("vfs_write", LAYER_VFS, vfs.write),
	IO("vfs_sync", LAYER_VFS, vfs.sync),
	CACHE(hit), CACHE(miss), CACHE(readahead), CACHE(dirtied), CACHE(cancelled), CACHE(pending),
	IO("filesystem_read_data", LAYER_FILESYSTEM, fs_read[CLASS_DATA]),
	IO("filesystem_read_metadata", LAYER_FILESYSTEM, fs_read[CLASS_METADATA]),
	{ "filesystem_read_other_ops", READ_OTHER_OPS, LAYER_FILESYSTEM, 0 },
	{ "filesystem_read_other_bytes", READ_OTHER_BYTES, LAYER_FILESYSTEM, 0 },
	{ "filesystem_read_other_ns", READ_OTHER_NS, LAYER_FILESYSTEM, 0 },
	FS_WRITE("data", CLASS_DATA), FS_WRITE("metadata", CLASS_METADATA),
	FS_WRITE("journal", CLASS_JOURNAL), FS_WRITE("swap", CLASS_SWAP),
	FS_WRITE("raid", CLASS_RAID), FS_WRITE("other", CLASS_OTHER),
	IO("block_read", LAYER_BLOCK, block.read),
	IO("block_write", LAYER_BLOCK, block.write),
	IO("block_flush", LAYER_BLOCK, block.flush),
	IO("block_discard", LAYER_BLOCK, block.discard),
	IO("device_read", LAYER_DEVICE, device.read),
	IO("device_write", LAYER_DEVICE, device.write),
	IO("device_flush", LAYER_DEVICE, device.flush),
	IO("device_discard", LAYER_DEVICE, device.discard),
	DEV_CLASS("data", CLASS_DATA), DEV_CLASS("metadata", CLASS_METADATA),
	DEV_CLASS("journal", CLASS_JOURNAL), DEV_CLASS("swap", CLASS_SWAP),
	DEV_CLASS("raid", CLASS_RAID), DEV_CLASS("other", CLASS_OTHER),
	{ "device_shared_bytes", NUMBER, LAYER_DEVICE, offsetof(struct row, device.shared_bytes) },
	{ "write_byte_amplification", AMP_BYTES, NO_LAYER, OP_WRITE },
	{ "write_op_amplification", AMP_OPS, NO_LAYER, OP_WRITE },
	{ "read_byte_amplification", AMP_BYTES, NO_LAYER, OP_READ },
	{ "read_op_amplification", AMP_OPS, NO_LAYER, OP_READ },
	WHO_B64("comm", comm), WHO_B64("cgroup", cgroup), WHO_B64("file", file),
};

static void put_maybe(struct csv *c, uint64_t v, bool known)
{
	if (known)
		csv_u64(c, v);
	else
		csv_empty(c);
}

static void put_amplification(struct csv *c, const struct summary *s, const struct row *row,
			      const struct column *col)
{
	struct amplification amp;

	amplification_compute(row, s->layers, (enum op)col->offset, &amp);
	if (col->type == AMP_BYTES ? amp.has_bytes : amp.has_ops)
		csv_double(c, col->type == AMP_BYTES ? amp.bytes : amp.ops);
	else
		csv_empty(c);
}

static void put_start(struct csv *c, const struct summary *s)
{
	char start[UNITS_MAX];

	units_rfc3339(start, s->start.s, s->start.ns);
	csv_str(c, start);
}

static void put_io(struct csv *c, const struct io *io, enum type type)
{
	if (type == OPS || type == READ_OTHER_OPS)
		csv_u64(c, io->ops);
	else if (type == BYTES || type == READ_OTHER_BYTES)
		csv_u64(c, io->bytes);
	else
		put_maybe(c, io->ns, io->has_ns);
}

static void put_field(struct csv *c, const struct summary *s, const struct row *row,
		      const struct column *col)
{
	const void *member = (const char *)row + col->offset;
	struct io other = row_fs_read_other(row);

	switch (col->type) {
	case START: put_start(c, s); break;
	case DURATION: csv_double(c, s->duration_s); break;
	case COMPLETE: csv_str(c, s->complete ? "true" : "false"); break;
	case KIND: csv_str(c, row_kind_name(row->kind)); break;
	case BY: csv_str(c, row_by_name(row->by)); break;
	case PID: put_maybe(c, row->pid, row->has_pid); break;
	case NAME: csv_str(c, *(const char *const *)member); break;
	case NAME_B64: csv_b64(c, *(const char *const *)member); break;
	case OPS: case BYTES: case NS: put_io(c, member, col->type); break;
	case FIGURE:
		put_maybe(c, ((const struct maybe *)member)->v,
			  ((const struct maybe *)member)->known);
		break;
	case NUMBER: csv_u64(c, *(const uint64_t *)member); break;
	case READ_OTHER_OPS: case READ_OTHER_BYTES: case READ_OTHER_NS:
		put_io(c, &other, col->type);
		break;
	case AMP_BYTES: case AMP_OPS: put_amplification(c, s, row, col); break;
	}
}

static void put_record(struct csv *c, const struct summary *s, const struct row *row)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		const struct column *col = &columns[i];

		if (col->layer != NO_LAYER && !row_has_layer(row, s->layers, col->layer))
			csv_empty(c);
		else
			put_field(c, s, row, col);
	}
	csv_end(c);
}

int out_summary_csv(FILE *f, const struct summary *s, const struct out_style *style)
{
	struct csv c = { .f = f };

	errno = 0;
	if (!style->no_header) {
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			csv_str(&c, columns[i].name);
		csv_end(&c);
	}
	for (size_t i = 0; i < s->nr_rows; i++)
		put_record(&c, s, &s->rows[i]);
	put_record(&c, s, &s->totals);
	return out_finish(f);
}
