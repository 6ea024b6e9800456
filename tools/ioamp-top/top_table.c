/* SPDX-License-Identifier: GPL-3.0-or-later */
/* top_table - rows of one kind over many intervals. */
#include "tools/ioamp-top/top_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/row_id.h"

/* Every name of a row. */
#define NR_NAMES 8

static const char **name_at(struct row *r, size_t i)
{
	const char **names[NR_NAMES] = {
		&r->system, &r->instance, &r->role, &r->comm, &r->cgroup, &r->container, &r->file,
		&r->disk,
	};

	return names[i];
}

void top_table_row_free(struct row *row)
{
	for (size_t i = 0; i < NR_NAMES; i++) {
		free((void *)*name_at(row, i));
		*name_at(row, i) = NULL;
	}
}

int top_table_row_copy(struct row *to, const struct row *from)
{
	struct row copy = *from;

	for (size_t i = 0; i < NR_NAMES; i++)
		*name_at(&copy, i) = NULL;
	for (size_t i = 0; i < NR_NAMES; i++) {
		const char *name = *name_at((struct row *)from, i);

		*name_at(&copy, i) = name ? strdup(name) : NULL;
		if (name && !*name_at(&copy, i)) {
			top_table_row_free(&copy);
			return -ENOMEM;
		}
	}
	*to = copy;
	return 0;
}

/* ---- identity ---- */

/* The names that identify a row of its kind. All other names may change. */
static struct row_id id_of(const struct row *r)
{
	struct row_id id = { .kind = r->kind };

	if (r->kind != ROW_OWNER)
		return id;
	switch (r->by) {
	case BY_ROLE: id.name[1] = r->role;	/* fall through */
	case BY_SYSTEM:
		id.name[0] = r->system;
		id.name[2] = r->instance;
		break;
	case BY_CGROUP: id.name[0] = r->cgroup; break;
	case BY_CONTAINER: id.name[0] = r->container; break;
	case BY_FILE: id.name[0] = r->file; break;	/* a file may get another number under the same name */
	case BY_DEVICE: id.name[0] = r->disk; break;
	case BY_PROCESS:
		if (r->has_pid)
			id.number = (uint64_t)r->id << 32 | r->pid;
		else
			id.name[0] = r->comm;
		break;
	case BY_TOTAL: break;
	}
	return id;
}

bool top_table_same(const struct row *a, const struct row *b)
{
	const struct row_id x = id_of(a), y = id_of(b);

	return a->by == b->by && row_id_same(&x, &y);
}

