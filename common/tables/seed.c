/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seed - writes what the kernel side must know into its tables. */
#include "tables/seed.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/syscall.h>

int seed_symbols(const struct engine *e, const struct symbols *s)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->n; i++)
		err = bpf_map_update_elem(e->maps[MAP_ENDIOS], &s->v[i].addr, &s->v[i].kind, BPF_ANY);
	return err;
}

#define OWN_WORK (SYS_DIRTIES | SYS_FILLS)	/* the caller itself reads and dirties the page cache in this call */
#define OFFSET SYS_HAS_OFFSET
#define CALL(call, kind, iface, bits) { SYS_##call, SYS_DESC((__u32)SYSK_##kind, IFACE_##iface) | (bits) }
#define KNOWN(call) { SYS_##call, OWN_WORK }

/*
 * System calls that do I/O, and others (KNOWN) that read or change file data. Old ones do not exist
 * on all architectures.
 */
static const struct call {
	long nr;
	__u32 desc;
} calls[] = {
	CALL(read, READ, READ, SYS_FILLS),
	CALL(pread64, READ, PREAD64, SYS_FILLS | OFFSET),
	CALL(readv, READ, READV, SYS_FILLS),
	CALL(preadv, READ, PREADV, SYS_FILLS | OFFSET),
	CALL(preadv2, READ, PREADV2, SYS_FILLS | OFFSET),
	CALL(write, WRITE, WRITE, OWN_WORK),
	CALL(pwrite64, WRITE, PWRITE64, OWN_WORK | OFFSET),
	CALL(writev, WRITE, WRITEV, OWN_WORK),
	CALL(pwritev, WRITE, PWRITEV, OWN_WORK | OFFSET),
	CALL(pwritev2, WRITE, PWRITEV2, OWN_WORK | OFFSET | SYS_HAS_RWF),
	CALL(sendfile, SENDFILE, SENDFILE, OWN_WORK),
	CALL(splice, SPLICE, SPLICE, OWN_WORK),
	CALL(copy_file_range, COPY, COPY_FILE_RANGE, OWN_WORK),
	CALL(fsync, SYNC_FD, FSYNC, OWN_WORK),
	CALL(fdatasync, SYNC_FD, FDATASYNC, OWN_WORK),
	CALL(sync_file_range, SYNC_FD, SYNC_FILE_RANGE, OWN_WORK),
	CALL(syncfs, SYNC_FD, SYNCFS, OWN_WORK),
	CALL(sync, SYNC_ALL, SYNC, OWN_WORK),
	CALL(msync, SYNC_ALL, MSYNC, 0),
	CALL(fallocate, ALTER_FD, FALLOCATE, OWN_WORK),
	CALL(ftruncate, ALTER_FD, FTRUNCATE, OWN_WORK),
	CALL(truncate, ALTER_PATH, TRUNCATE, OWN_WORK),
	CALL(ioctl, IOCTL, IOCTL, OWN_WORK),
	CALL(io_submit, AIO, LIBAIO, OWN_WORK),
	{ SYS_io_getevents, OWN_WORK | SYS_REAPS },
#ifdef SYS_io_pgetevents
	{ SYS_io_pgetevents, OWN_WORK | SYS_REAPS },
#endif
	KNOWN(openat),
	KNOWN(openat2),
	KNOWN(readahead),
	KNOWN(fadvise64),
	{ SYS_madvise, SYS_FILLS },
#ifdef SYS_open
	KNOWN(open),
	KNOWN(creat),
#endif
};

/* Their requests are counted by a probe of their own; without it they are counted as a loss. */
static const struct call rings[] = {
	CALL(io_uring_setup, ASYNC, IO_URING, OWN_WORK),
	CALL(io_uring_enter, ASYNC, IO_URING, OWN_WORK),
};

static int seed_call(const struct engine *e, const struct call *c, __u32 mask)
{
	__u32 nr = (__u32)c->nr, desc = c->desc & mask;

	return bpf_map_update_elem(e->maps[MAP_SYSDESC], &nr, &desc, BPF_ANY);
}

int seed_calls(const struct engine *e)
{
	__u32 mask = engine_tells(e, TELLS_URING) ? ~(__u32)SYS_COUNTED : ~0u;
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(calls) / sizeof(calls[0]); i++)
		err = seed_call(e, &calls[i], ~0u);
	for (size_t i = 0; !err && i < sizeof(rings) / sizeof(rings[0]); i++)
		err = seed_call(e, &rings[i], mask);
	return err;
}

int seed_mounts(const struct engine *e, const struct mounts *m)
{
	__u32 one = 1;
	int err = 0;

	for (size_t i = 0; !err && i < m->n; i++)
		if (m->v[i].source)
			err = bpf_map_update_elem(e->maps[MAP_MOUNTS], &m->v[i].source, &one, BPF_ANY);
	return err;
}

