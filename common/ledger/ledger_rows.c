/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_rows - finds or adds the row of an actor, file or disk, and names it. */
#include "ledger/ledger_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_input.h"

/* The slot of the id, or the free slot for it. */
static size_t slot_of(const struct ledger_rows *b, const struct row_id *id)
{
	size_t i = row_id_hash(id) & (b->nr_slots - 1);

	while (b->slots[i] && !row_id_same(&b->ids[b->slots[i] - 1], id))
		i = (i + 1) & (b->nr_slots - 1);
	return i;
}

/* Doubles the rows. There are twice as many slots, so that searches stay short. */
static int book_grow(struct ledger_rows *b)
{
	size_t cap = b->cap ? b->cap * 2 : 64;
	struct row *rows = realloc(b->out->rows, cap * sizeof(*rows));
	struct row_id *ids;
	size_t *slots;

	if (!rows)
		return -ENOMEM;
	b->out->rows = rows;
	ids = realloc(b->ids, cap * sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	b->ids = ids;
	slots = calloc(cap * 2, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(b->slots);
	b->slots = slots;
	b->nr_slots = cap * 2;
	b->cap = cap;
	for (size_t i = 0; i < b->out->nr_rows; i++)
		slots[slot_of(b, &ids[i])] = i + 1;
	return 0;
}

/* The row of an id; *fresh: the row is new and needs its names. */
static int row_get(struct ledger_rows *b, const struct row_id *id, struct row **out, bool *fresh)
{
	struct ledger *l = b->out;
	size_t slot;

	if (l->nr_rows == b->cap && book_grow(b))
		return -ENOMEM;
	slot = slot_of(b, id);
	*fresh = !b->slots[slot];
	if (*fresh) {
		b->ids[l->nr_rows] = *id;
		*out = &l->rows[l->nr_rows];
		memset(*out, 0, sizeof(**out));
		(*out)->by = b->in->by;
		(*out)->kind = id->kind;
		b->slots[slot] = ++l->nr_rows;
	}
	*out = &l->rows[b->slots[slot] - 1];
	return 0;
}

/* Names of a new row. */
static void name_row(struct row *r, const struct ledger_actor *who, const struct row_id *id,
		     const struct ledger_input *in)
{
	const struct ledger_file *file = r->by == BY_FILE ? ledger_file_find(in, (__u32)id->number) : NULL;
	const struct ledger_actor *process = ledger_actor_find(in, who->process);
	const char *role = NULL;

	if (r->by == BY_PROCESS) {
		r->id = who->process;
		role = process ? process->role : NULL;	/* not the role of a thread */
	} else if (r->by == BY_ROLE && who->system) {
		role = ledger_input_role_name(id->name[1]);
	} else if (file) {
		r->file = file->name;
		r->id = file->first;
	}
	ledger_actor_names(who, r->by, role, &r->names);
}

/* A file or group that several systems use names none of them. */
static void join_system(struct row *r, const char *system, bool fresh)
{
	if (r->by != BY_CGROUP && r->by != BY_CONTAINER && r->by != BY_FILE)
		return;
	if (fresh)
		r->system = system;
	else if (r->system && !row_id_same_name(r->system, system))
		r->system = NULL;
}

int ledger_rows_of(struct ledger_rows *b, __u32 actor, __u32 file, struct row **out)
{
	const struct ledger_file *f;
	const struct ledger_actor *who;
	struct row_id id = { .kind = ledger_input_kind(b->in, actor, &who) };
	bool fresh;
	int err;

	if (id.kind == ROW_OWNER) {
		switch (b->in->by) {
		case BY_CGROUP:
			id.name[0] = who->cgroup;
			break;
		case BY_CONTAINER:
			id.name[0] = who->container;
			break;
		case BY_ROLE:
			id.name[1] = ledger_input_role(b->in, who, file);
			/* fall through */
		case BY_SYSTEM:
			id.name[0] = ledger_input_system(who);
			id.name[2] = who->instance;
			break;
		case BY_FILE:
			f = ledger_file_find(b->in, file);
			id.number = f ? f->id : 0;
			break;
		default:
			id.number = who->process;
		}
	}
	err = row_get(b, &id, out, &fresh);
	if (!err && fresh && who)
		name_row(*out, who, &id, b->in);
	if (!err && who)
		join_system(*out, ledger_input_system(who), fresh);
	return err;
}

int ledger_rows_of_disk(struct ledger_rows *b, const struct ledger_disk *d, struct row **out)
{
	struct row_id id = { .number = d->disk->dev };
	bool fresh;
	int err = row_get(b, &id, out, &fresh);

	if (err || !fresh)
		return err;
	(*out)->disk = d->disk->name;
	/* only leaves that are devices have the layer `device` */
	(*out)->absent = LEDGER_ROWS_ABOVE_DISKS;
	if (!d->disk->leaf || d->disk->memory)
		(*out)->absent |= 1u << LAYER_DEVICE;
	return 0;
}

void ledger_rows_free(struct ledger_rows *b)
{
	free(b->ids);
	free(b->slots);
}
