/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample - reads the kernel side's tables into plain arrays. */
#include "tables/sample.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static void add_cpus(struct agg_val *sum, const struct agg_val *v, unsigned int cpus)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < cpus; i++)
		counts_add(sum, &v[i]);
}

static int count_add(struct counts *out, const struct agg_key *key, const struct agg_val *val,
		     unsigned int cpus)
{
	struct count *v = grow_by_one(out->v, out->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	out->v = v;
	v[out->n].key = *key;
	add_cpus(&v[out->n++].val, val, cpus);
	return 0;
}

/* Key by key, for kernels that cannot read a per-CPU hash in batches (before 5.6). */
static int read_one_by_one(const struct engine *e, int fd, struct counts *out)
{
	struct agg_val *cpu = calloc(e->nr_cpus, sizeof(*cpu));
	struct agg_key key, *last = NULL;
	int err = cpu ? 0 : -ENOMEM;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (!bpf_map_lookup_elem(fd, &key, cpu))
			err = count_add(out, &key, cpu, e->nr_cpus);
	}
	free(cpu);
	return err;
}

#define BATCH 4096	/* counters of one call; no bucket of the hash has so many, which would be -ENOSPC */

/* One system call reads thousands of counters: the end of an interval reads all of them several times. */
static int read_counts(const struct engine *e, int fd, struct counts *out)
{
	struct agg_key *keys = calloc(BATCH, sizeof(*keys));
	struct agg_val *vals = calloc((size_t)BATCH * e->nr_cpus, sizeof(*vals));
	__u64 place[2];	/* where the next batch starts: opaque, 4 bytes so far */
	bool first = true, more = true;
	int err = keys && vals ? 0 : -ENOMEM;

	while (!err && more) {
		__u32 n = BATCH;
		int got = bpf_map_lookup_batch(fd, first ? NULL : &place[0], &place[1], keys, vals,
					       &n, NULL);

		more = !got;
		if (got && got != -ENOENT) {
			err = first ? -ENOTSUP : got;
			break;
		}
		for (__u32 i = 0; !err && i < n; i++)
			err = count_add(out, &keys[i], vals + (size_t)i * e->nr_cpus, e->nr_cpus);
		place[0] = place[1];
		first = false;
	}
	free(keys);
	free(vals);
	return err == -ENOTSUP ? read_one_by_one(e, fd, out) : err;
}

int sample_counts(const struct engine *e, struct counts *out)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = read_counts(e, e->maps[MAP_AGG], out);
	if (!err)
		err = read_counts(e, e->maps[MAP_AGG_SPILL], out);
	if (err) {
		counts_free(out);
		return err;
	}
	/* a key may be in both tables */
	counts_merge(out);
	return 0;
}

void sample_retire(const struct engine *e, const struct agg_key *key)
{
	bpf_map_delete_elem(e->maps[MAP_AGG], key);
}

#define HASH_BATCH 512
#define SHAPE(type, key, value) { sizeof(((type *)0)->key), offsetof(type, value), \
	sizeof(((type *)0)->value), sizeof(type) }

/* Where read_hash() puts an entry: the key at 0, the value at `value_at`, in an element of `size` bytes. */
struct shape {
	size_t key_size, value_at, value_size, size;
};

static int entry_add(const struct shape *sh, void **out, size_t *n, const void *key,
		     const void *value)
{
	char *v = grow_by_one(*out, *n, sh->size), *slot;

	if (!v)
		return -ENOMEM;
	*out = v;
	slot = v + (*n)++ * sh->size;
	memset(slot, 0, sh->size);
	memcpy(slot, key, sh->key_size);
	memcpy(slot + sh->value_at, value, sh->value_size);
	return 0;
}

static int hash_one_by_one(int fd, const struct shape *sh, void **out, size_t *n)
{
	char key[64], *last = NULL, *value = malloc(sh->value_size);
	int err = value ? 0 : -ENOMEM;

	while (!err && !bpf_map_get_next_key(fd, last, key)) {
		last = key;
		if (!bpf_map_lookup_elem(fd, key, value))
			err = entry_add(sh, out, n, key, value);
	}
	free(value);
	return err;
}

static int hash_in_batches(int fd, const struct shape *sh, void **out, size_t *n)
{
	char *keys = malloc(HASH_BATCH * sh->key_size), *vals = malloc(HASH_BATCH * sh->value_size);
	bool first = true, more = true;
	int err = keys && vals ? 0 : -ENOMEM;
	__u64 place[2];

	while (!err && more) {
		__u32 got_n = HASH_BATCH;
		int got = bpf_map_lookup_batch(fd, first ? NULL : &place[0], &place[1], keys, vals,
					       &got_n, NULL);

		more = !got;
		if (got && got != -ENOENT)
			err = first ? -ENOTSUP : got;
		for (__u32 i = 0; !err && i < got_n; i++)
			err = entry_add(sh, out, n, keys + i * sh->key_size,
					vals + i * sh->value_size);
		place[0] = place[1];
		first = false;
	}
	free(keys);
	free(vals);
	return err;
}

/* All entries of a plain hash. */
static int read_hash(int fd, const struct shape *sh, void **out, size_t *n)
{
	int err;

	*out = NULL;
	*n = 0;
	err = hash_in_batches(fd, sh, out, n);
	if (err == -ENOTSUP)
		err = hash_one_by_one(fd, sh, out, n);
	if (err) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	return err;
}

