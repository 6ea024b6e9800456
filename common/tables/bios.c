/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bios - the kernel side's records of bios on their way. */
#include "tables/bios.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* The first bytes of a value are a struct bio_record. */
int bios_read(const struct engine *e, struct bio_entry **out, size_t *n)
{
	int fd = e->maps[MAP_BIOS];
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	struct bio_entry *v = NULL;
	__u64 key, *last = NULL;
	char *value = NULL;
	int err;

	*out = NULL;
	*n = 0;
	if (fd < 0)
		return 0;
	err = bpf_obj_get_info_by_fd(fd, &info, &len) ? -errno : 0;
	if (!err && !(value = malloc(info.value_size)))
		err = -ENOMEM;
	while (!err && !bpf_map_get_next_key(fd, last, &key)) {
		last = &key;
		if (bpf_map_lookup_elem(fd, &key, value))
			continue;
		v = grow_by_one(*out, *n, sizeof(*v));
		if (!v) {
			err = -ENOMEM;
			break;
		}
		*out = v;
		v[*n].bio = key;
		memcpy(&v[(*n)++].r, value, sizeof(v->r));
	}
	free(value);
	return err;
}

static int add(struct counts *to, const struct bio_record *r, __u8 layer, __u32 actor, struct agg_val val)
{
	bool before = actor == ACTOR_BEFORE;
	struct agg_key key = {
		.layer = layer, .op = r->op, .cls = r->cls, .dev = r->dev, .file = r->file,
		.actor = before ? ACTOR_BACKGROUND : actor,
		.flags = (r->flags & BIO_F_ORIGIN ? 0 : KEY_BELOW) | (before ? KEY_BEFORE : 0),
	};

	return counts_append(to, &key, &val);
}

int bios_count(const struct bio_record *r, __u8 layer, struct counts *to)
{
	struct agg_val val = { .ops = 1 };
	__u32 left = r->left;
	int err = 0;

	for (int i = 0; !err && i < BIO_OWNERS && i < r->parts && left; i++) {
		val.bytes = r->part[i].bytes < left ? r->part[i].bytes : left;
		if (!val.bytes)
			continue;
		err = add(to, r, layer, r->part[i].actor, val);
		left -= (__u32)val.bytes;
		val.ops = 0;
	}
	val.bytes = left;
	return err || !left ? err : add(to, r, layer, ACTOR_UNATTRIBUTED, val);
}
