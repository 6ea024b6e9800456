/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unheard - bios whose end no program heard, although their disk counted them. */
#include "tables/unheard.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

int unheard_take(const struct engine *e, const struct disk *disk, struct disk_stat missing, struct counts *to)
{
	int fd = e->maps[MAP_BIOS], err;
	struct bio_entry *v = NULL;
	size_t n = 0;

	if (!disk->requests || !disk_is_idle(disk))
		return 0;
	err = bios_read(e, &v, &n);
	n = err ? 0 : unheard_choose(v, n, disk->dev, missing);
	for (size_t i = 0; !err && i < n && disk_is_idle(disk); i++)
		if (!bpf_map_delete_elem(fd, &v[i].bio))
			err = bios_count(&v[i].r, LAYER_DEVICE, to);
	free(v);
	return err;
}
