/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_trim - over many intervals the kernel side's tables must not fill up:
 * processes that ended, counters that stand still and files that nobody uses
 * leave them. A counter that comes back begins with 0; what was added to it
 * between the look and the removal is counted into the window that begins.
 */
#include "session_internal.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_PART	4	/* trimming begins when a table is a quarter full */
#define IDLE_S		1.0	/* a counter that did not move for so long stands still; an interval, in need */
#define DEAD_MANY	4	/* times the table: processes that ended are forgotten for good */
#define FILES_STEP	8	/* another look at files when an eighth of the table is new */

static int by_actor(const void *a, const void *b)
{
	const struct actor_entry *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int by_number(const void *a, const void *b)
{
	const __u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

static bool has_number(const __u32 *v, size_t n, __u32 id)
{
	return n && bsearch(&id, v, n, sizeof(*v), by_number);
}

static bool is_dead(const struct session *s, __u32 id)
{
	const struct actor_entry key = { .id = id };

	return s->trim.nr_dead &&
	       bsearch(&key, s->trim.dead, s->trim.nr_dead, sizeof(key), by_actor);
}

int session_actors(struct session *s, struct actor_entry **out, size_t *n)
{
	struct actor_entry *v;
	int err = sample_actors(&s->engine, out, n);

	if (err || !s->trim.nr_dead)
		return err;
	v = realloc(*out, (*n + s->trim.nr_dead) * sizeof(*v));
	if (!v) {
		free(*out);
		*out = NULL;
		*n = 0;
		return -ENOMEM;
	}
	memcpy(v + *n, s->trim.dead, s->trim.nr_dead * sizeof(*v));
	*out = v;
	*n += s->trim.nr_dead;
	qsort(v, *n, sizeof(*v), by_actor);
	return 0;
}

/* ---- processes ---- */

/*
 * The leader may end before its threads do. A thread with a name of its own is not looked at
 * again by the kernel side: what is known of it may be kept here alone.
 */
static bool may_leave(__u32 id, const struct actor *a)
{
	if (a->process && a->process != id)
		return true;
	return a->flags & ACTOR_F_EXITED && kill((pid_t)a->tgid, 0) && errno == ESRCH;
}

/* Those that ended leave the table; their names stay here, as later bytes may be theirs. */
static int trim_actors(struct session *s)
{
	size_t known = s->trim.nr_dead, fresh = 0;
	struct actor_entry *v;

	if (s->nr_actors - known < s->engine.text.actor_entries / TABLE_PART)
		return 0;
	v = realloc(s->trim.dead, (s->nr_actors + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->trim.dead = v;
	for (size_t i = 0; i < s->nr_actors; i++) {
		const struct actor_entry *a = &s->actors[i];

		if (!may_leave(a->id, &a->a) || is_dead(s, a->id) ||
		    bpf_map_delete_elem(s->engine.maps[MAP_ACTORS], &a->id))
			continue;
		v[known + fresh++] = *a;
	}
	s->trim.nr_dead = known + fresh;
	qsort(v, s->trim.nr_dead, sizeof(*v), by_actor);
	return 0;
}

/* Sorted ids of the processes, or files, that counters or dirty pages are of. */
static int used_ids(const struct session *s, bool files, __u32 **out, size_t *n)
{
	__u32 *v = calloc(s->base.counts.n + s->nr_pending + 1, sizeof(*v));

	*n = 0;
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < s->base.counts.n; i++)
		v[(*n)++] = files ? s->base.counts.v[i].key.file : s->base.counts.v[i].key.actor;
	for (size_t i = 0; i < s->nr_pending; i++)
		v[(*n)++] = files ? s->pending[i].file : s->pending[i].actor;
	qsort(v, *n, sizeof(*v), by_number);
	*out = v;
	return 0;
}

/* Very many: those that nothing refers to are forgotten. */
static int forget_dead(struct session *s)
{
	size_t n, w = 0;
	__u32 *used;
	int err;

	if (s->trim.nr_dead < (size_t)DEAD_MANY * s->engine.text.actor_entries)
		return 0;
	err = used_ids(s, false, &used, &n);
	if (err)
		return err;
	for (size_t i = 0; i < s->trim.nr_dead; i++)
		if (has_number(used, n, s->trim.dead[i].id))
			s->trim.dead[w++] = s->trim.dead[i];
	s->trim.nr_dead = w;
	free(used);
	return 0;
}

/* ---- counters ---- */

/*
 * Takes a counter out of the table. *left: what it has now; that of `seen` where the kernel
 * cannot read and delete in one (before 5.14). False: it stays.
 */
static bool take_counter(const struct session *s, const struct count *seen, struct agg_val *cpu,
			 struct agg_val *left)
{
	int fd = s->engine.maps[MAP_AGG];

	*left = seen->val;
	if (bpf_map_lookup_and_delete_elem(fd, &seen->key, cpu))
		return !bpf_map_delete_elem(fd, &seen->key);
	memset(left, 0, sizeof(*left));
	for (unsigned int i = 0; i < s->engine.nr_cpus; i++) {
		left->ops += cpu[i].ops;
		left->bytes += cpu[i].bytes;
		left->ns += cpu[i].ns;
		left->queue_ns += cpu[i].queue_ns;
	}
	return true;
}

/* Pools belong to fold.c; what stands without a file is few, and may be of the spill table. */
static bool may_go(const struct agg_key *k)
{
	return !(k->actor & ACTOR_POOL) && (k->actor >= ACTOR_FIRST || k->file);
}

static bool stood_still(const struct session *s, const struct count *c)
{
	const struct counts *old = &s->trim.old;
	const struct count *o = old->n ? bsearch(c, old->v, old->n, sizeof(*c), count_compare) : NULL;

	return o && !memcmp(&o->val, &c->val, sizeof(c->val));
}

/* What came to a counter after it was looked at goes into the new window. */
static int credit(struct session *s, const struct count *seen, const struct agg_val *left)
{
	struct counts *done = &s->fold.done;
	struct count *v;

	if (!memcmp(&seen->val, left, sizeof(*left)))
		return 0;
	v = realloc(done->v, (done->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	done->v = v;
	v[done->n++] = (struct count){ seen->key, {
		.ops = left->ops - seen->val.ops, .bytes = left->bytes - seen->val.bytes,
		.ns = left->ns - seen->val.ns, .queue_ns = left->queue_ns - seen->val.queue_ns,
	} };
	return 0;
}

static int take_idle(struct session *s)
{
	struct agg_val *cpu = calloc(s->engine.nr_cpus, sizeof(*cpu)), left;
	struct counts *base = &s->base.counts;
	size_t w = 0;
	int err = cpu ? 0 : -ENOMEM;

	if (err)
		return err;
	for (size_t i = 0; i < base->n; i++) {
		struct count *c = &base->v[i];

		if (err || !may_go(&c->key) || !stood_still(s, c) || !take_counter(s, c, cpu, &left)) {
			base->v[w++] = *c;
			continue;
		}
		session_flight_add(s, &s->trim.flight, &c->key, &left);
		err = credit(s, c, &left);
	}
	base->n = w;
	free(cpu);
	return err;
}

static int keep_counts(struct session *s)
{
	const struct counts *base = &s->base.counts;

	counts_free(&s->trim.old);
	s->trim.old.v = malloc((base->n ? base->n : 1) * sizeof(*base->v));
	if (!s->trim.old.v)
		return -ENOMEM;
	if (base->n)
		memcpy(s->trim.old.v, base->v, base->n * sizeof(*base->v));
	s->trim.old.n = base->n;
	clock_gettime(CLOCK_MONOTONIC, &s->trim.taken);
	return 0;
}

static int trim_counters(struct session *s, bool hurry)
{
	int err = 0;

	if (!hurry && s->base.counts.n < s->engine.text.agg_entries / TABLE_PART) {
		counts_free(&s->trim.old);
		return 0;
	}
	if (s->trim.old.v && seconds_since(&s->trim.taken) < IDLE_S &&
	    s->base.counts.n < s->engine.text.agg_entries / 2)
		return 0;
	if (s->trim.old.v)
		err = take_idle(s);
	return err ? err : keep_counts(s);
}

/* ---- shares ---- */

/* Shares in metadata of processes that ended, which did not grow in the last window. */
static void trim_shares(struct session *s, const struct share *was, size_t nr_was)
{
	size_t w = 0;

	if (s->nr_base_shares < s->engine.text.actor_entries / 2)
		return;
	for (size_t i = 0; i < s->nr_base_shares; i++) {
		const struct share *sh = &s->base_shares[i];

		if (POOL_KIND(sh->key.pool) == POOL_META && is_dead(s, sh->key.actor) &&
		    share_weight(was, nr_was, &sh->key) == sh->weight &&
		    !bpf_map_delete_elem(s->engine.maps[MAP_SHARES], &sh->key))
			continue;
		s->base_shares[w++] = *sh;
	}
	s->nr_base_shares = w;
}

/* ---- files ---- */

/* Files in the table, near enough: numbers are given in order. */
static size_t files_now(const struct session *s)
{
	size_t given = s->named.n ? s->named.v[s->named.n - 1].file.id : 0;

	return given > s->trim.files_removed ? given - s->trim.files_removed : 0;
}

static bool files_pressed(const struct session *s)
{
	size_t from = s->engine.text.file_entries / 2;

	if (!s->engine.text.by_file)
		return false;
	return files_now(s) >= (s->trim.files_expected > from ? s->trim.files_expected : from);
}

static bool remove_file(struct session *s, __u32 id)
{
	struct file_entry e;

	if (sample_file(&s->engine, id, &e))
		return false;
	bpf_map_delete_elem(s->engine.maps[MAP_FILE_IDS], &e.key);
	return !bpf_map_delete_elem(s->engine.maps[MAP_FILES], &id);
}

/* Those that no counter and no dirty page is of. What was theirs keeps its name here. */
static int trim_files(struct session *s)
{
	/* ids grow; those above it were met after the look, and nothing is known of them yet */
	__u32 newest = s->named.n ? s->named.v[s->named.n - 1].file.id : 0;
	size_t n, most = s->engine.text.file_entries, nr = 0;
	__u32 *used, *ids = calloc(most ? most : 1, sizeof(*ids)), *last = NULL;
	int err = ids ? used_ids(s, true, &used, &n) : -ENOMEM;

	if (err) {
		free(ids);
		return err;
	}
	/* the keys first: a walk that deletes loses its place */
	while (nr < most && !bpf_map_get_next_key(s->engine.maps[MAP_FILES], last, &ids[nr]))
		last = &ids[nr++];
	for (size_t i = 0; i < nr; i++)
		if (ids[i] <= newest && !has_number(used, n, ids[i]))
			s->trim.files_removed += remove_file(s, ids[i]);
	s->trim.files_expected = files_now(s) + most / FILES_STEP;
	free(used);
	free(ids);
	return 0;
}

/* ---- all of it ---- */

int session_trim(struct session *s, const struct share *was, size_t nr_was)
{
	bool files = files_pressed(s);
	int err = trim_actors(s);

	if (!err)
		err = trim_counters(s, files);
	if (!err)
		err = forget_dead(s);
	trim_shares(s, was, nr_was);
	if (!err && files)
		err = trim_files(s);
	return err;
}

void session_trim_free(struct session *s)
{
	free(s->trim.dead);
	counts_free(&s->trim.old);
	memset(&s->trim, 0, sizeof(s->trim));
}
