/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_rows - lines with one owner each to rows, totals and disks. */
#include "ledger/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/row_id.h"

struct book {
	const struct ledger_input *in;
	struct ledger *out;
	size_t cap;
	struct row_id *ids;	/* of each row */
	size_t *slots;		/* hash of ids: row + 1, 0 free; a power of two of them */
	size_t nr_slots;
};

static void io_add(struct io *io, __u64 ops, __u64 bytes)
{
	io->ops += ops;
	io->bytes += bytes;
}

static enum row_kind kind_of(const struct ledger_input *in, __u32 actor,
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

static const struct ledger_disk *disk_of(const struct ledger_input *in, __u32 dev)
{
	for (size_t i = 0; i < in->nr_disks; i++)
		if (in->disks[i].disk->dev == dev)
			return &in->disks[i];
	return NULL;
}

/* The slot that has the id, or the free one where it belongs. */
static size_t slot_of(const struct book *b, const struct row_id *id)
{
	size_t i = row_id_hash(id) & (b->nr_slots - 1);

	while (b->slots[i] && !row_id_same(&b->ids[b->slots[i] - 1], id))
		i = (i + 1) & (b->nr_slots - 1);
	return i;
}

/* Room for twice as many rows; the slots are twice the rows, so that searches stay short. */
static int book_grow(struct book *b)
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

/* The row of an id; *fresh: it is new, all zero, and waits for its names. */
static int row_get(struct book *b, const struct row_id *id, struct row **out, bool *fresh)
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

/* The role of the file, if its system gives it one; else that of the process or thread. */
static const char *role_of(const struct ledger_input *in, const struct ledger_actor *who, __u32 file)
{
	const struct ledger_file *f = file && in->nr_roles && who->system ?
		ledger_file_find(in, file) : NULL;
	const struct ledger_role key = { who->system, f ? f->id : 0, NULL };
	const struct ledger_role *found = f ?
		bsearch(&key, in->roles, in->nr_roles, sizeof(*in->roles), ledger_role_compare) : NULL;

	return found ? found->role : who->role;
}

static const char *system_of(const struct ledger_actor *who)
{
	return who->system ? who->system : "other";
}

/* As a row shows it: what has none is a part, too. */
static const char *role_name(const char *role)
{
	return role ? role : "other";
}

/* Names of a new row. */
static void name_row(struct row *r, const struct ledger_actor *who, const struct row_id *id,
		     const struct ledger_input *in)
{
	const struct ledger_actor *first;
	const struct ledger_file *file;

	switch (r->by) {
	case BY_PROCESS:
		r->has_pid = true;
		r->id = who->process;
		r->pid = who->tgid;
		r->comm = who->comm;
		r->system = system_of(who);
		r->instance = who->instance;
		first = ledger_actor_find(in, who->process);
		r->role = first ? first->role : NULL;	/* its threads' are their own */
		r->cgroup = who->cgroup;
		r->container = who->container;
		break;
	case BY_CGROUP:
		r->cgroup = who->cgroup;
		r->container = who->container;
		break;
	case BY_CONTAINER:	/* it may have several groups */
		r->container = who->container;
		break;
	case BY_SYSTEM:
	case BY_ROLE:
		r->system = id->name[0];
		r->role = r->by == BY_ROLE && who->system ? role_name(id->name[1]) : NULL;
		r->instance = id->name[2];
		break;
	case BY_FILE:
		file = ledger_file_find(in, (__u32)id->number);
		r->file = file ? file->name : NULL;
		r->id = file ? file->first : 0;
		break;
	default:
		break;
	}
}

/* A row that is no process may have bytes of several systems: then it names none. */
static void join_system(struct row *r, const char *system, bool fresh)
{
	if (r->by != BY_CGROUP && r->by != BY_CONTAINER && r->by != BY_FILE)
		return;
	if (fresh)
		r->system = system;
	else if (r->system && !same_name(r->system, system))
		r->system = NULL;
}

/* The row of an owner's bytes of a file; the kinds that are no owners have one each. */
static int row_of(struct book *b, __u32 actor, __u32 file, struct row **out)
{
	const struct ledger_file *f;
	const struct ledger_actor *who;
	struct row_id id = { .kind = kind_of(b->in, actor, &who) };
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
			id.name[1] = role_of(b->in, who, file);
			/* fall through */
		case BY_SYSTEM:
			id.name[0] = system_of(who);
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
		join_system(*out, system_of(who), fresh);
	return err;
}

/* What programs asked for is not known by disk. */
#define ABOVE_DISKS (1u << LAYER_APPLICATION | 1u << LAYER_VFS | 1u << LAYER_CACHE)

static int row_of_disk(struct book *b, const struct ledger_disk *d, struct row **out)
{
	struct row_id id = { .number = d->disk->dev };
	bool fresh;
	int err = row_get(b, &id, out, &fresh);

	if (err || !fresh)
		return err;
	(*out)->disk = d->disk->name;
	/* stacked disks have no `device` */
	(*out)->absent = ABOVE_DISKS;
	if (!d->disk->leaf || d->disk->memory)
		(*out)->absent |= 1u << LAYER_DEVICE;
	return 0;
}

static bool only_name(const char *want, const char *name)
{
	return !want || same_name(want, name);
}

/* Of a disk alone: what no program owns is a part of it, too. */
static bool disk_alone(const struct ledger_only *o)
{
	return o->disk && !o->process && !o->system && !o->instance && !o->cgroup && !o->container &&
	       !o->role && !o->file && !o->no_role && !o->no_file && !o->no_instance && !o->no_container;
}

/* Is this of the part that in->only asks for? */
static bool wanted(const struct ledger_input *in, __u32 actor, __u32 file)
{
	const struct ledger_only *o = in->only;
	const struct ledger_actor *who;
	const struct ledger_file *f;
	const char *role;

	if (!o)
		return true;
	if (kind_of(in, actor, &who) != ROW_OWNER)
		return disk_alone(o);
	if ((o->process && o->process != who->process) || !only_name(o->system, system_of(who)) ||
	    !only_name(o->instance, who->instance) || !only_name(o->cgroup, who->cgroup) ||
	    !only_name(o->container, who->container) || (o->no_instance && who->instance) ||
	    (o->no_container && who->container))
		return false;
	role = o->role || o->no_role ? role_of(in, who, file) : NULL;
	if (o->no_role ? !!role : !only_name(o->role, role_name(role)))
		return false;
	if (!o->file && !o->no_file)
		return true;
	f = ledger_file_find(in, file);
	return o->no_file ? !f : f && f->first == o->file;
}

static void add_application(struct row *r, const struct agg_key *k, const struct agg_val *v)
{
	struct io *io = k->op == OP_READ ? &r->app.read : k->op == OP_WRITE ? &r->app.write :
			k->op == OP_SYNC ? &r->app.sync : NULL;
	/* a write that is a sync, too, is one call of its interface */
	bool again = k->op == OP_SYNC && k->flags & KEY_AGAIN;

	if (io) {
		io_add(io, v->ops, v->bytes);
		io->ns += v->ns;
	}
	if (k->cls < IFACE_MAX && !again)
		io_add(&r->app.iface[k->cls], v->ops, v->bytes);
	if (k->op == OP_READ && (k->flags & KEY_DIRECT))
		r->cache.bypassed += v->bytes;
}

static void add_vfs(struct row *r, const struct agg_key *k, const struct agg_val *v)
{
	io_add(k->op == OP_READ ? &r->vfs.read : k->op == OP_WRITE ? &r->vfs.write : &r->vfs.sync,
	       v->ops, v->bytes);
}

/* Origin bios are the file system's figures (by class) and the block layer's alike. */
static void add_block(struct row *r, const struct agg_key *k, const struct agg_val *v)
{
	__u8 cls = k->cls < CLASS_MAX ? k->cls : CLASS_OTHER;

	if (k->flags & KEY_BEFORE && k->op <= OP_WRITE)
		*(k->op == OP_READ ? &r->block.before_read : &r->block.before_write) += v->bytes;
	switch (k->op) {
	case OP_READ:
		io_add(&r->fs_read[cls], v->ops, v->bytes);
		io_add(&r->block.read, v->ops, v->bytes);
		break;
	case OP_WRITE:
		io_add(&r->fs_write[cls], v->ops, v->bytes);
		io_add(&r->block.write, v->ops, v->bytes);
		break;
	case OP_FLUSH:
		io_add(&r->block.flush, v->ops, 0);
		break;
	case OP_DISCARD:
	case OP_ZEROES:
		io_add(&r->block.discard, v->ops, v->bytes);
		break;
	}
}

static struct io *device_io(struct row *r, __u8 op)
{
	return op == OP_READ ? &r->device.read : op == OP_WRITE ? &r->device.write :
	       op == OP_FLUSH ? &r->device.flush : &r->device.discard;
}

static void add_device(struct row *r, const struct ledger_line *l, const struct ledger_disk *d)
{
	struct io *io = device_io(r, l->key.op);
	struct io *above = l->key.op == OP_READ ? &r->block.read :
			   l->key.op == OP_WRITE ? &r->block.write : NULL;

	/* the block layer's time ends with the disk the bio was queued on */
	if (above && !l->below)
		above->ns += l->val.ns + l->val.queue_ns;
	if (d && (!d->disk->leaf || d->disk->memory))
		return;
	io_add(io, l->val.ops, l->val.bytes);
	io->ns += l->val.ns;
	if (l->key.flags & KEY_BEFORE && l->key.op <= OP_WRITE) {
		r->device.before_bytes += l->val.bytes;
		*(l->key.op == OP_READ ? &r->device.before_read : &r->device.before_write) +=
			l->val.bytes;
	}
	if (l->key.op == OP_WRITE)
		r->device.write_class[l->key.cls < CLASS_MAX ? l->key.cls : CLASS_OTHER] +=
			l->val.bytes;
	if (l->shared && l->key.op == OP_WRITE)
		r->device.shared_bytes += l->val.bytes;
}

static void add_line(struct row *r, const struct ledger_line *l, const struct ledger_disk *d)
{
	switch (l->key.layer) {
	case LAYER_APPLICATION:
		add_application(r, &l->key, &l->val);
		break;
	case LAYER_VFS:
		add_vfs(r, &l->key, &l->val);
		break;
	case LAYER_CACHE:
		figures_post_cache(r, l->key.op, l->val.bytes);
		break;
	case LAYER_BLOCK:
		add_block(r, &l->key, &l->val);
		break;
	case LAYER_DEVICE:
		add_device(r, l, d);
		break;
	}
}

/* The cache figures that follow from others: iolayers(7), "Cache reads". */
static void finish_cache(const struct ledger_input *in, struct row *r)
{
	__u64 past = r->cache.bypassed, buffered, miss;

	buffered = r->app.read.bytes > past ? r->app.read.bytes - past : 0;
	miss = r->cache.filled < buffered ? r->cache.filled : buffered;
	r->cache.miss.v = miss;
	r->cache.hit.v = buffered - miss;
	r->cache.readahead.v = r->cache.filled - miss;
	figures_know_cache(r, in->has_app, in->exact_pages);
}

static void finish_row(const struct ledger_input *in, struct row *r, bool app_times)
{
	struct io *timed[] = { &r->device.read, &r->device.write, &r->device.flush,
			       &r->device.discard, &r->block.read, &r->block.write };
	struct io *calls[] = { &r->app.read, &r->app.write, &r->app.sync };

	finish_cache(in, r);
	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++)
		timed[i]->has_ns = in->has_times;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		calls[i]->has_ns = app_times;
}

