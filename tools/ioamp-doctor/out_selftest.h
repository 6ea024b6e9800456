/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_selftest - the writers of a self-test: its figures as a table and as JSON. */
#ifndef IOAMP_OUT_SELFTEST_H
#define IOAMP_OUT_SELFTEST_H

#include "report/out.h"
#include "tools/ioamp-doctor/selftest.h"

/* 0 or -errno of the stream. With `quiet`, mismatches alone. */
int out_selftest_text(FILE *f, const struct selftest *t, bool quiet, const struct out_style *style);
int out_selftest_json(FILE *f, const struct selftest *t);

#endif
