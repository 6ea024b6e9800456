/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selftest - compares each figure with what it must be. */
#include "tools/ioamp-doctor/selftest.h"

#include <string.h>

#include "base/names.h"

static const char *const OWNER = "owner", *const BALANCE = "balance";

static struct maybe is(uint64_t v)
{
	return (struct maybe){ v, true };
}

static void add(struct selftest *t, const char *layer, const char *name, uint64_t expected,
		struct maybe got, const char *reason)
{
	struct figure *f = &t->v[t->n < FIGURES_MAX ? t->n++ : FIGURES_MAX - 1];

	*f = (struct figure){ .layer = layer, .name = name, .expected = expected, .got = got };
	if (reason || !got.known) {
		f->got.known = false;
		f->verdict = FIGURE_UNAVAILABLE;
		f->reason = reason ? reason : "not known";
	} else if (got.v != expected) {
		f->verdict = FIGURE_MISMATCH;
	}
}

/* The expected value of the last figure is a lower bound: bytes of other processes may be added. */
static void at_least(struct selftest *t)
{
	struct figure *f = &t->v[t->n - 1];

	f->at_least = true;
	if (f->verdict == FIGURE_MISMATCH && f->got.v >= f->expected)
		f->verdict = FIGURE_OK;
}

static const char *unavailable(const struct summary *s, enum layer layer)
{
	const struct layer_state *l = &s->layers[layer];

	return l->available ? NULL : l->reason ? l->reason : "no probe is attached";
}

/*
 * Other file systems may count metadata as data, and its size is not known exactly. Without
 * the addresses of kernel functions direct I/O may be counted as another class.
 */
static bool exact_classes(const struct selftest *t)
{
	if (t->known.guessed)
		return false;
	return !strcmp(t->filesystem, "ext4") || !strcmp(t->filesystem, "xfs");
}

static uint64_t all_classes(const struct io io[CLASS_MAX])
{
	uint64_t sum = 0;

	for (int i = 0; i < CLASS_MAX; i++)
		sum += io[i].bytes;
	return sum;
}

static void compare_app(struct selftest *t, const struct summary *s)
{
	const struct known *k = &t->known;
	const struct io *io = s->totals.app.iface;
	const char *name = names_layer(LAYER_APPLICATION), *no = unavailable(s, LAYER_APPLICATION);
	const char *direct = no ? no : k->no_direct;

	add(t, name, "direct write calls", k->direct_write_ops, is(io[IFACE_PWRITE64].ops), direct);
	add(t, name, "direct write bytes", k->direct_write_bytes, is(io[IFACE_PWRITE64].bytes),
	    direct);
	add(t, name, "buffered write calls", k->buffered_ops, is(io[IFACE_WRITE].ops), no);
	add(t, name, "buffered write bytes", k->buffered_bytes, is(io[IFACE_WRITE].bytes), no);
	add(t, name, "unlinked write calls", k->gone_ops, is(io[IFACE_WRITEV].ops), no);
	add(t, name, "unlinked write bytes", k->gone_bytes, is(io[IFACE_WRITEV].bytes), no);
	add(t, name, "direct read calls", k->direct_read_ops, is(io[IFACE_PREAD64].ops), direct);
	add(t, name, "direct read bytes", k->direct_read_bytes, is(io[IFACE_PREAD64].bytes), direct);
	add(t, name, "cold read calls", k->cold_ops, is(io[IFACE_READ].ops), no);
	add(t, name, "cold read bytes", k->cold_bytes, is(io[IFACE_READ].bytes), no);
	add(t, name, "sync calls", k->syncs, is(s->totals.app.sync.ops), no);
}

static void compare_vfs(struct selftest *t, const struct summary *s)
{
	const struct known *k = &t->known;
	const char *name = names_layer(LAYER_VFS), *no = unavailable(s, LAYER_VFS);
	const struct io *w = &s->totals.vfs.write, *r = &s->totals.vfs.read;

	add(t, name, "writes", k->direct_write_ops + k->buffered_ops + k->gone_ops, is(w->ops), no);
	add(t, name, "write bytes", k->direct_write_bytes + k->buffered_bytes + k->gone_bytes,
	    is(w->bytes), no);
	add(t, name, "reads", k->direct_read_ops + k->cold_ops, is(r->ops), no);
	add(t, name, "read bytes", k->direct_read_bytes + k->cold_bytes, is(r->bytes), no);
	add(t, name, "syncs", k->syncs, is(s->totals.vfs.sync.ops), no);
}

