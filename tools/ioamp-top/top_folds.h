/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_folds - the systems whose roles the screen does not show. */
#ifndef IOAMP_TOP_FOLDS_H
#define IOAMP_TOP_FOLDS_H

#include <stdbool.h>
#include <stddef.h>

/* Owns the names. Zero-initialise. */
struct top_folds {
	char **v;
	size_t n;
};

bool top_folds_has(const struct top_folds *f, const char *system);
/* Without memory nothing changes. */
void top_folds_set(struct top_folds *f, const char *system, bool fold);
void top_folds_free(struct top_folds *f);

#endif