static int by_first_u32(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

int sample_actors(const struct engine *e, struct actor_entry **out, size_t *n)
{
	static const struct shape sh = SHAPE(struct actor_entry, id, a);
	int err = read_hash(e->maps[MAP_ACTORS], &sh, (void **)out, n);

	if (!err && *n)
		qsort(*out, *n, sizeof(**out), by_first_u32);
	return err;
}

int sample_actor(const struct engine *e, __u32 id, struct actor *out)
{
	return bpf_map_lookup_elem(e->maps[MAP_ACTORS], &id, out) ? -ENOENT : 0;
}

static int by_share(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return counts_share_compare(&x->key, &y->key);
}

__u32 sample_next_actor(const struct engine *e)
{
	__u32 slot = 0;
	__u64 given = 0;

	bpf_map_lookup_elem(e->maps[MAP_NEXT_IDS], &slot, &given);
	return ACTOR_FIRST + (__u32)given;
}

int sample_shares(const struct engine *e, struct share **out, size_t *n)
{
	static const struct shape sh = SHAPE(struct share, key, weight);
	int err = read_hash(e->maps[MAP_SHARES], &sh, (void **)out, n);

	if (!err && *n)
		qsort(*out, *n, sizeof(**out), by_share);
	return err;
}

int sample_txns(const struct engine *e, struct txn_entry **out, size_t *n)
{
	static const struct shape sh = SHAPE(struct txn_entry, key, t);

	return read_hash(e->maps[MAP_TXNS], &sh, (void **)out, n);
}

int sample_file(const struct engine *e, __u32 id, struct file_entry *out)
{
	if (e->maps[MAP_FILES] < 0)
		return -ENOTSUP;
	return bpf_map_lookup_elem(e->maps[MAP_FILES], &id, out) ? -ENOENT : 0;
}

void sample_cgroups(const struct engine *e,
		    void (*each)(void *ctx, const struct cgroup_key *key, const char *path), void *ctx)
{
	int fd = e->maps[MAP_CGROUP_PATHS];
	struct cgroup_path p;
	struct cgroup_key key;

	/* always the first key: an entry that was passed on is deleted */
	while (!bpf_map_get_next_key(fd, NULL, &key)) {
		if (!bpf_map_lookup_elem(fd, &key, &p)) {
			p.path[sizeof(p.path) - 1] = 0;
			each(ctx, &key, p.path);
		}
		if (bpf_map_delete_elem(fd, &key))
			break;
	}
}

__u64 sample_loss(const struct engine *e, enum loss which)
{
	__u64 *cpu = calloc(e->nr_cpus, sizeof(*cpu)), sum = 0;
	__u32 key = which;

	if (cpu && !bpf_map_lookup_elem(e->maps[MAP_LOSSES], &key, cpu))
		for (unsigned int i = 0; i < e->nr_cpus; i++)
			sum += cpu[i];
	free(cpu);
	return sum;
}

static int program_info(const struct engine *e, size_t i, struct bpf_prog_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(e->programs[i].prog, info, &len);
}

static __u64 skipped(const struct engine *e, size_t i)
{
	struct bpf_prog_info info;

	return program_info(e, i, &info) ? 0 : info.recursion_misses;
}

/* The understudy of a probe among the programs; nr_programs: none is attached. */
static size_t understudy_of(const struct engine *e, unsigned int probe)
{
	size_t i = 0;

	while (i < e->nr_programs &&
	       (e->programs[i].probe != probe || e->programs[i].role != PROGRAM_UNDERSTUDY))
		i++;
	return i;
}

/* Of the runs of a probe's program that were skipped: those that its understudy did not stand in for. */
static __u64 skipped_by_both(const struct engine *e, size_t i)
{
	int caught = probe_catalog[e->programs[i].probe].understudy.caught;
	size_t u = understudy_of(e, e->programs[i].probe);
	__u64 first = skipped(e, i), second;

	if (u == e->nr_programs)
		return first;
	if (caught != UNDERSTUDY_SEES_ALL) {
		second = sample_loss(e, (enum loss)caught);
		return first > second ? first - second : 0;
	}
	/* lost is what both missed: as much as either did, at most */
	second = skipped(e, u);
	return second < first ? second : first;
}

__u64 sample_recursion(const struct engine *e)
{
	__u64 sum = 0;

	for (size_t i = 0; i < e->nr_programs; i++) {
		if (e->programs[i].role == PROGRAM_PROBE)
			sum += skipped_by_both(e, i);
		else if (e->programs[i].role == PROGRAM_CONTINUATION)
			sum += skipped(e, i);
	}
	return sum;
}

int sample_cost(const struct engine *e, size_t i, struct program_cost *out)
{
	struct bpf_prog_info info;

	if (i >= e->nr_programs || program_info(e, i, &info))
		return -ENOENT;
	memcpy(out->name, info.name, sizeof(out->name));
	out->name[sizeof(out->name) - 1] = 0;
	out->runs = info.run_cnt;
	out->ns = info.run_time_ns;
	out->skipped = info.recursion_misses;
	return 0;
}
