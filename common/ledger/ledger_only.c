/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_only - which counters belong to the part that was asked for. */
#include "ledger/ledger_only.h"

#include <string.h>

#include "ledger/ledger_input.h"
#include "ledger/row_id.h"

static bool only_name(const char *want, const char *name)
{
	return !want || row_id_same_name(want, name);
}

/* A part that is one whole disk also has the bytes that no program owns. */
static bool disk_alone(const struct ledger_only *o)
{
	return o->disk && !o->process && !o->system && !o->instance && !o->cgroup && !o->container &&
	       !o->role && !o->file && !o->no_role && !o->no_file && !o->no_instance && !o->no_container;
}

bool ledger_only_has(const struct ledger_input *in, __u32 actor, __u32 file)
{
	const struct ledger_only *o = in->only;
	const struct ledger_actor *who;
	const struct ledger_file *f;
	const char *role;

	if (!o)
		return true;
	if (ledger_input_kind(in, actor, &who) != ROW_OWNER)
		return disk_alone(o);
	if ((o->process && o->process != who->process) || !only_name(o->system, ledger_input_system(who)) ||
	    !only_name(o->instance, who->instance) || !only_name(o->cgroup, who->cgroup) ||
	    !only_name(o->container, who->container) || (o->no_instance && who->instance) ||
	    (o->no_container && who->container))
		return false;
	role = o->role || o->no_role ? ledger_input_role(in, who, file) : NULL;
	if (o->no_role ? !!role : !only_name(o->role, ledger_input_role_name(role)))
		return false;
	if (!o->file && !o->no_file)
		return true;
	f = ledger_file_find(in, file);
	return o->no_file ? !f : f && f->first == o->file;
}

bool ledger_only_has_disk(const struct ledger_input *in, const struct ledger_disk *d)
{
	return !in->only || !in->only->disk || (d && !strcmp(d->disk->name, in->only->disk));
}