/* What a FUSE server asks for was asked for by its clients before: not twice in the totals. */
static bool serving(const struct ledger_input *in, const struct ledger_line *l)
{
	const struct ledger_actor *who;

	if (l->key.layer != LAYER_APPLICATION)
		return false;
	who = ledger_actor_find(in, l->key.actor);
	return who && who->serves;
}

static int post_line(struct book *b, const struct ledger_line *l)
{
	const struct ledger_disk *d = NULL;
	struct row *r;
	bool low = l->key.layer == LAYER_BLOCK || l->key.layer == LAYER_DEVICE;
	int err;

	if (low) {
		d = disk_of(b->in, l->key.dev);
		if (d && !d->selected)
			return 0;
	}
	if (!wanted(b->in, l->key.actor, l->key.file) ||
	    (b->in->only && b->in->only->disk && (!d || strcmp(d->disk->name, b->in->only->disk))))
		return 0;
	if (b->in->by == BY_DEVICE) {
		/* what was asked for has no disk; the totals have everybody's, as the rows do */
		if (!low)
			add_line(&b->out->totals, l, NULL);
		if (!low || !d)
			return 0;
		err = row_of_disk(b, d, &r);
	} else {
		err = row_of(b, l->key.actor, l->key.file, &r);
	}
	if (err)
		return err;
	add_line(r, l, d);
	if ((b->in->all || b->in->by == BY_DEVICE || r->kind == ROW_OWNER) && !serving(b->in, l))
		add_line(&b->out->totals, l, d);
	return 0;
}