/* A disk below exactly one other: I/O of the threads of the upper disk is done for that disk. */
static int seed_holder(const struct engine *e, const struct disks *all, const struct disk *d)
{
	__u32 pool = POOL_ID(POOL_STACK, POOL_DEV(d->above[0]));
	const struct disk *up = d->above[0] && !d->above[1] ? disks_of_device(all, d->above[0]) : NULL;

	/* the threads of a loop device are recognised by its backing file */
	if (!up || up->backing_dev)
		return 0;
	return bpf_map_update_elem(e->maps[up->requests ? MAP_RQ_HOLDERS : MAP_HOLDERS], &d->dev,
				   &pool, BPF_ANY);
}

int seed_stacks(const struct engine *e, const struct disks *d)
{
	__u32 slot = CFG_STACKED, stacked = STACKED_NONE;
	__u64 known;
	int err = 0;

	for (size_t i = 0; !err && i < d->n; i++) {
		struct inode_key k = { .ino = d->v[i].backing_ino, .dev = d->v[i].backing_dev };
		__u32 pool = POOL_ID(POOL_STACK, POOL_DEV(d->v[i].dev));

		/* a loop device on tmpfs is a leaf: nothing below it reaches a disk */
		if (k.dev && d->v[i].below[0])
			err = bpf_map_update_elem(e->maps[MAP_STACK_INODES], &k, &pool, BPF_ANY);
		if (!err)
			err = seed_holder(e, d, &d->v[i]);
		/*
		 * For iolatency-layers: the time between the two disks is `stack`. Multipath of
		 * requests (dm-mpath) queues no bios below, so it is a leaf.
		 */
		if (!err && d->v[i].backing_dev && d->v[i].below[0] && e->maps[MAP_RQ_UPPERS] >= 0)
			err = bpf_map_update_elem(e->maps[MAP_RQ_UPPERS], &d->v[i].dev, &pool, BPF_ANY);
		if (!d->v[i].requests)
			stacked |= d->v[i].memory ? STACKED_MEMORY : STACKED_DISKS;
	}
	/* the kernel side notices disks that are stacked later */
	if (!err && (stacked & STACKED_DISKS))
		err = seed_config(e, CFG_STACKED, STACKED_DISKS);
	else if (!err && stacked && !bpf_map_lookup_elem(e->maps[MAP_CONFIG], &slot, &known) && !known)
		err = seed_config(e, CFG_STACKED, STACKED_MEMORY);
	return err;
}

int seed_actor(const struct engine *e, __u32 tgid, __u32 actor)
{
	struct actor_ref ref = { .id = actor };

	return bpf_map_update_elem(e->maps[e->text.pid_ns ? MAP_WISHES : MAP_ACTOR_IDS], &tgid, &ref,
				   BPF_ANY);
}

int seed_cgroup_path(const struct engine *e, const char *path)
{
	struct cgroup_path key = { 0 };
	__u32 one = 1;

	snprintf(key.path, sizeof(key.path), "%s", path);
	return bpf_map_update_elem(e->maps[MAP_CGROUP_WISHES], &key, &one, BPF_ANY);
}

int seed_cgroup(const struct engine *e, const struct cgroup_key *key)
{
	__u32 one = 1;

	return bpf_map_update_elem(e->maps[MAP_CGROUPS_WANTED], key, &one, BPF_ANY);
}

void seed_judge_again(const struct engine *e)
{
	__u32 tgid, next;
	struct actor_ref ref;
	bool more = !bpf_map_get_next_key(e->maps[MAP_ACTOR_IDS], NULL, &tgid);

	while (more) {
		more = !bpf_map_get_next_key(e->maps[MAP_ACTOR_IDS], &tgid, &next);
		if (!bpf_map_lookup_elem(e->maps[MAP_ACTOR_IDS], &tgid, &ref) && ref.id == ACTOR_OUTSIDE)
			bpf_map_delete_elem(e->maps[MAP_ACTOR_IDS], &tgid);
		tgid = next;
	}
}

int seed_config(const struct engine *e, enum config slot, __u64 value)
{
	__u32 key = slot;

	return bpf_map_update_elem(e->maps[MAP_CONFIG], &key, &value, BPF_ANY);
}

int seed_syncs(const struct engine *e)
{
	__u64 own = 0;

	if (engine_tells(e, TELLS_FSYNC))
		own |= 1u << IFACE_FSYNC;
	if (engine_tells(e, TELLS_FDATASYNC))
		own |= 1u << IFACE_FDATASYNC;
	return seed_config(e, CFG_SYNCS, own);
}

int seed_waits(const struct engine *e)
{
	__u64 told = 0;

	if (!e->text.latency)
		return 0;
	if (engine_tells(e, TELLS_JOURNAL_END))
		told |= WAITS_JOURNAL;
	if (engine_tells(e, TELLS_IOMAP_END))
		told |= WAITS_IOMAP;
	return seed_config(e, CFG_WAITS, told);
}
