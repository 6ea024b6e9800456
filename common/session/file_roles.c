/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_roles - the role that a file plays in the system that uses it, found by its path. */
#include "session/file_roles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/file_path.h"
#include "systems/classify.h"

#define CACHE_SLOTS	8192	/* a power of two; a collision costs another look at the rules */

/* A file's role in a system, remembered by the ledger's id and name. */
struct file_role {
	const struct rule_system *system;
	uint32_t file;
	uint64_t name;		/* hash of it: it may change */
	const char *role;
};

int file_roles_open(struct file_roles *fr)
{
	fr->cache = calloc(CACHE_SLOTS, sizeof(*fr->cache));
	return fr->cache ? 0 : -ENOMEM;
}

void file_roles_close(struct file_roles *fr)
{
	free(fr->cache);
	free(fr->v);
}

static uint64_t hash_of(const char *name)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3;
	return h;
}

static const char *role_of_path(const struct rule_system *system, const char *path)
{
	char *plain = strndup(path, file_path_length(path));
	const struct rule_role *role = plain ? classify_file(system, plain) : NULL;

	free(plain);
	return role ? role->name : NULL;
}

const char *file_roles_of_path(const struct rules *rules, const char *system, const char *path)
{
	const struct rule_system *rule = system ? rules_find(rules, system) : NULL;

	return rule ? role_of_path(rule, path) : NULL;
}

static const char *role_of_file(struct file_roles *fr, const struct rule_system *system,
				const struct ledger_file *file)
{
	uint64_t name = hash_of(file->name);
	struct file_role *r = &fr->cache[(file->id * 31 + (uintptr_t)system / sizeof(*system)) &
					 (CACHE_SLOTS - 1)];

	if (!system)
		return NULL;
	if (r->system != system || r->file != file->id || r->name != name)
		*r = (struct file_role){ system, file->id, name, role_of_path(system, file->name) };
	return r->role;
}

/* Adds a file and the system that used it, without the role: the pair may be there several times. */
static void add_use(struct file_roles *fr, const struct ledger_input *in, __u32 actor, __u32 file)
{
	const struct ledger_actor *who = file ? ledger_actor_find(in, actor) : NULL;
	const struct ledger_file *f = who && who->system ? ledger_file_find(in, file) : NULL;

	if (f)
		fr->v[fr->n++] = (struct ledger_role){ who->system, f->id, NULL };
}

int file_roles_list(struct file_roles *fr, const struct rules *rules, const struct ledger_input *in,
		    const struct ledger_lines *lines)
{
	size_t n = lines->n + in->nr_pending, w = 0;
	struct ledger_role *v = realloc(fr->v, (n ? n : 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	fr->v = v;
	fr->n = 0;
	for (size_t i = 0; i < lines->n; i++)
		add_use(fr, in, lines->v[i].key.actor, lines->v[i].key.file);
	for (size_t i = 0; i < in->nr_pending; i++)
		add_use(fr, in, in->pending[i].actor, in->pending[i].file);
	if (fr->n)
		qsort(v, fr->n, sizeof(*v), ledger_role_compare);
	for (size_t i = 0; i < fr->n; i++) {
		if (i && !ledger_role_compare(&v[i - 1], &v[i]))
			continue;
		v[i].role = role_of_file(fr, rules_find(rules, v[i].system), ledger_file_find(in, v[i].file));
	}
	for (size_t i = 0; i < fr->n; i++)
		if (v[i].role)
			v[w++] = v[i];
	fr->n = w;
	return 0;
}
