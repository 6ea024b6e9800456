/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kfields - the structure members that the program text uses, as a list. */
#include "types/kfields.h"

#include <string.h>

const struct kfield kfields[] = {
#define FIELD(type, member) { #type, #member, #type "." #member, false },
#define OPT(type, member) { #type, #member, #type "." #member, true },
#include "probes/fields.h"
#undef FIELD
#undef OPT
};

const int kfields_count = (int)(sizeof(kfields) / sizeof(kfields[0]));

const char *kfields_tag(const char *type)
{
	const char *space = strrchr(type, ' ');

	return space ? space + 1 : type;
}
