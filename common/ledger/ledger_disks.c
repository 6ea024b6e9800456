/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_disks - what each disk completed, against the kernel's own counters. */
#include "ledger/ledger_disks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/ledger_input.h"

static void name_parents(const struct ledger_input *in, struct disk_row *r, const struct disk *disk)
{
	size_t n = 0;

	for (int i = 0; i < DISK_LINKS && disk->above[i]; i++) {
		const struct ledger_disk *up = ledger_input_disk(in, disk->above[i]);

		if (up && n + 1 < sizeof(r->parents) / sizeof(*r->parents))
			r->parents[n++] = up->disk->name;
	}
}

static void post_disk(const struct ledger_input *in, struct disk_row *r, __u32 dev,
		      const struct ledger_lines *lines)
{
	const struct ledger_actor *who;

	for (size_t i = 0; i < lines->n; i++) {
		const struct ledger_line *l = &lines->v[i];

		if (l->key.dev != dev || (l->key.layer != LAYER_DEVICE && l->key.layer != LAYER_BLOCK))
			continue;
		if (in->all || ledger_input_kind(in, l->key.actor, &who) == ROW_OWNER)
			r->of_target = true;
		if (l->key.layer != LAYER_DEVICE)
			continue;
		if (l->key.flags & KEY_ERROR)
			r->error_bytes += l->val.bytes;
		if (l->key.op == OP_READ) {
			r->read_bytes += l->val.bytes;
		} else if (l->key.op == OP_WRITE) {
			r->write_bytes += l->val.bytes;
			r->write_by_kind[ledger_input_kind(in, l->key.actor, &who)] += l->val.bytes;
		} else if (l->key.op == OP_ZEROES) {
			r->zeroes_bytes += l->val.bytes;
		}
	}
}

static bool disk_moved(const struct ledger_lines *lines, const struct ledger_disk *d)
{
	for (size_t i = 0; i < lines->n; i++)
		if (lines->v[i].key.layer == LAYER_DEVICE && lines->v[i].key.dev == d->disk->dev)
			return true;
	return false;
}

/* A disk is listed when it, or a disk directly above or below it, completed I/O. */
static bool disk_listed(const struct ledger_input *in, const struct ledger_lines *lines,
			const struct ledger_disk *d)
{
	const struct ledger_disk *o;

	if (!d->selected)
		return false;
	if (disk_moved(lines, d))
		return true;
	for (int i = 0; i < DISK_LINKS; i++) {
		o = d->disk->above[i] ? ledger_input_disk(in, d->disk->above[i]) : NULL;
		if (o && disk_moved(lines, o))
			return true;
		o = d->disk->below[i] ? ledger_input_disk(in, d->disk->below[i]) : NULL;
		if (o && disk_moved(lines, o))
			return true;
	}
	return false;
}

int ledger_disks_build(const struct ledger_input *in, const struct ledger_lines *lines,
		       struct ledger *out)
{
	out->disks = calloc(in->nr_disks ? in->nr_disks : 1, sizeof(*out->disks));
	if (!out->disks)
		return -ENOMEM;
	for (size_t i = 0; i < in->nr_disks; i++) {
		const struct ledger_disk *d = &in->disks[i];
		struct disk_row *r = &out->disks[out->nr_disks];

		if (!disk_listed(in, lines, d))
			continue;
		out->nr_disks++;
		r->name = d->disk->name;
		r->major = d->disk->dev >> 20;
		r->minor = d->disk->dev & 0xfffff;
		r->leaf = d->disk->leaf;
		name_parents(in, r, d->disk);
		post_disk(in, r, d->disk->dev, lines);
		r->kernel_read_bytes = (struct maybe){ d->kernel.read_bytes, d->has_kernel };
		r->kernel_write_bytes = (struct maybe){ d->kernel.write_bytes, d->has_kernel };
		r->read_slack = (struct slack){ d->moved_end.read_bytes, d->moved_base.read_bytes };
		r->write_slack = (struct slack){ d->moved_end.write_bytes, d->moved_base.write_bytes };
		r->removed = d->removed;
		r->kernel_reason = d->has_kernel ? NULL : d->kernel_reason;
	}
	return 0;
}

/* ---- what the kernel alone counted ---- */

#define UNEXPLAINED_BYTES 4096	/* as much is no reason for doubt, */
#define UNEXPLAINED_PART 10000	/* nor is this part of the kernel's bytes */

/* Distance of the kernel's figure to the range that ours may have had at the same instants. */
static int64_t outside(uint64_t kernel, uint64_t ours, const struct slack *s)
{
	uint64_t low = ours > s->below ? ours - s->below : 0, high = ours + s->above;

	if (kernel > high)
		return (int64_t)(kernel - high);
	return kernel < low ? (int64_t)(kernel - low) : 0;
}

int64_t ledger_disk_unexplained(const struct disk_row *r, bool write)
{
	if (write)
		return outside(r->kernel_write_bytes.v, r->write_bytes + r->zeroes_bytes, &r->write_slack);
	return outside(r->kernel_read_bytes.v, r->read_bytes, &r->read_slack);
}

static int64_t doubtful(const struct disk_row *r, bool write)
{
	struct maybe kernel = write ? r->kernel_write_bytes : r->kernel_read_bytes;
	int64_t n = kernel.known ? ledger_disk_unexplained(r, write) : 0;
	uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;

	return size > UNEXPLAINED_BYTES && size > kernel.v / UNEXPLAINED_PART ? n : 0;
}

static bool disk_doubt(const struct disk_row *r, char *buf, size_t size)
{
	int64_t n = doubtful(r, true);

	if (!n)
		n = doubtful(r, false);
	if (r->removed)
		snprintf(buf, size, "%s was removed in the window", r->name);
	else if (n > 0)
		snprintf(buf, size, "%" PRId64 " bytes of %s were counted by the kernel alone", n, r->name);
	else if (n < 0)
		snprintf(buf, size, "%" PRIu64 " bytes of %s were not counted by the kernel", -(uint64_t)n,
			 r->name);
	return r->removed || n;
}

bool ledger_disks_doubt(const struct disk_row *rows, size_t n, char *buf, size_t size)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].of_target && disk_doubt(&rows[i], buf, size))
			return true;
	return false;
}
