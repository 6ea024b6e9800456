/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kfields - the structure members that the program text uses, from probes/fields.h. */
#ifndef IOAMP_KFIELDS_H
#define IOAMP_KFIELDS_H

#include <stdbool.h>

struct kfield {
	const char *type;	/* "struct bio" */
	const char *member;	/* "bi_iter.bi_sector" */
	const char *label;	/* both, with a dot */
	bool optional;		/* not in every kernel */
};

extern const struct kfield kfields[];
extern const int kfields_count;

/* The tag of a type: "bio" for "struct bio". */
const char *kfields_tag(const char *type);

#endif
