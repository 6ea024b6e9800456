/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_wish - the options that only ioamp-top has. */
#ifndef IOAMP_TOP_WISH_H
#define IOAMP_TOP_WISH_H

#include <stdbool.h>

struct top_wish {
	const char *sort;	/* name of a column, NULL: default */
	unsigned int maxrows;	/* 0: default */
	bool noclear, ascii, no_mouse;
};

#endif
