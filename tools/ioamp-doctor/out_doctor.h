/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_doctor - the writers of ioamp-doctor: a diagnosis or a self-test, as text or JSON. */
#ifndef IOAMP_OUT_DOCTOR_H
#define IOAMP_OUT_DOCTOR_H

#include "tools/ioamp-doctor/doctor.h"
#include "report/out.h"
#include "tools/ioamp-doctor/selftest.h"

/* As in out.h: 0 or -errno of the stream. With `quiet`, only what is wrong. */
int out_doctor_text(FILE *f, const struct diagnosis *d, bool quiet, bool probes,
		    const struct out_style *style);
int out_doctor_json(FILE *f, const struct diagnosis *d);
int out_selftest_text(FILE *f, const struct selftest *t, bool quiet, const struct out_style *style);
int out_selftest_json(FILE *f, const struct selftest *t);

#endif
