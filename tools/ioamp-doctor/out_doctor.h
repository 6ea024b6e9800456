/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_doctor - a diagnosis as text and as JSON, and which writers ioamp-doctor has. */
#ifndef IOAMP_OUT_DOCTOR_H
#define IOAMP_OUT_DOCTOR_H

#include "report/out.h"
#include "tool/options.h"
#include "tool/writer.h"
#include "tools/ioamp-doctor/doctor.h"
#include "tools/ioamp-doctor/out_systems.h"
#include "tools/ioamp-doctor/selftest.h"

/* As in out.h: 0 or -errno of the stream. With `quiet`, only what is wrong. */
int out_doctor_text(FILE *f, const struct diagnosis *d, bool quiet, bool probes,
		    const struct out_style *style);
int out_doctor_json(FILE *f, const struct diagnosis *d);

/* The three reports of ioamp-doctor in one format. */
struct doctor_writer {
	struct writer writer;	/* its name; first, so that a list of writers can hold it */
	int (*diagnosis)(FILE *f, const struct options *o, const struct diagnosis *d);
	int (*selftest)(FILE *f, const struct options *o, const struct selftest *t);
	int (*systems)(FILE *f, const struct options *o, const struct systems_report *r);
};

/* The chosen one: ioamp-doctor has no other writers. */
static inline const struct doctor_writer *out_doctor_writer(const struct options *o)
{
	return (const struct doctor_writer *)o->writer;
}

#endif
