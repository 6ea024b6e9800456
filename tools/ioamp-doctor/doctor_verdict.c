/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_verdict - verdicts of layers, and how many of each there are. Pure. */
#include "tools/ioamp-doctor/doctor.h"

enum verdict doctor_layer_verdict(const struct plan *p, enum layer layer)
{
	const struct layer_state *s = &p->layers[layer];

	/* the machine is not the reason when the user left the layer out */
	if (s->code == REASON_NOT_ASKED)
		return VERDICT_INFO;
	return s->available && !s->reason ? VERDICT_OK : VERDICT_LIMIT;
}

size_t doctor_count(const struct diagnosis *d, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < d->checks.n; i++)
		n += d->checks.v[i].verdict == verdict;
	for (int i = 0; d->plan.made && i < LAYER_MAX; i++)
		n += doctor_layer_verdict(&d->plan, (enum layer)i) == verdict;
	return n;
}

int doctor_status(const struct diagnosis *d)
{
	return doctor_count(d, VERDICT_MISSING) ? 3 : 0;
}
