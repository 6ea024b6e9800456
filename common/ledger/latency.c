/* SPDX-License-Identifier: GPL-3.0-or-later */
/* latency - sums the waits of actors to rows. */
#include "ledger/latency.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void latency_add(struct lat_val *to, const struct lat_val *v)
{
	for (int i = 0; i < PART_MAX; i++)
		to->part[i] += v->part[i];
	for (int i = 0; i < LAT_SLOTS; i++)
		to->slot[i] += v->slot[i];
	to->wait_ns += v->wait_ns;
	if (v->max_ns > to->max_ns)
		to->max_ns = v->max_ns;
}

int latency_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct lat_key));
}

size_t latency_merge(struct lat_entry *v, size_t n)
{
	size_t w = 0;

	if (n)
		qsort(v, n, sizeof(*v), latency_compare);
	for (size_t i = 0; i < n; i++) {
		if (w && !latency_compare(&v[w - 1], &v[i]))
			latency_add(&v[w - 1].val, &v[i].val);
		else
			v[w++] = v[i];
	}
	return w;
}

/* ---- windows ---- */

static uint64_t waits_of(const struct lat_val *v)
{
	uint64_t n = 0;

	for (int i = 0; i < LAT_SLOTS; i++)
		n += v->slot[i];
	return n;
}

/* The upper bound of the longest wait that is left. */
static uint64_t longest(const struct lat_entry *e)
{
	for (int i = LAT_SLOTS - 1; i >= 0; i--) {
		unsigned int slot = (unsigned int)e->key.octave * LAT_SLOTS + (unsigned int)i;

		if (e->val.slot[i])
			return hist_upper(slot < HIST_SLOTS ? slot : HIST_SLOTS - 1);
	}
	return 0;
}

static void subtract(struct lat_entry *e, const struct lat_val *b)
{
	uint64_t bound;

	for (int i = 0; i < PART_MAX; i++)
		e->val.part[i] -= b->part[i];
	for (int i = 0; i < LAT_SLOTS; i++)
		e->val.slot[i] -= b->slot[i];
	e->val.wait_ns -= b->wait_ns;
	bound = longest(e);
	if (e->val.max_ns == b->max_ns && bound < e->val.max_ns)
		e->val.max_ns = bound;
}

size_t latency_subtract(struct lat_entry *now, size_t n, const struct lat_entry *before,
			size_t nr_before)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		const struct lat_entry *b = nr_before ? bsearch(&now[i], before, nr_before,
								sizeof(*before), latency_compare) : NULL;

		if (b)
			subtract(&now[i], &b->val);
		if (waits_of(&now[i].val))
			now[left++] = now[i];
	}
	return left;
}

/* ---- rows ---- */

/* An entry, and the row that it is added to. */
struct line {
	struct latency_id id;
	__u32 process;		/* two processes may have had the same pid */
	const struct lat_entry *e;
};

static int by_dev(const void *key, const void *disk)
{
	__u32 a = *(const __u32 *)key, b = ((const struct latency_disk *)disk)->dev;

	return a < b ? -1 : a > b;
}

static const struct latency_disk *disk_of(const struct latency_input *in, __u32 dev)
{
	return in->nr_disks ? bsearch(&dev, in->disks, in->nr_disks, sizeof(*in->disks), by_dev) : NULL;
}

/* False: a filter excludes the entry. */
static bool line_of(const struct latency_input *in, const struct lat_entry *e, struct line *l)
{
	const struct ledger_actor *who = ledger_actors_find(in->actors, in->nr_actors, e->key.actor);
	const struct latency_disk *disk = disk_of(in, e->key.dev);

	memset(l, 0, sizeof(*l));
	if (who ? !who->target : !in->others)
		return false;
	if (!disk || !disk->selected)
		return false;
	l->id.disk = disk->name;
	if (who)
		ledger_actor_names(who, in->by, who->role, &l->id.names);
	if (who && in->by == BY_PROCESS)
		l->process = who->process;
	l->e = e;
	l->id.op = e->key.op;
	l->id.iface = e->key.iface;
	l->id.background = e->key.background;
	return true;
}

