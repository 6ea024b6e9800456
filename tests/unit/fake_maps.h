/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_maps - hash maps without a kernel: the test defines libbpf's functions itself, so that what
 * tables/ reads and deletes are arrays in here. A descriptor is a number of the list of maps; others
 * are maps that are absent.
 */
#ifndef IOAMP_FAKE_MAPS_H
#define IOAMP_FAKE_MAPS_H

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_FIRST	1000	/* descriptor of the first map */
#define FAKE_ROOM	256	/* entries of a map */

struct fake_map {
	size_t key, value;	/* sizes; of a per-CPU map: of the values of all CPUs */
	size_t n;
	char keys[FAKE_ROOM][64];
	char *values;
};

static struct fake_map fake_maps[16];
static size_t fake_count;
/* The kernel can read and delete in one system call, and read in batches. */
static bool fake_take = true;

static int fake_new(size_t key, size_t value)
{
	struct fake_map *m = &fake_maps[fake_count];

	m->key = key;
	m->value = value;
	m->n = 0;
	m->values = calloc(FAKE_ROOM, value);
	return FAKE_FIRST + (int)fake_count++;
}

static void fake_free(void)
{
	while (fake_count)
		free(fake_maps[--fake_count].values);
}

static struct fake_map *fake_of(int fd)
{
	return fd >= FAKE_FIRST && fd < FAKE_FIRST + (int)fake_count ? &fake_maps[fd - FAKE_FIRST] : NULL;
}

/* The value of a key, or NULL. */
static void *fake_find(int fd, const void *key)
{
	struct fake_map *m = fake_of(fd);

	for (size_t i = 0; m && i < m->n; i++)
		if (!memcmp(m->keys[i], key, m->key))
			return m->values + i * m->value;
	return NULL;
}

/* The value of a key, zeroed if it is new. */
static void *fake_at(int fd, const void *key)
{
	struct fake_map *m = fake_of(fd);
	void *value = fake_find(fd, key);

	if (value || !m || m->n == FAKE_ROOM)
		return value;
	memcpy(m->keys[m->n], key, m->key);
	return memset(m->values + m->n++ * m->value, 0, m->value);
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	const void *v = fake_find(fd, key);

	if (!v)
		return -ENOENT;
	memcpy(value, v, fake_of(fd)->value);
	return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	void *v = fake_at(fd, key);

	(void)flags;
	if (!v)
		return -E2BIG;
	memcpy(v, value, fake_of(fd)->value);
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct fake_map *m = fake_of(fd);
	char *v = fake_find(fd, key);
	size_t i;

	if (!v)
		return -ENOENT;
	i = (size_t)(v - m->values) / m->value;
	memmove(m->keys[i], m->keys[i + 1], (--m->n - i) * sizeof(m->keys[0]));
	memmove(v, v + m->value, (m->n - i) * m->value);
	return 0;
}

int bpf_map_lookup_and_delete_elem(int fd, const void *key, void *value)
{
	int err = fake_take ? bpf_map_lookup_elem(fd, key, value) : -ENOTSUP;

	return err ? err : bpf_map_delete_elem(fd, key);
}

/* A key that is not there (any more) is followed by the first, as in the kernel. */
int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	struct fake_map *m = fake_of(fd);
	char *v = key ? fake_find(fd, key) : NULL;
	size_t i = v ? (size_t)(v - m->values) / m->value + 1 : 0;

	if (!m || i >= m->n)
		return -ENOENT;
	memcpy(next, m->keys[i], m->key);
	return 0;
}

/* All in one batch: FAKE_ROOM is less than any reader asks for. */
int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, __u32 *count,
			 const struct bpf_map_batch_opts *opts)
{
	struct fake_map *m = fake_of(fd);

	(void)in;
	(void)opts;
	if (!m || !fake_take)
		return -ENOTSUP;
	for (size_t i = 0; i < m->n; i++) {
		memcpy((char *)keys + i * m->key, m->keys[i], m->key);
		memcpy((char *)values + i * m->value, m->values + i * m->value, m->value);
	}
	*count = (__u32)m->n;
	memset(out, 0, sizeof(__u32));
	return -ENOENT;
}

#endif
