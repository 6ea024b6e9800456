/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_input - finds actors, files, disks and roles in the input of the ledger. */
#include "ledger/ledger_input.h"

#include <stdlib.h>
#include <string.h>

static int actor_order(const void *key, const void *actor)
{
	__u32 a = *(const __u32 *)key, b = ((const struct ledger_actor *)actor)->id;

	return a < b ? -1 : a > b;
}

const struct ledger_actor *ledger_actors_find(const struct ledger_actor *v, size_t n, __u32 id)
{
	return n ? bsearch(&id, v, n, sizeof(*v), actor_order) : NULL;
}

const struct ledger_actor *ledger_actor_find(const struct ledger_input *in, __u32 id)
{
	return ledger_actors_find(in->actors, in->nr_actors, id);
}

static int file_order(const void *key, const void *file)
{
	__u32 a = *(const __u32 *)key, b = ((const struct ledger_file *)file)->id;

	return a < b ? -1 : a > b;
}

const struct ledger_file *ledger_file_find(const struct ledger_input *in, __u32 id)
{
	const struct ledger_file *f = in->nr_files ?
		bsearch(&id, in->files, in->nr_files, sizeof(*in->files), file_order) : NULL;

	return f && f->first < id ? ledger_file_find(in, f->first) : f;
}

int ledger_role_compare(const void *a, const void *b)
{
	const struct ledger_role *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return strcmp(x->system, y->system);
}

enum row_kind ledger_input_kind(const struct ledger_input *in, __u32 actor,
				const struct ledger_actor **who)
{
	const struct ledger_actor *a;

	*who = NULL;
	switch (actor) {
	case ACTOR_SELF:
		return ROW_SELF;
	case ACTOR_BACKGROUND:
		return ROW_BACKGROUND;
	case ACTOR_OUTSIDE:
		return ROW_OUTSIDE;
	case ACTOR_NONE:
	case ACTOR_UNATTRIBUTED:
	case ACTOR_PENDING:
		return ROW_UNATTRIBUTED;
	}
	a = ledger_actor_find(in, actor);
	if (!a)
		return ROW_UNATTRIBUTED;
	if (!a->target)
		return ROW_OUTSIDE;
	*who = a;
	return ROW_OWNER;
}

const struct ledger_disk *ledger_input_disk(const struct ledger_input *in, __u32 dev)
{
	for (size_t i = 0; i < in->nr_disks; i++)
		if (in->disks[i].disk->dev == dev)
			return &in->disks[i];
	return NULL;
}

const char *ledger_input_role(const struct ledger_input *in, const struct ledger_actor *who,
			      __u32 file)
{
	const struct ledger_file *f = file && in->nr_roles && who->system ?
		ledger_file_find(in, file) : NULL;
	const struct ledger_role key = { who->system, f ? f->id : 0, NULL };
	const struct ledger_role *found = f ?
		bsearch(&key, in->roles, in->nr_roles, sizeof(*in->roles), ledger_role_compare) : NULL;

	return found ? found->role : who->role;
}

const char *ledger_input_system(const struct ledger_actor *who)
{
	return who->system ? who->system : "other";
}

const char *ledger_input_role_name(const char *role)
{
	return role ? role : "other";
}

void ledger_actor_names(const struct ledger_actor *who, enum row_by by, const char *role,
			struct row_names *out)
{
	switch (by) {
	case BY_PROCESS:
		out->has_pid = true;
		out->pid = who->tgid;
		out->comm = who->comm;
		out->cgroup = who->cgroup;
		out->container = who->container;
		__attribute__((fallthrough));
	case BY_ROLE:
		out->role = role;
		__attribute__((fallthrough));
	case BY_SYSTEM:
		out->system = ledger_input_system(who);
		out->instance = who->instance;
		break;
	case BY_CGROUP:
		out->cgroup = who->cgroup;
		__attribute__((fallthrough));
	case BY_CONTAINER:	/* no cgroup: a container may have several */
		out->container = who->container;
		break;
	case BY_FILE:
	case BY_DEVICE:
	case BY_TOTAL:
		break;
	}
}