static int post_pending(struct book *b)
{
	struct row *r;
	int err = 0;

	/* a dirty page is of no disk yet */
	if (b->in->by == BY_DEVICE || (b->in->only && b->in->only->disk))
		return 0;
	for (size_t i = 0; !err && i < b->in->nr_pending; i++) {
		const struct pending *p = &b->in->pending[i];

		if ((p->actor & ACTOR_POOL) || !wanted(b->in, p->actor, p->file))
			continue;
		err = row_of(b, p->actor, p->file, &r);
		if (err)
			break;
		r->cache.pending.v += p->bytes;
		if (b->in->all || r->kind == ROW_OWNER)
			b->out->totals.cache.pending.v += p->bytes;
	}
	return err;
}

static int row_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->device.write.bytes != y->device.write.bytes)
		return x->device.write.bytes > y->device.write.bytes ? -1 : 1;
	if (x->app.write.bytes != y->app.write.bytes)
		return x->app.write.bytes > y->app.write.bytes ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->file && y->file ? strcmp(x->file, y->file) : !x->file - !y->file;
}

static void name_parents(const struct ledger_input *in, struct disk_row *r, const struct disk *disk)
{
	size_t n = 0;

	for (int i = 0; i < DISK_LINKS && disk->above[i]; i++) {
		const struct ledger_disk *up = disk_of(in, disk->above[i]);

		if (up && n + 1 < sizeof(r->parents) / sizeof(*r->parents))
			r->parents[n++] = up->disk->name;
	}
}

