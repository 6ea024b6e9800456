/* SPDX-License-Identifier: GPL-3.0-or-later */
/* silent - probes that are attached and never run, told by their neighbours. */
#include "ledger/silent.h"

#include <stdbool.h>
#include <string.h>

/* What probes saw. */
enum seen {
	CALLS,			/* system calls on storage */
	CALLS_READ, CALLS_WRITE, CALLS_SYNC,	/* those that go through the functions below */
	VFS_READ, VFS_WRITE, VFS_SYNC,
	VFS_WRITE_BY_PROCESS,	/* no kernel thread's: a call made it */
	DIRECT_BY_PROCESS,	/* O_DIRECT writes */
	DIRTY_RUNS,
	PAGE_BYTES,		/* data written from the page cache, as far as calls in the window wrote as much into it */
	BIOS, REQUESTS,
	KERNEL_BYTES,
	SEEN_MAX,
};

/*
 * The pairs: a probe that never saw anything is silent when its neighbour saw this much in the window. One is enough where
 * both see the same call end. More is asked for where something may be on its way when the window
 * begins, and where kprobes see the begin of a call and its neighbour the end.
 */
#define ON_THE_WAY	16
#define PAGES		65536
static const struct pair {
	enum layer layer;
	enum seen own, neighbour;
	uint64_t least, least_kprobe;
	const char *reason;
} pairs[] = {
	{ LAYER_VFS, VFS_READ, CALLS_READ, 1, ON_THE_WAY, "its probe did not fire: vfs_read" },
	{ LAYER_VFS, VFS_WRITE, CALLS_WRITE, 1, ON_THE_WAY, "its probe did not fire: vfs_write" },
	{ LAYER_VFS, VFS_SYNC, CALLS_SYNC, 1, ON_THE_WAY, "its probe did not fire: sys_fsync, vfs_fsync_range" },
	{ LAYER_APPLICATION, CALLS, VFS_WRITE_BY_PROCESS, ON_THE_WAY, ON_THE_WAY, "its probe did not fire: call" },
	{ LAYER_APPLICATION, CALLS, DIRECT_BY_PROCESS, ON_THE_WAY, ON_THE_WAY, "its probe did not fire: call" },
	{ LAYER_CACHE, DIRTY_RUNS, PAGE_BYTES, PAGES, PAGES, "its probe did not fire: dirty" },
	{ LAYER_FILESYSTEM, BIOS, REQUESTS, ON_THE_WAY, ON_THE_WAY, "its probe did not fire: bio" },
	{ LAYER_BLOCK, BIOS, REQUESTS, ON_THE_WAY, ON_THE_WAY, "its probe did not fire: bio" },
	{ LAYER_DEVICE, REQUESTS, KERNEL_BYTES, PAGES, PAGES, "its probe did not fire: done" },
};

/* Of the target, outside of it, or the tool itself: no kernel thread. */
static bool by_process(const struct agg_key *k)
{
	if (k->actor == ACTOR_SELF || k->actor == ACTOR_OUTSIDE)
		return true;
	return k->actor >= ACTOR_FIRST && !(k->actor & ACTOR_POOL);
}

static void see_call(uint64_t seen[SEEN_MAX], const struct agg_key *k, uint64_t ops)
{
	seen[CALLS] += ops;
	/* the sync that a write is, too, is no call */
	if (k->flags & KEY_AGAIN)
		return;
	switch (k->cls) {
	case IFACE_READ:
	case IFACE_PREAD64:
		seen[CALLS_READ] += ops;
		break;
	case IFACE_WRITE:
	case IFACE_PWRITE64:
		seen[CALLS_WRITE] += ops;
		break;
	case IFACE_FSYNC:
	case IFACE_FDATASYNC:
		seen[CALLS_SYNC] += ops;
		break;
	}
}

static void see_vfs(uint64_t seen[SEEN_MAX], const struct agg_key *k, uint64_t ops)
{
	seen[k->op == OP_READ ? VFS_READ : k->op == OP_WRITE ? VFS_WRITE : VFS_SYNC] += ops;
	if (k->op == OP_WRITE && by_process(k))
		seen[VFS_WRITE_BY_PROCESS] += ops;
}

/* Bytes of data writes: of bios, of those that are O_DIRECT, and of calls into the page cache. */
struct data {
	uint64_t bios, direct, calls;
};

static void see_data(uint64_t seen[SEEN_MAX], const struct count *c, struct data *data)
{
	const struct agg_key *k = &c->key;

	if (k->layer == LAYER_BLOCK && k->op == OP_WRITE && k->cls == CLASS_DATA && !(k->flags & KEY_BELOW))
		data->bios += c->val.bytes;
	else if (k->layer == LAYER_APPLICATION && k->op == OP_WRITE && !(k->flags & KEY_DIRECT))
		data->calls += c->val.bytes;
	if (k->layer != LAYER_CACHE || k->op != CACHE_DIRECT_WRITE)
		return;
	data->direct += c->val.bytes;
	if (by_process(k))
		seen[DIRECT_BY_PROCESS] += c->val.ops;
}

/* Pages that were dirty before the window need no event in it: calls must have written as much. */
static uint64_t page_bytes(const struct data *d)
{
	uint64_t pages = d->bios > d->direct ? d->bios - d->direct : 0;

	return pages < d->calls ? pages : d->calls;
}

static void look(const struct counts *counts, uint64_t seen[SEEN_MAX])
{
	struct data data = { 0 };

	for (size_t i = 0; i < counts->n; i++) {
		const struct count *c = &counts->v[i];

		if (c->key.layer == LAYER_APPLICATION)
			see_call(seen, &c->key, c->val.ops);
		else if (c->key.layer == LAYER_VFS)
			see_vfs(seen, &c->key, c->val.ops);
		else if (c->key.layer == LAYER_DEVICE)
			seen[REQUESTS] += c->val.ops;
		else if (c->key.layer == LAYER_BLOCK)
			seen[BIOS] += c->val.ops;
		see_data(seen, c, &data);
	}
	seen[PAGE_BYTES] = page_bytes(&data);
}

const char *silent_layers(const struct silent_input *in, struct layer_state layers[LAYER_MAX])
{
	uint64_t seen[SEEN_MAX] = { [KERNEL_BYTES] = in->disk_bytes }, ever[SEEN_MAX] = { [DIRTY_RUNS] = in->dirty_runs };
	const char *incomplete = NULL;

	look(in->window, seen);
	look(in->ever, ever);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct pair *p = &pairs[i];
		struct layer_state *s = &layers[p->layer];
		bool kprobe = s->via && !strcmp(s->via, "kprobe");

		if (!s->available || seen[p->own] || ever[p->own] ||
		    seen[p->neighbour] < (kprobe ? p->least_kprobe : p->least))
			continue;
		*s = (struct layer_state){ .reason = p->reason, .code = REASON_SILENT };
		incomplete = "a probe is attached and did not fire, see the reason of its layer";
	}
	return incomplete;
}
