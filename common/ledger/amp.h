/* SPDX-License-Identifier: GPL-3.0-or-later */
/* amp - amplification of a row, and the bytes of each layer that it is made of. Pure. */
#ifndef IOAMP_AMP_H
#define IOAMP_AMP_H

#include "ledger/row.h"

/* One step of the chain. Between `from` and `to` are only layers that are unavailable, or vfs. */
struct chain_step {
	enum layer from, to;
	double factor;
	bool known;
};

struct amplification {
	double bytes, ops;
	bool has_bytes, has_ops;
	struct chain_step chain[LAYER_MAX];
	size_t steps;
};

/*
 * Amplification of one row by iolayers(7); op is OP_READ or OP_WRITE. The chain leaves out a layer
 * that is unavailable. Factors behind a stage of 0 bytes are unknown.
 */
void amp_compute(const struct row *row, const struct layer_state layers[LAYER_MAX],
			   enum op op, struct amplification *out);

/*
 * Bytes of one stage of the chain: application, cache, filesystem, block or device. Unknown for
 * vfs, and for a layer that is unavailable in `layers` or in row->absent.
 */
struct maybe amp_stage(const struct row *row, const struct layer_state layers[LAYER_MAX],
				 enum layer layer, enum op op);

/* I/O of a row at one layer; unknown where the layer is unavailable in `layers` or row->absent. */
struct layer_io {
	struct maybe read, read_ops, write, write_ops;
	struct maybe sync;	/* at block and device: flushes */
};
struct layer_io amp_layer_io(const struct row *row, const struct layer_state layers[LAYER_MAX],
			     enum layer layer);

/* "perfect" (<= 1), "very good" (< 2), "good" (<= 3), "fair" (< 5), "moderate" (<= 10), "high". */
const char *amp_band(double factor);

#endif
