/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample_latency - the kernel side's table of waits as a plain array. */
#include "sample.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"

/* Grows by doubling; 0 or -ENOMEM. */
static int room(struct lat_entry **v, size_t n, size_t *cap)
{
	size_t more = *cap ? *cap * 2 : 256;
	void *p;

	if (n < *cap)
		return 0;
	p = realloc(*v, more * sizeof(**v));
	if (!p)
		return -ENOMEM;
	*v = p;
	*cap = more;
	return 0;
}

/* The parts of whole waits add up; of one that is being counted just now they do not yet. */
static bool lat_whole(const struct lat_val *v, unsigned int cpus)
{
	for (unsigned int i = 0; i < cpus; i++) {
		__u64 sum = 0;

		for (int p = 0; p < PART_MAX; p++)
			sum += v[i].part[p];
		if (sum != v[i].wait_ns)
			return false;
	}
	return true;
}

#define LAT_TRIES 1000	/* counting takes less than a microsecond, a look longer */

/* A value in which nothing moves: two looks show the same. `v` has room for both. */
static int lat_look(const struct engine *e, const struct lat_key *key, struct lat_val *v)
{
	struct lat_val *again = v + e->nr_cpus;
	size_t size = e->nr_cpus * sizeof(*v);
	int fd = e->maps[MAP_LATS];

	for (int i = 0; i < LAT_TRIES; i++) {
		if (bpf_map_lookup_elem(fd, key, v) || bpf_map_lookup_elem(fd, key, again))
			return -ENOENT;
		if (!memcmp(v, again, size) && lat_whole(v, e->nr_cpus))
			break;
	}
	return 0;
}

static void lat_add_cpus(struct lat_val *sum, const struct lat_val *v, unsigned int cpus)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < cpus; i++) {
		for (int p = 0; p < PART_MAX; p++)
			sum->part[p] += v[i].part[p];
		for (int s = 0; s < LAT_SLOTS; s++)
			sum->slot[s] += v[i].slot[s];
		sum->wait_ns += v[i].wait_ns;
		if (v[i].max_ns > sum->max_ns)
			sum->max_ns = v[i].max_ns;
	}
}

int sample_latency(const struct engine *e, struct lat_entry **out, size_t *n)
{
	struct lat_val *cpu = calloc(2 * (size_t)e->nr_cpus, sizeof(*cpu));
	struct lat_key key, *last = NULL;
	size_t cap = 0;
	int err = cpu ? 0 : -ENOMEM;

	*out = NULL;
	*n = 0;
	while (!err && !bpf_map_get_next_key(e->maps[MAP_LATS], last, &key)) {
		last = &key;
		if (lat_look(e, &key, cpu))
			continue;
		err = room(out, *n, &cap);
		if (err)
			break;
		(*out)[*n].key = key;
		lat_add_cpus(&(*out)[(*n)++].val, cpu, e->nr_cpus);
	}
	free(cpu);
	if (err) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	if (*n)
		qsort(*out, *n, sizeof(**out), lat_compare);
	return err;
}
