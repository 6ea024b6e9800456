/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_systems - ioamp-doctor --systems and --lint. */
#ifndef IOAMP_DOCTOR_SYSTEMS_H
#define IOAMP_DOCTOR_SYSTEMS_H

#include "tool/options.h"

/* Both: 0 with the exit status of the process, or -errno of the stream. */
int doctor_systems(FILE *out, const struct options *o, int *status);
int doctor_systems_lint(FILE *out, const struct options *o, int *status);

#endif