/* Bytes of the pages that a write of `bytes` at offset 0 makes dirty. */
static uint64_t pages(const struct known *k, uint64_t bytes)
{
	return (bytes + k->page - 1) / k->page * k->page;
}

static void compare_cache(struct selftest *t, const struct summary *s)
{
	const struct known *k = &t->known;
	const char *name = names_layer(LAYER_CACHE), *no = unavailable(s, LAYER_CACHE);
	struct maybe fill = is(s->totals.cache.filled);

	fill.known = s->totals.cache.miss.known;
	add(t, name, "dirtied bytes", pages(k, k->buffered_bytes) + pages(k, k->gone_bytes),
	    s->totals.cache.dirtied, no);
	if (!exact_classes(t))
		at_least(t);
	add(t, name, "cancelled bytes", pages(k, k->gone_bytes), s->totals.cache.cancelled, no);
	add(t, name, "pending bytes", 0, s->totals.cache.pending, no);
	add(t, name, "bytes read in", pages(k, k->cold_bytes), fill, no);
	add(t, name, "hit bytes", 0, s->totals.cache.hit, no);
}

static uint64_t data_written(const struct known *k)
{
	return k->direct_write_bytes + pages(k, k->buffered_bytes);
}

static uint64_t data_read(const struct known *k)
{
	return k->direct_read_bytes + pages(k, k->cold_bytes);
}

static void compare_fs(struct selftest *t, const struct summary *s)
{
	const char *name = names_layer(LAYER_FILESYSTEM), *no = unavailable(s, LAYER_FILESYSTEM);

	if (!exact_classes(t)) {
		add(t, name, "bytes written", data_written(&t->known),
		    is(all_classes(s->totals.fs_write)), no);
		at_least(t);
		add(t, name, "bytes read", data_read(&t->known), is(all_classes(s->totals.fs_read)),
		    no);
		at_least(t);
		return;
	}
	add(t, name, "data written", data_written(&t->known),
	    is(s->totals.fs_write[CLASS_DATA].bytes), no);
	add(t, name, "data read", data_read(&t->known), is(s->totals.fs_read[CLASS_DATA].bytes), no);
}

/* The sum over all rows. Only for a disk that no other process uses. */
static struct io all_rows(const struct summary *s, enum layer layer, enum op op)
{
	struct io sum = { 0 };

	for (size_t i = 0; i < s->nr_rows; i++) {
		const struct row *r = &s->rows[i];
		const struct io *io = layer == LAYER_BLOCK ?
			(op == OP_WRITE ? &r->block.write : &r->block.read) :
			(op == OP_WRITE ? &r->device.write : &r->device.read);

		sum.ops += io->ops;
		sum.bytes += io->bytes;
	}
	return sum;
}

static void compare_block(struct selftest *t, const struct summary *s)
{
	const struct known *k = &t->known;
	const char *name = names_layer(LAYER_BLOCK), *no = unavailable(s, LAYER_BLOCK);

	if (!k->alone) {
		add(t, name, "write bytes", data_written(k), is(s->totals.block.write.bytes), no);
		at_least(t);
		add(t, name, "read bytes", data_read(k), is(s->totals.block.read.bytes), no);
		at_least(t);
		return;
	}
	add(t, name, "write bytes", k->disk_write_bytes.v,
	    is(all_rows(s, LAYER_BLOCK, OP_WRITE).bytes), no ? no : k->disk_write_bytes.known ? NULL : "the kernel's counter cannot be read");
	add(t, name, "read bytes", k->disk_read_bytes.v, is(all_rows(s, LAYER_BLOCK, OP_READ).bytes),
	    no ? no : k->disk_read_bytes.known ? NULL : "the kernel's counter cannot be read");
}

static const struct disk_row *disk_of(const struct selftest *t, const struct summary *s)
{
	for (size_t i = 0; t->known.disk && i < s->nr_disks; i++)
		if (!strcmp(s->disks[i].name, t->known.disk))
			return &s->disks[i];
	return NULL;
}

