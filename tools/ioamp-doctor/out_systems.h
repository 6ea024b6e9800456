/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_systems - the writers of ioamp-doctor --systems: processes and the evidence for their systems. */
#ifndef IOAMP_OUT_SYSTEMS_H
#define IOAMP_OUT_SYSTEMS_H

#include "report/out.h"
#include "systems/systems.h"

/* A system that some evidence speaks for. */
struct systems_candidate {
	const struct rule_system *system;
	struct points points;	/* the values point into `ev` of the row */
};

struct systems_row {
	struct evidence *ev;
	struct system_place place;
	struct systems_candidate *v;	/* most points first */
	size_t n;
};

struct systems_report {
	const char *version;
	size_t nr_systems;	/* in all rule files */
	bool verbose;		/* with `docs` and `frontdoor` of each system, in text */
	const struct systems_row *rows;
	size_t n;
};

/* As in out.h: 0 or -errno of the stream. With `quiet`, no evidence. */
int out_systems_text(FILE *f, const struct systems_report *r, bool quiet, const struct out_style *style);
int out_systems_json(FILE *f, const struct systems_report *r);

#endif