static void post_disk(const struct ledger_input *in, struct disk_row *r, __u32 dev,
		      const struct ledger_lines *lines)
{
	const struct ledger_actor *who;

	for (size_t i = 0; i < lines->n; i++) {
		const struct ledger_line *l = &lines->v[i];

		if (l->key.layer != LAYER_DEVICE || l->key.dev != dev)
			continue;
		if (l->key.flags & KEY_ERROR)
			r->error_bytes += l->val.bytes;
		if (l->key.op == OP_READ) {
			r->read_bytes += l->val.bytes;
		} else if (l->key.op == OP_WRITE) {
			r->write_bytes += l->val.bytes;
			r->write_by_kind[kind_of(in, l->key.actor, &who)] += l->val.bytes;
		} else if (l->key.op == OP_ZEROES) {
			r->zeroes_bytes += l->val.bytes;
		}
	}
}

static bool disk_moved(const struct ledger_lines *lines, const struct ledger_disk *d)
{
	for (size_t i = 0; i < lines->n; i++)
		if (lines->v[i].key.layer == LAYER_DEVICE && lines->v[i].key.dev == d->disk->dev)
			return true;
	return false;
}

/* A disk is listed when it, or a disk directly above or below it, completed I/O. */
static bool disk_listed(const struct ledger_input *in, const struct ledger_lines *lines,
			const struct ledger_disk *d)
{
	const struct ledger_disk *o;

	if (!d->selected)
		return false;
	if (disk_moved(lines, d))
		return true;
	for (int i = 0; i < DISK_LINKS; i++) {
		o = d->disk->above[i] ? disk_of(in, d->disk->above[i]) : NULL;
		if (o && disk_moved(lines, o))
			return true;
		o = d->disk->below[i] ? disk_of(in, d->disk->below[i]) : NULL;
		if (o && disk_moved(lines, o))
			return true;
	}
	return false;
}

