/* SPDX-License-Identifier: GPL-3.0-or-later */
/* amp - amplification of a row, and the bytes of each layer that it is made of. Pure. */
#ifndef IOAMP_AMP_H
#define IOAMP_AMP_H

#include "ledger/row.h"

/* One step of the chain; `to` may skip stages that could not be seen. */
struct chain_step {
	const char *from, *to;
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
 * Amplification of one row (op is OP_READ or OP_WRITE) by product.md section 3
 * and iolayers(7). Pure. A layer that is unavailable in `layers` merges with
 * the next; a stage of 0 ends the chain.
 */
void amplification_compute(const struct row *row, const struct layer_state layers[LAYER_MAX],
			   enum op op, struct amplification *out);

/*
 * Bytes of one stage of the chain (application, cache, filesystem, block,
 * device); unknown for vfs and for what `layers` or row->absent cannot show.
 */
struct maybe amplification_stage(const struct row *row, const struct layer_state layers[LAYER_MAX],
				 enum layer layer, enum op op);

/* What a row did at one layer; unknown is what `layers` or row->absent cannot show. */
struct layer_io {
	struct maybe read, read_ops, write, write_ops;
	struct maybe sync;	/* of application and vfs; flushes of block and device */
};
struct layer_io row_layer_io(const struct row *row, const struct layer_state layers[LAYER_MAX],
			     enum layer layer);

/* "perfect" (<= 1), "very good" (< 2), "good" (<= 3), "fair" (< 5), "moderate" (<= 10), "high". */
const char *amplification_band(double factor);

#endif
