/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_snoop - the table that ends iosnoop-amp. */
#ifndef IOAMP_OUT_SNOOP_H
#define IOAMP_OUT_SNOOP_H

#include "report/out.h"

/* Operations of each system and layer with their amplification, then bytes. 0 or -errno of the stream. */
int out_snoop_table(FILE *f, const struct summary *s, const struct out_style *style);

#endif
