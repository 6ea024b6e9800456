/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample_latency - reads the kernel side's tables of waits into a plain array. */
#include "tables/sample.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "ledger/latency.h"

/* The parts of whole waits add up to their time. They do not while a wait is being counted. */
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

#define LAT_TRIES 1000	/* counting takes less than a microsecond, a reading longer; then the last reading stands */

/* Reads until two readings are equal, so that nothing was being counted. `v` has room for both. */
static int lat_look(const struct engine *e, int fd, const struct lat_key *key, struct lat_val *v)
{
	struct lat_val *again = v + e->nr_cpus;
	size_t size = e->nr_cpus * sizeof(*v);

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
	for (unsigned int i = 0; i < cpus; i++)
		latency_add(sum, &v[i]);
}

static int lat_read(const struct engine *e, int fd, struct lat_entry **out, size_t *n)
{
	struct lat_val *cpu = calloc(2 * (size_t)e->nr_cpus, sizeof(*cpu));
	struct lat_key key, *last = NULL;
	struct lat_entry *v;
	int err = cpu ? 0 : -ENOMEM;

	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (lat_look(e, fd, &key, cpu))
			continue;
		v = grow_by_one(*out, *n, sizeof(*v));
		if (!v) {
			err = -ENOMEM;
			break;
		}
		*out = v;
		v[*n].key = key;
		lat_add_cpus(&v[(*n)++].val, cpu, e->nr_cpus);
	}
	free(cpu);
	return err;
}

int sample_latency(const struct engine *e, struct lat_entry **out, size_t *n)
{
	int err;

	*out = NULL;
	*n = 0;
	err = lat_read(e, e->maps[MAP_LATS], out, n);
	if (!err)
		err = lat_read(e, e->maps[MAP_LATS_SPILL], out, n);
	if (err) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	*n = latency_merge(*out, *n);
	return err;
}

bool sample_latency_take(const struct engine *e, struct lat_entry *seen)
{
	struct lat_val *cpu = calloc((size_t)e->nr_cpus, sizeof(*cpu));
	int fd = e->maps[MAP_LATS];
	bool taken = cpu && !bpf_map_lookup_and_delete_elem(fd, &seen->key, cpu);

	if (taken)
		lat_add_cpus(&seen->val, cpu, e->nr_cpus);
	else	/* before 5.14 the kernel cannot read and delete in one call */
		taken = !bpf_map_delete_elem(fd, &seen->key);
	free(cpu);
	return taken;
}
