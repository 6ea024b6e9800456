/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain - sentences about an amplification: how high it is, which step is the largest, and which
 * figures of the row explain it.
 */
#include "report/explain.h"

#include <inttypes.h>
#include <string.h>

#include "base/names.h"
#include "base/units.h"
#include "ledger/amp.h"

#define PAGE_BYTES	4096	/* the smallest page: a smaller write dirties more bytes than it has */
#define NOTICEABLE	0.005	/* less prints as 1.00x */

struct subject {
	const struct row *row;
	const struct layer_state *layers;
	enum op op;
	bool raw;
};

static void add_bytes(struct prose *t, uint64_t bytes, bool raw)
{
	char buf[UNITS_MAX];

	units_bytes(buf, bytes, raw);
	prose_add(t, bytes < 1024 || raw ? "%s B" : "%s", buf);
}

static void add_count(struct prose *t, uint64_t n, const char *noun, bool raw)
{
	char buf[UNITS_MAX];

	units_count(buf, n, raw);
	prose_add(t, "%s %s%s", buf, noun, n == 1 ? "" : "s");
}

/* "journal 75.0 % and metadata 0.2 %" of `total`; false where all bytes are data. */
static bool add_classes(struct prose *t, const uint64_t bytes[CLASS_MAX], uint64_t total)
{
	bool any = false;

	for (int c = CLASS_MAX - 1; c > CLASS_DATA && total; c--) {
		if (!bytes[c])
			continue;
		prose_add(t, "%s%s %.1f %%", any ? " and " : "", names_class((enum io_class)c),
			 100.0 * (double)bytes[c] / (double)total);
		any = true;
	}
	return any;
}

static bool is_small(const struct io *io)
{
	return io->ops && io->bytes / io->ops < PAGE_BYTES;
}

static void grow_cache(struct prose *t, const struct subject *s)
{
	const struct io *io = s->op == OP_READ ? &s->row->app.read : &s->row->app.write;
	uint64_t size = io->ops ? io->bytes / io->ops : 0;
	bool small = is_small(io);

	if (s->op == OP_READ) {
		prose_add(t, small ? "small reads fetch whole pages" :
			 "more is read ahead than was asked for");
		if (s->row->cache.readahead.known && s->row->cache.readahead.v) {
			prose_add(t, ", readahead ");
			add_bytes(t, s->row->cache.readahead.v, s->raw);
		}
	} else {
		prose_add(t, small ? "small writes dirty whole pages of 4 KiB or more" :
			 "writes dirty whole pages");
	}
	if (io->ops) {
		prose_add(t, " (");
		add_bytes(t, size, s->raw);
		prose_add(t, s->op == OP_READ ? " per read)" : " per write)");
	}
}

static void grow_filesystem(struct prose *t, const struct subject *s)
{
	const struct io *io = s->op == OP_READ ? s->row->fs_read : s->row->fs_write;
	uint64_t bytes[CLASS_MAX], total = 0;

	for (int c = 0; c < CLASS_MAX; c++) {
		bytes[c] = io[c].bytes;
		total += bytes[c];
	}
	if (add_classes(t, bytes, total))
		prose_add(t, " added to the data");
	else
		prose_add(t, "the file system moves more data than the cache %s",
			 s->op == OP_READ ? "took" : "had dirty");
	if (s->op != OP_READ && s->row->app.sync.ops) {
		prose_add(t, " (");
		add_count(t, s->row->app.sync.ops, "sync", s->raw);
		prose_add(t, ")");
	}
}

static void grow_device(struct prose *t, const struct subject *s)
{
	prose_add(t, "mirrors, parity or metadata of stacked devices");
	if (s->op == OP_READ || !s->row->device.write_class[CLASS_RAID])
		return;
	prose_add(t, " (raid %.1f %%)", 100.0 * (double)s->row->device.write_class[CLASS_RAID] /
		 (double)s->row->device.write.bytes);
}

static void add_growth(struct prose *t, const struct subject *s, enum layer layer)
{
	switch (layer) {
	case LAYER_CACHE: grow_cache(t, s); break;
	case LAYER_FILESYSTEM: grow_filesystem(t, s); break;
	case LAYER_BLOCK: prose_add(t, "I/O that no file system handed down (raw device, swap, "
				   "parity)"); break;
	case LAYER_DEVICE: grow_device(t, s); break;
	default: break;
	}
}

static void shrink_write(struct prose *t, const struct subject *s, enum layer layer)
{
	struct maybe cancelled = s->row->cache.cancelled, pending = s->row->cache.pending;

	if (layer == LAYER_CACHE) {
		prose_add(t, "overwritten in the cache while still dirty");
	} else if (layer == LAYER_FILESYSTEM && pending.known && pending.v) {
		prose_add(t, "still dirty: ");
		add_bytes(t, pending.v, s->raw);
	} else if (layer == LAYER_FILESYSTEM) {
		prose_add(t, "overwritten or cancelled before writeback");
		if (cancelled.known && cancelled.v) {
			prose_add(t, " (cancelled ");
			add_bytes(t, cancelled.v, s->raw);
			prose_add(t, ")");
		}
	} else {
		prose_add(t, "not all of it was completed below");
	}
}