/* Compares our count for the disk with that of the kernel, which was read independently. */
static void compare_device(struct selftest *t, const struct summary *s)
{
	const struct known *k = &t->known;
	const char *name = names_layer(LAYER_DEVICE), *no = unavailable(s, LAYER_DEVICE);
	const struct disk_row *d = disk_of(t, s);
	const char *why = no ? no : !d ? "the disk is not among those seen" :
		k->disk_write_bytes.known ? NULL : "the kernel's counter cannot be read";

	if (!k->alone) {
		add(t, name, "owner's write bytes", data_written(k),
		    is(s->totals.device.write.bytes), no);
		at_least(t);
	}
	/* not below a file: the page cache of that file may have served the read */
	if (!k->alone && d && d->leaf) {
		add(t, name, "owner's read bytes", data_read(k), is(s->totals.device.read.bytes), no);
		at_least(t);
	}
	if (!k->alone && (!d || d->leaf))
		return;	/* other processes use the disk, and we and the kernel are read at two times */
	add(t, name, "kernel's write bytes", k->disk_write_bytes.v, is(d ? d->write_bytes : 0),
	    why);
	add(t, name, "kernel's read bytes", k->disk_read_bytes.v, is(d ? d->read_bytes : 0), why);
}

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void compare_balance(struct selftest *t, const struct summary *s)
{
	const struct disk_row *d = disk_of(t, s);
	const char *no = unavailable(s, LAYER_DEVICE);
	const char *kernel = no ? no : !d ? "the disk is not among those seen" :
		d->kernel_write_bytes.known ? NULL : d->kernel_reason;
	uint64_t leaves = 0;

	for (size_t i = 0; i < s->nr_disks; i++)
		leaves += s->disks[i].leaf ? s->disks[i].write_bytes : 0;
	if (t->known.alone) {
		add(t, BALANCE, "unexplained written", 0,
		    is(d ? difference(d->kernel_write_bytes.v, d->write_bytes) : 0), kernel);
		add(t, BALANCE, "unexplained read", 0,
		    is(d ? difference(d->kernel_read_bytes.v, d->read_bytes) : 0), kernel);
	}
	add(t, BALANCE, "rows less disks", 0,
	    is(difference(all_rows(s, LAYER_DEVICE, OP_WRITE).bytes, leaves)), no);
	add(t, BALANCE, "losses", 0, is(losses_sum(&s->losses, LOWERS_ALL)), NULL);
}

static void compare_owner(struct selftest *t, const struct summary *s)
{
	const struct known *k = &t->known;
	uint64_t rows = 0, data = 0, nobody = 0;

	for (size_t i = 0; i < s->nr_rows; i++) {
		const struct row *r = &s->rows[i];

		if (r->kind == ROW_OWNER && r->has_pid && r->pid == k->pid) {
			rows++;
			data += exact_classes(t) ? r->fs_write[CLASS_DATA].bytes :
				all_classes(r->fs_write);
		} else if (r->kind == ROW_UNATTRIBUTED) {
			nobody += r->device.write.bytes;
		}
	}
	add(t, OWNER, "rows of the child", 1, is(rows), NULL);
	add(t, OWNER, "the child's data", data_written(k), is(data), unavailable(s, LAYER_FILESYSTEM));
	if (!exact_classes(t))
		at_least(t);
	if (k->alone)
		add(t, OWNER, "bytes of nobody", 0, is(nobody), unavailable(s, LAYER_DEVICE));
}

void selftest_compare(struct selftest *t, const struct summary *s)
{
	t->version = s->version;
	t->kernel = s->kernel;
	t->types = s->types;
	t->complete = s->complete;
	t->incomplete_reason = s->incomplete_reason;
	memcpy(t->layers, s->layers, sizeof(t->layers));
	t->n = 0;
	compare_app(t, s);
	compare_vfs(t, s);
	compare_cache(t, s);
	compare_fs(t, s);
	compare_block(t, s);
	compare_device(t, s);
	compare_owner(t, s);
	compare_balance(t, s);
}

const char *selftest_dark(const struct selftest *t)
{
	for (int i = 0; i < LAYER_MAX; i++)
		if (i != LAYER_VFS && !t->layers[i].available && t->layers[i].code != REASON_NOT_ASKED)
			return names_layer((enum layer)i);
	return NULL;
}

bool selftest_passed(const struct selftest *t)
{
	return t->complete && !selftest_count(t, FIGURE_MISMATCH) && !selftest_dark(t);
}

size_t selftest_count(const struct selftest *t, enum figure_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].verdict == verdict;
	return n;
}

const char *selftest_verdict_name(enum figure_verdict verdict)
{
	static const char *const names[FIGURE_VERDICTS] = {
		[FIGURE_OK] = "ok", [FIGURE_MISMATCH] = "MISMATCH",
		[FIGURE_UNAVAILABLE] = "unavailable",
	};

	return verdict < FIGURE_VERDICTS ? names[verdict] : "?";
}
