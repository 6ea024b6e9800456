/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_trim - in a long run the kernel side's tables must not fill up: processes
 * that ended and what was theirs, counters that stand still (session_counters.c) and
 * files that nobody uses leave them, at the start of a window and, where new processes
 * press, in the middle of one.
 */
#include "session/session_internal.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

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

bool session_gone(const struct session *s, uint32_t actor)
{
	struct actor a;

	if (actor < ACTOR_FIRST || (actor & ACTOR_POOL))
		return false;
	return is_dead(s, actor) || sample_actor(&s->engine, actor, &a) || may_leave(actor, &a);
}

/*
 * Those that ended leave the table; their names stay here, as later bytes may be theirs. `all`
 * are the living and the dead.
 */
static int trim_actors(struct session *s, const struct actor_entry *all, size_t n)
{
	size_t known = s->trim.nr_dead, fresh = 0;
	struct actor_entry *v;

	if (n - known < s->engine.text.actor_entries / TABLE_PART)
		return 0;
	v = realloc(s->trim.dead, (n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->trim.dead = v;
	for (size_t i = 0; i < n; i++) {
		const struct actor_entry *a = &all[i];

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

/* ---- shares ---- */

static int share_order(const void *a, const void *b)
{
	return share_compare(&((const struct share *)a)->key, &((const struct share *)b)->key);
}

static size_t merge_shares(struct share *v, size_t n)
{
	size_t w = 0;

	if (n)
		qsort(v, n, sizeof(*v), share_order);
	for (size_t i = 0; i < n; i++) {
		if (w && !share_order(&v[w - 1], &v[i]))
			v[w - 1].weight += v[i].weight;
		else
			v[w++] = v[i];
	}
	return w;
}

int session_shares(struct session *s, struct share **out, size_t *n)
{
	int err = sample_shares(&s->engine, out, n);
	struct share *v;

	if (err || !s->trim.nr_shares)
		return err;
	v = realloc(*out, (*n + s->trim.nr_shares) * sizeof(*v));
	if (!v) {
		free(*out);
		*out = NULL;
		*n = 0;
		return -ENOMEM;
	}
	memcpy(v + *n, s->trim.shares, s->trim.nr_shares * sizeof(*v));
	*out = v;
	*n = merge_shares(v, *n + s->trim.nr_shares);
	return 0;
}

/* In the middle of a window: they leave the table alone. */
static int relieve_shares(struct session *s)
{
	struct share *all, *v;
	size_t n;
	int err = sample_shares(&s->engine, &all, &n);

	if (err || n < s->engine.text.actor_entries / TABLE_PART) {
		free(all);
		return err;
	}
	v = realloc(s->trim.shares, (s->trim.nr_shares + n) * sizeof(*v));
	if (!v) {
		free(all);
		return -ENOMEM;
	}
	s->trim.shares = v;
	for (size_t i = 0; i < n; i++)
		if (POOL_KIND(all[i].key.pool) == POOL_META && is_dead(s, all[i].key.actor) &&
		    !bpf_map_delete_elem(s->engine.maps[MAP_SHARES], &all[i].key))
			v[s->trim.nr_shares++] = all[i];
	s->trim.nr_shares = merge_shares(v, s->trim.nr_shares);
	free(all);
	return 0;
}

/* False: it is not here. */
static bool drop_kept(struct session *s, const struct share_key *key)
{
	struct share want = { .key = *key }, *v = s->trim.shares, *at;

	at = s->trim.nr_shares ? bsearch(&want, v, s->trim.nr_shares, sizeof(*v), share_order) : NULL;
	if (!at)
		return false;
	memmove(at, at + 1, (size_t)(v + --s->trim.nr_shares - at) * sizeof(*v));
	return true;
}

/* Shares in metadata of processes that ended, which did not grow in the last window. */
static void trim_shares(struct session *s, const struct share *was, size_t nr_was)
{
	size_t w = 0;

	if (s->nr_base_shares < s->engine.text.actor_entries / 2)
		return;
	for (size_t i = 0; i < s->nr_base_shares; i++) {
		const struct share *sh = &s->base_shares[i];

		if (POOL_KIND(sh->key.pool) == POOL_META && is_dead(s, sh->key.actor) &&
		    share_weight(was, nr_was, &sh->key) == sh->weight) {
			bool gone = !bpf_map_delete_elem(s->engine.maps[MAP_SHARES], &sh->key);

			if (drop_kept(s, &sh->key) || gone)
				continue;
		}
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
	int err = trim_actors(s, s->actors, s->nr_actors);

	if (!err)
		err = session_trim_counters(s, &s->base.counts, files);
	if (!err)
		err = forget_dead(s);
	trim_shares(s, was, nr_was);
	if (!err && files)
		err = trim_files(s);
	return err;
}

#define LOOK_S 1.0	/* to a second look: did the counters of the first one move? */

/* New processes that are worth a look: what they bring is a part of the smaller table. */
static unsigned int many_new(const struct session *s)
{
	unsigned int counters = s->engine.text.agg_entries / 64, waits = s->engine.text.lat_entries / 32;

	return s->engine.text.latency && waits < counters ? waits : counters;
}

/* Names of dead processes and of shares that are kept outlive the window; all else is counted in it. */
int session_relieve(struct session *s, bool now_or_never)
{
	__u32 next = sample_next_actor(&s->engine), fresh = next - s->trim.seen;
	unsigned int many = many_new(s);
	struct actor_entry *actors;
	struct counts now;
	size_t n;
	int err;

	if (!now_or_never && fresh < many && (!s->trim.old.v || seconds_since(&s->trim.taken) < LOOK_S))
		return 0;
	s->trim.seen = next;
	err = session_actors(s, &actors, &n);
	if (!err) {
		err = trim_actors(s, actors, n);
		free(actors);
	}
	if (!err)
		err = relieve_shares(s);
	if (!err)
		err = session_latency_relieve(s);
	if (!err)
		err = sample_counts(&s->engine, &now);
	if (err)
		return err;
	err = session_trim_counters(s, &now, false);
	counts_free(&now);
	/* nobody new: the next look is when there is */
	if (fresh < many)
		counts_free(&s->trim.old);
	return err;
}

void session_trim_free(struct session *s)
{
	free(s->trim.dead);
	free(s->trim.shares);
	free(s->trim.waits.v);
	counts_free(&s->trim.old);
	memset(&s->trim, 0, sizeof(s->trim));
}