static void shrink_read(struct prose *t, const struct subject *s, enum layer layer)
{
	if (layer != LAYER_CACHE) {
		prose_add(t, "not all of it had to be read below");
		return;
	}
	prose_add(t, "answered from the page cache");
	if (s->row->cache.hit.known) {
		prose_add(t, " (hit ");
		add_bytes(t, s->row->cache.hit.v, s->raw);
		prose_add(t, ")");
	}
}

/* The step that adds most, else the step that absorbs most, else NULL. */
static const struct chain_step *find_step(const struct amplification *amp)
{
	const struct chain_step *most = NULL, *least = NULL;

	for (size_t i = 0; i < amp->steps; i++) {
		const struct chain_step *step = &amp->chain[i];

		if (!step->known)
			continue;
		if (!most || step->factor > most->factor)
			most = step;
		if (!least || step->factor < least->factor)
			least = step;
	}
	if (most && most->factor >= 1 + NOTICEABLE)
		return most;
	return least && least->factor < 1 - NOTICEABLE ? least : NULL;
}

/* Do figures of the row show that this layer added bytes? */
static bool has_evidence(const struct subject *s, enum layer layer)
{
	if (layer == LAYER_CACHE)
		return is_small(s->op == OP_READ ? &s->row->app.read : &s->row->app.write);
	return layer == LAYER_FILESYSTEM;
}

/* A step across unavailable layers may have causes in each of them: names them all. */
static void add_causes(struct prose *t, const struct subject *s, enum layer from, enum layer to)
{
	bool any = false;

	for (enum layer l = from + 1; l <= to; l++) {
		if (l != to && !has_evidence(s, l))
			continue;
		if (any)
			prose_add(t, "; ");
		add_growth(t, s, l);
		any = true;
	}
}

static void add_step(struct prose *t, const struct subject *s, const struct chain_step *step)
{
	bool absorbed = step->factor < 1;
	char factor[UNITS_MAX];

	units_factor(factor, step->factor);
	prose_add(t, "%s: %s -> %s %s: ", absorbed ? "Absorbed most" : "Largest step",
		  names_layer(step->from), names_layer(step->to), factor);
	if (!absorbed)
		add_causes(t, s, step->from, step->to);
	else if (s->op == OP_READ)
		shrink_read(t, s, step->from == LAYER_APPLICATION ? LAYER_CACHE : step->to);
	else
		shrink_write(t, s, step->to);
	prose_add(t, ".");
}

void explain_words(struct prose *t, const struct row *row,
		   const struct layer_state layers[LAYER_MAX], enum op op, bool raw)
{
	const struct subject s = { row, layers, op, raw };
	struct maybe app = amp_stage(row, layers, LAYER_APPLICATION, op);
	struct maybe device = amp_stage(row, layers, LAYER_DEVICE, op);
	const char *what = op == OP_READ ? "Read" : "Write";
	const struct chain_step *step;
	struct amplification amp;
	char factor[UNITS_MAX];

	amp_compute(row, layers, op, &amp);
	step = find_step(&amp);
	if (app.known && !app.v && device.v)
		prose_add(t, "%ss reached the device with no application %s behind them (bg).", what,
			 op == OP_READ ? "read" : "write");
	if (amp.has_bytes) {
		units_factor(factor, amp.bytes);
		prose_add(t, "%s amplification %s: %s. ", what, factor,
			 amp_band(amp.bytes));
	}
	if (step)
		add_step(t, &s, step);
	else if (amp.has_bytes)
		prose_add(t, "No step adds bytes.");
}

void explain_chain(struct prose *t, const struct row *row, const struct layer_state layers[LAYER_MAX],
		 enum op op, bool raw)
{
	struct amplification amp;
	char out[UNITS_MAX];
	size_t steps = 0;

	amp_compute(row, layers, op, &amp);
	prose_add(t, "%s:", op == OP_READ ? "read" : "write");
	for (enum layer l = 0; l < LAYER_MAX; l++) {
		struct maybe stage = amp_stage(row, layers, l, op);
		const struct chain_step *step;

		if (!stage.known)
			continue;
		units_bytes(out, stage.v, raw);
		prose_add(t, "%s %s %s", steps ? " ->" : "", names_layer(l), out);
		if (!steps++)
			continue;
		step = &amp.chain[steps - 2];
		strcpy(out, "-");
		if (step->known)
			units_factor(out, step->factor);
		prose_add(t, " (%s)", out);
	}
}