static int build_disks(const struct ledger_input *in, const struct ledger_lines *lines,
		       struct ledger *out)
{
	out->disks = calloc(in->nr_disks ? in->nr_disks : 1, sizeof(*out->disks));
	if (!out->disks)
		return -ENOMEM;
	for (size_t i = 0; i < in->nr_disks; i++) {
		const struct ledger_disk *d = &in->disks[i];
		struct disk_row *r = &out->disks[out->nr_disks];

		if (!disk_listed(in, lines, d))
			continue;
		out->nr_disks++;
		r->name = d->disk->name;
		r->major = d->disk->dev >> 20;
		r->minor = d->disk->dev & 0xfffff;
		r->leaf = d->disk->leaf;
		name_parents(in, r, d->disk);
		post_disk(in, r, d->disk->dev, lines);
		r->kernel_read_bytes = (struct maybe){ d->kernel.read_bytes, d->has_kernel };
		r->kernel_write_bytes = (struct maybe){ d->kernel.write_bytes, d->has_kernel };
		r->kernel_reason = d->has_kernel ? NULL : d->kernel_reason;
	}
	return 0;
}

/* One task's readahead is not another's miss: the totals are those of the rows. */
static void sum_cache(const struct ledger_input *in, struct ledger *l)
{
	struct row *t = &l->totals;

	t->cache.hit.v = t->cache.miss.v = t->cache.readahead.v = 0;
	for (size_t i = 0; i < l->nr_rows; i++) {
		const struct row *r = &l->rows[i];

		if (!in->all && r->kind != ROW_OWNER)
			continue;
		t->cache.hit.v += r->cache.hit.v;
		t->cache.miss.v += r->cache.miss.v;
		t->cache.readahead.v += r->cache.readahead.v;
	}
}

/* Of a disk alone: not 0 there, but unknown. */
static void not_by_disk(struct ledger *out)
{
	for (size_t i = 0; i < out->nr_rows; i++)
		out->rows[i].absent |= ABOVE_DISKS;
	out->totals.absent |= ABOVE_DISKS;
}

int ledger_build(const struct ledger_input *in, struct ledger *out)
{
	struct ledger_lines fresh = { 0 };
	const struct ledger_lines *lines = in->lines ? in->lines : &fresh;
	struct book b = { .in = in, .out = out };
	bool app_times = false;
	int err;

	memset(out, 0, sizeof(*out));
	out->totals.by = BY_TOTAL;
	err = in->lines ? 0 : ledger_resolve(in, &fresh);
	for (size_t i = 0; !err && i < lines->n; i++) {
		app_times |= lines->v[i].key.layer == LAYER_APPLICATION && lines->v[i].val.ns;
		err = post_line(&b, &lines->v[i]);
	}
	if (!err)
		err = post_pending(&b);
	if (!err)
		err = build_disks(in, lines, out);
	for (size_t i = 0; !err && i < out->nr_rows; i++)
		finish_row(in, &out->rows[i], app_times);
	finish_row(in, &out->totals, app_times);
	if (in->by != BY_DEVICE)
		sum_cache(in, out);
	if (in->only && in->only->disk)
		not_by_disk(out);
	if (!err && out->nr_rows)
		qsort(out->rows, out->nr_rows, sizeof(*out->rows), row_order);
	free(b.ids);
	free(b.slots);
	free(fresh.v);
	if (err)
		ledger_free(out);
	return err;
}

void ledger_free(struct ledger *l)
{
	free(l->rows);
	free(l->disks);
	memset(l, 0, sizeof(*l));
}
