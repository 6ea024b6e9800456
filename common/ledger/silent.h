/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * silent - probes that are attached and never run, told by their neighbours: attached is not seen,
 * for the kernel may do the work in another function. Pure.
 */
#ifndef IOAMP_SILENT_H
#define IOAMP_SILENT_H

#include <stdint.h>

#include "base/layer.h"
#include "ledger/counts.h"

struct silent_input {
	const struct counts *window, *ever;	/* counters of all actors: in the window; since probes were attached */
	uint64_t dirty_runs;	/* of the probe `dirty`, since it was attached */
	uint64_t disk_bytes;	/* that the kernel counted on disks that take requests */
};

/*
 * Makes the layers unavailable whose probe did not fire, though a probe of another layer saw what it
 * should have seen. Returns why the figures are incomplete then, else NULL.
 */
const char *silent_layers(const struct silent_input *in, struct layer_state layers[LAYER_MAX]);

#endif