int top_table_row_order(const struct row *a, const struct row *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	for (size_t i = 0; i < NR_NAMES; i++) {
		const char *x = *name_at((struct row *)a, i), *y = *name_at((struct row *)b, i);
		int order = strcmp(x ? x : "", y ? y : "");

		if (order)
			return order;
	}
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

/* The slot of a row, or the free slot where it belongs. */
static size_t slot_of(const struct top_table *t, const struct row *r)
{
	const struct row_id id = id_of(r);
	size_t i = row_id_hash(&id) & (t->nr_slots - 1);

	while (t->slots[i] && !top_table_same(&t->v[t->slots[i] - 1]->last, r))
		i = (i + 1) & (t->nr_slots - 1);
	return i;
}

/* ---- entries ---- */

static void entry_free(struct top_entry *e)
{
	top_table_row_free(&e->last);
	free(e->mark);
	free(e);
}

void top_table_free(struct top_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		entry_free(t->v[i]);
	free(t->v);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

static int rehash(struct top_table *t, size_t nr_slots)
{
	size_t *slots = calloc(nr_slots, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->nr_slots = nr_slots;
	for (size_t i = 0; i < t->n; i++)
		slots[slot_of(t, &t->v[i]->last)] = i + 1;
	return 0;
}

static int grow(struct top_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 64;
	struct top_entry **v = realloc(t->v, cap * sizeof(*v));

	if (!v)
		return -ENOMEM;
	t->v = v;
	t->cap = cap;
	return rehash(t, cap * 2);
}

/* The entry of a row; a new one, with its names, if there is none. */
static int entry_get(struct top_table *t, const struct row *r, struct top_entry **out)
{
	struct top_entry *e;
	size_t slot;

	if (t->n == t->cap && grow(t))
		return -ENOMEM;
	slot = slot_of(t, r);
	if (t->slots[slot]) {
		*out = t->v[t->slots[slot] - 1];
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (!e || top_table_row_copy(&e->last, r)) {
		free(e);
		return -ENOMEM;
	}
	figures_zero(&e->last);
	e->sum = e->last;
	t->v[t->n] = e;
	t->slots[slot] = ++t->n;
	*out = e;
	return 0;
}

/* Names may change: that of a process with exec, that of a file when it is deleted. */
static int renew_names(struct top_entry *e, const struct row *r)
{
	for (size_t i = 0; i < NR_NAMES; i++) {
		const char *name = *name_at((struct row *)r, i), *copy;

		if (row_id_same_name(*name_at(&e->last, i), name))
			continue;
		copy = name ? strdup(name) : NULL;
		if (name && !copy)
			return -ENOMEM;
		free((void *)*name_at(&e->last, i));
		*name_at(&e->last, i) = copy;
	}
	for (size_t i = 0; i < NR_NAMES; i++)
		*name_at(&e->sum, i) = *name_at(&e->last, i);
	e->last.id = e->sum.id = r->id;
	return 0;
}

/* Replaces the figures, and keeps the names that the entry owns. */
static void set_figures(struct row *to, const struct row *from)
{
	memcpy(&to->app, &from->app, sizeof(*to) - offsetof(struct row, app));
	to->absent = from->absent;
}

/* Adds up, but for what is a state: the sum has that at the end of the last interval. */
static void accumulate(struct row *sum, const struct row *r)
{
	figures_add(sum, r);
	figures_levels(sum, r);
	sum->absent = r->absent;
}

static void push_trend(struct top_entry *e, double v)
{
	memmove(e->trend, e->trend + 1, sizeof(e->trend) - sizeof(*e->trend));
	e->trend[TOP_TREND - 1] = v;
}

/* A second row of the same name in one interval, for example of a file that was deleted and made again. */
static void add_namesake(struct top_entry *e, const struct row *r)
{
	figures_add(&e->last, r);
	figures_add(&e->sum, r);
	figures_levels(&e->sum, &e->last);
	e->last.absent |= r->absent;
	e->sum.absent |= r->absent;
}

static int add_row(struct top_table *t, const struct row *r, double seconds)
{
	double rate = seconds > 0 ? (double)(r->device.read.bytes + r->device.write.bytes) / seconds : 0;
	struct top_entry *e;
	int err = entry_get(t, r, &e);

	if (!err)
		err = renew_names(e, r);
	if (err)
		return err;
	if (e->frame == t->frame) {
		add_namesake(e, r);
		e->trend[TOP_TREND - 1] += rate;
		return 0;
	}
	set_figures(&e->last, r);
	accumulate(&e->sum, r);
	e->frame = t->frame;
	push_trend(e, rate);
	return 0;
}

/* ---- rows that ended ---- */

bool top_table_gone(const struct top_table *t, const struct top_entry *e)
{
	return e->frame != t->frame;
}

static int join_into(struct top_table *t, struct top_entry *e)
{
	struct row who = e->last;
	struct top_entry *to;
	int err;

	who.has_pid = false;
	who.id = 0;
	if (who.by != BY_PROCESS)
		who.system = who.cgroup = who.container = who.file = who.disk = "[ended]";
	who.role = who.instance = NULL;
	err = entry_get(t, &who, &to);
	if (err)
		return err;
	to->joined = true;
	to->frame = t->frame;
	figures_add(&to->sum, &e->sum);
	figures_levels(&to->sum, NULL);
	if (t->marked && !to->mark) {
		to->mark = calloc(1, sizeof(*to->mark));
		if (!to->mark)
			return -ENOMEM;
		figures_zero(to->mark);
	}
	if (to->mark && e->mark)
		figures_add(to->mark, e->mark);
	return 0;
}

/* Joins rows that ended some time ago, so that memory is bounded. */
static int join_ended(struct top_table *t)
{
	size_t old = t->n, w = 0;
	int err = 0;

	for (size_t i = 0; !err && i < old; i++) {
		struct top_entry *e = t->v[i];

		/* rows without an owner are few: one of each kind */
		if (e->joined || e->last.kind != ROW_OWNER || t->frame - e->frame <= TOP_GONE)
			continue;
		err = join_into(t, e);
		t->v[i]->drop = !err;	/* freed below: the slots still point to the entry */
	}
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i]->drop)
			entry_free(t->v[i]);
		else
			t->v[w++] = t->v[i];
	}
	t->n = w;
	return err ? err : rehash(t, t->nr_slots);
}

/* ---- intervals ---- */

int top_table_add(struct top_table *t, const struct summary *s)
{
	int err = 0;

	if (!t->frame++)
		figures_zero(&t->sum);
	t->last_s = s->duration_s;
	t->seconds += s->duration_s;
	t->last = s->totals;
	accumulate(&t->sum, &s->totals);
	for (size_t i = 0; !err && i < s->nr_rows; i++)
		err = add_row(t, &s->rows[i], s->duration_s);
	for (size_t i = 0; !err && i < t->n; i++) {
		if (!top_table_gone(t, t->v[i]))
			continue;
		push_trend(t->v[i], 0);
		/* a row that has just ended shows its last figures */
		if (t->frame - t->v[i]->frame == TOP_GONE + 1)
			figures_zero(&t->v[i]->last);
	}
	if (!err && t->n > TOP_ENTRIES)
		err = join_ended(t);
	return err;
}

void top_table_mark(struct top_table *t)
{
	t->marked = true;
	if (!t->frame)
		figures_zero(&t->sum);	/* known zeros */
	t->mark = t->sum;
	t->mark_s = t->seconds;
	for (size_t i = 0; i < t->n; i++) {
		struct top_entry *e = t->v[i];

		if (!e->mark)
			e->mark = malloc(sizeof(*e->mark));
		/* without memory the row shows what it did since the start */
		if (e->mark)
			*e->mark = e->sum;
	}
}
