/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row_id - the key of a row. */
#include "ledger/row_id.h"

#include <string.h>

bool row_id_same_name(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static uint64_t hash_name(uint64_t h, const char *name)
{
	/* FNV-1a over the bytes and the end of the name */
	for (const char *p = name; p && *p; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3;
	return (h ^ (name ? 0x100 : 0x101)) * 0x100000001b3;
}

uint64_t row_id_hash(const struct row_id *id)
{
	uint64_t h = 0xcbf29ce484222325 ^ (id->number * 0x9e3779b97f4a7c15) ^ id->kind;

	h = hash_name(hash_name(hash_name(h, id->name[0]), id->name[1]), id->name[2]);
	return h ^ h >> 32;
}

bool row_id_same(const struct row_id *a, const struct row_id *b)
{
	return a->kind == b->kind && a->number == b->number && row_id_same_name(a->name[0], b->name[0]) &&
	       row_id_same_name(a->name[1], b->name[1]) && row_id_same_name(a->name[2], b->name[2]);
}
