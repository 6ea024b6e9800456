/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words - one sentence that says how high an amplification is, which step is
 * the largest, and what evidence in the row explains it. Pure.
 */
#ifndef IOAMP_WORDS_H
#define IOAMP_WORDS_H

#include "ledger/row.h"
#include "report/prose.h"

/* Adds nothing where the row has no I/O of that op to speak of. */
void words_explain(struct prose *t, const struct row *row,
		   const struct layer_state layers[LAYER_MAX], enum op op, bool raw);

/*
 * "write: application 1.0M -> cache 2.0M (2.00x) -> ...", the bytes of each stage and the factor
 * of each step.
 */
void words_chain(struct prose *t, const struct row *row, const struct layer_state layers[LAYER_MAX],
		 enum op op, bool raw);

#endif
