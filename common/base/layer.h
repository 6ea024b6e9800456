/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layer - what is known of a layer on this machine. */
#ifndef IOAMP_LAYER_H
#define IOAMP_LAYER_H

#include <stdbool.h>

struct layer_state {
	bool available;
	const char *via;	/* "tp_btf", ...; NULL when unavailable */
	const char *reason;	/* why it is unavailable or partial; NULL when whole */
};

#endif
