/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_folds - the systems whose roles the screen does not show. */
#include "tools/ioamp-top/top_folds.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* The place of a system; f->n: it is not folded. */
static size_t place_of(const struct top_folds *f, const char *system)
{
	size_t i = 0;

	while (i < f->n && strcmp(f->v[i], system))
		i++;
	return i;
}

bool top_folds_has(const struct top_folds *f, const char *system)
{
	return place_of(f, system) < f->n;
}

static void add(struct top_folds *f, const char *system)
{
	char *name = strdup(system), **v = name ? grow_by_one(f->v, f->n, sizeof(*v)) : NULL;

	if (!v) {
		free(name);
		return;
	}
	f->v = v;
	v[f->n++] = name;
}

void top_folds_set(struct top_folds *f, const char *system, bool fold)
{
	size_t i = place_of(f, system);

	if (fold && i == f->n) {
		add(f, system);
	} else if (!fold && i < f->n) {
		free(f->v[i]);
		f->v[i] = f->v[--f->n];
	}
}

void top_folds_free(struct top_folds *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i]);
	free(f->v);
	memset(f, 0, sizeof(*f));
}
