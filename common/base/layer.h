/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layer - whether a layer can be observed on this machine, how, and why not. */
#ifndef IOAMP_LAYER_H
#define IOAMP_LAYER_H

#include <stdbool.h>

/* Why a layer, or a probe, is unavailable: what programs decide by; the words beside it are for people. */
enum reason {
	REASON_NONE,		/* it is available, perhaps in part */
	REASON_NOT_ASKED,	/* the request has other layers */
	REASON_NOT_NEEDED,	/* the request has no option that needs this probe */
	REASON_OTHER_KIND,	/* the request allows none of its kinds of hook */
	REASON_REFUSED,		/* the kernel has no such hook, or refuses the program */
	REASON_SILENT,		/* attached, but its probe did not fire where its neighbour did */
};

#define LAYER_REASON 256	/* room for a reason in words; a longer one is cut */

struct layer_state {
	bool available;
	const char *via;	/* "tp_btf", ...; NULL when unavailable */
	const char *reason;	/* why it is unavailable or partial; NULL when whole */
	enum reason code;	/* the same for programs */
};

#endif
