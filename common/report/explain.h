/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain - sentences about an amplification: how high it is, which step is the largest, and which
 * figures of the row explain it. Pure.
 */
#ifndef IOAMP_EXPLAIN_H
#define IOAMP_EXPLAIN_H

#include "ledger/row.h"
#include "report/prose.h"

/* Adds nothing for a row without I/O of that op. */
void explain_words(struct prose *t, const struct row *row,
		   const struct layer_state layers[LAYER_MAX], enum op op, bool raw);

/*
 * "write: application 1.0M -> cache 2.0M (2.00x) -> ...", the bytes of each stage and the factor
 * of each step.
 */
void explain_chain(struct prose *t, const struct row *row, const struct layer_state layers[LAYER_MAX],
		 enum op op, bool raw);

#endif
