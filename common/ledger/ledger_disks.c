/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_disks - what each disk completed, against the kernel's own counters. */
#include "ledger/ledger_disks.h"

#include <errno.h>
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

		if (l->key.layer != LAYER_DEVICE || l->key.dev != dev)
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
		r->kernel_reason = d->has_kernel ? NULL : d->kernel_reason;
	}
	return 0;
}