static int by_name(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_row(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	const struct latency_id *p = &x->id, *q = &y->id;
	const int order[] = {
		by_number(p->background, q->background), by_number(p->op, q->op),
		by_number(p->iface, q->iface), by_number(x->process, y->process),
		by_number(p->has_pid, q->has_pid), by_name(p->system, q->system),
		by_name(p->instance, q->instance), by_name(p->role, q->role), by_name(p->cgroup, q->cgroup),
		by_name(p->container, q->container), by_name(p->disk, q->disk),
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (order[i])
			return order[i];
	return 0;
}

static void add_entry(struct latency_row *r, const struct lat_entry *e)
{
	for (int i = 0; i < PART_MAX; i++)
		r->part[i] += e->val.part[i];
	for (unsigned int i = 0; i < LAT_SLOTS; i++) {
		unsigned int slot = (unsigned int)e->key.octave * LAT_SLOTS + i;

		r->hist.n[slot < HIST_SLOTS ? slot : HIST_SLOTS - 1] += e->val.slot[i];
		r->count += e->val.slot[i];
	}
	r->wait_ns += e->val.wait_ns;
	if (e->val.max_ns > r->max_ns)
		r->max_ns = e->val.max_ns;
}

static void add_row(struct latency_row *to, const struct latency_row *r)
{
	for (int i = 0; i < PART_MAX; i++)
		to->part[i] += r->part[i];
	hist_add(&to->hist, &r->hist);
	to->count += r->count;
	to->wait_ns += r->wait_ns;
	if (r->max_ns > to->max_ns)
		to->max_ns = r->max_ns;
}

/* Waits of callers first, longest first. Ties by pid, operation and interface: a stable order. */
static int by_wait(const void *a, const void *b)
{
	const struct latency_row *p = a, *q = b;

	if (p->id.background != q->id.background)
		return p->id.background - q->id.background;
	if (p->wait_ns != q->wait_ns)
		return by_number(q->wait_ns, p->wait_ns);
	if (p->id.pid != q->id.pid)
		return by_number(p->id.pid, q->id.pid);
	if (p->id.op != q->id.op)
		return by_number(p->id.op, q->id.op);
	return by_number(p->id.iface, q->id.iface);
}

static int fold(const struct line *lines, size_t n, struct latency *out)
{
	size_t rows = 0;

	for (size_t i = 0; i < n; i++)
		rows += !i || by_row(&lines[i - 1], &lines[i]);
	out->rows = calloc(rows ? rows : 1, sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!i || by_row(&lines[i - 1], &lines[i]))
			out->rows[out->nr_rows++].id = lines[i].id;
		add_entry(&out->rows[out->nr_rows - 1], lines[i].e);
	}
	return 0;
}

int latency_build(const struct latency_input *in, struct latency *out)
{
	struct line *lines = malloc((in->n ? in->n : 1) * sizeof(*lines));
	size_t n = 0;
	int err;

	memset(out, 0, sizeof(*out));
	out->by = in->by;
	if (!lines)
		return -ENOMEM;
	for (size_t i = 0; i < in->n; i++)
		n += line_of(in, &in->v[i], &lines[n]);
	if (n)
		qsort(lines, n, sizeof(*lines), by_row);
	err = fold(lines, n, out);
	free(lines);
	if (err)
		return err;
	out->total.id.op = OP_MAX;
	for (size_t i = 0; i < out->nr_rows; i++)
		if (!out->rows[i].id.background)
			add_row(&out->total, &out->rows[i]);
	if (out->nr_rows)
		qsort(out->rows, out->nr_rows, sizeof(*out->rows), by_wait);
	return 0;
}

void latency_free(struct latency *l)
{
	free(l->rows);
	memset(l, 0, sizeof(*l));
}
