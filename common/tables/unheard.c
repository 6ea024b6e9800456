/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unheard - bios whose end no program heard, although their disk counted them. */
#include "tables/unheard.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static int oldest_first(const void *a, const void *b)
{
	const struct bio_entry *x = a, *y = b;

	return x->r.queued_ns < y->r.queued_ns ? -1 : x->r.queued_ns > y->r.queued_ns;
}

/* Bytes of the counter that the kernel adds them to; NULL: to none. */
static uint64_t *counter_of(struct disk_stat *s, __u8 op)
{
	return op == OP_READ ? &s->read_bytes : op == OP_WRITE || op == OP_ZEROES ? &s->write_bytes : NULL;
}

size_t unheard_choose(struct bio_entry *v, size_t n, __u32 dev, struct disk_stat missing)
{
	size_t chosen = 0;

	qsort(v, n, sizeof(*v), oldest_first);
	for (size_t i = 0; i < n; i++) {
		uint64_t *left = counter_of(&missing, v[i].r.op);

		if (v[i].r.dev != dev || !v[i].r.left || !left || *left < v[i].r.left)
			continue;
		*left -= v[i].r.left;
		v[chosen++] = v[i];
	}
	return chosen;
}

static int add(struct counts *to, const struct bio_record *r, __u32 actor, __u32 bytes, __u32 ops)
{
	bool before = actor == ACTOR_BEFORE;
	struct agg_key key = {
		.layer = LAYER_DEVICE, .op = r->op, .cls = r->cls, .dev = r->dev, .file = r->file,
		.actor = before ? ACTOR_BACKGROUND : actor,
		.flags = (r->flags & BIO_F_ORIGIN ? 0 : KEY_BELOW) | (before ? KEY_BEFORE : 0),
	};

	return counts_append(to, &key, &(struct agg_val){ .bytes = bytes, .ops = ops });
}

int unheard_count(const struct bio_record *r, struct counts *to)
{
	__u32 left = r->left, ops = 1;
	int err = 0;

	for (int i = 0; !err && i < BIO_OWNERS && i < r->parts && left; i++) {
		__u32 bytes = r->part[i].bytes < left ? r->part[i].bytes : left;

		if (!bytes)
			continue;
		err = add(to, r, r->part[i].actor, bytes, ops);
		left -= bytes;
		ops = 0;
	}
	return err || !left ? err : add(to, r, ACTOR_UNATTRIBUTED, left, ops);
}

/* All records. The first bytes of a value are a struct bio_record. */
static int read_bios(int fd, struct bio_entry **out, size_t *n)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	struct bio_entry *v = NULL;
	__u64 key, *last = NULL;
	char *value = NULL;
	int err = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;

	*n = 0;
	if (!err && !(value = malloc(info.value_size)))
		err = -ENOMEM;
	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (bpf_map_lookup_elem(fd, &key, value))
			continue;
		v = grow_by_one(*out, *n, sizeof(*v));
		if (!v)
			err = -ENOMEM;
		else
			*out = v;
		if (v) {
			v[*n].bio = key;
			memcpy(&v[(*n)++].r, value, sizeof(v->r));
		}
	}
	free(value);
	return err;
}

int unheard_take(const struct engine *e, const struct disk *disk, struct disk_stat missing, struct counts *to)
{
	int fd = e->maps[MAP_BIOS], err = 0;
	struct bio_entry *v = NULL;
	size_t n = 0;

	if (fd < 0 || !disk->requests || !disk_is_idle(disk))
		return 0;
	err = read_bios(fd, &v, &n);
	n = err ? 0 : unheard_choose(v, n, disk->dev, missing);
	for (size_t i = 0; !err && i < n && disk_is_idle(disk); i++)
		if (!bpf_map_delete_elem(fd, &v[i].bio))
			err = unheard_count(&v[i].r, to);
	free(v);
	return err;
}
