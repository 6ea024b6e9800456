/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seed - what user space tells the kernel side. */
#include "seed.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static unsigned int endio_kind(const char *name)
{
	for (const struct endio_name *e = endio_names; e->symbol; e++)
		if (!strcmp(e->symbol, name))
			return e->kind;
	return ENDIO_UNKNOWN;
}

/* A cheap look before the list is searched: all names begin with one of these. */
static bool may_be(const char *name)
{
	return strchr("abcdefijmrswx", *name) && (strstr(name, "end") || strstr(name, "super_written"));
}

int symbols_read(struct symbols *s)
{
	static char buffer[1 << 16];
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], type, *name, *end;
	bool hidden = false;

	s->n = 0;
	if (!f)
		return -errno;
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	while (fgets(line, sizeof(line), f) && s->n < sizeof(s->v) / sizeof(s->v[0])) {
		__u64 addr = strtoull(line, &end, 16);
		unsigned int kind;

		type = end[0] ? end[1] : 0;
		if ((type != 't' && type != 'T') || !end[2])
			continue;
		name = end + 3;
		if (!may_be(name))
			continue;
		name[strcspn(name, " \t\n.")] = 0;
		kind = endio_kind(name);
		if (!kind)
			continue;
		if (!addr) {
			hidden = true;
			break;
		}
		s->v[s->n++] = (struct endio_addr){ addr, kind };
	}
	fclose(f);
	return hidden ? -EPERM : 0;
}

int seed_symbols(const struct engine *e, const struct symbols *s)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->n; i++)
		err = bpf_map_update_elem(e->maps[MAP_ENDIOS], &s->v[i].addr, &s->v[i].kind, BPF_ANY);
	return err;
}

int seed_calls(const struct engine *e)
{
	static const struct {
		long nr;
		__u32 kind;
		enum iface iface;
	} calls[] = {
		{ SYS_read, SYSK_READ, IFACE_READ },
		{ SYS_pread64, SYSK_READ | SYS_HAS_OFFSET >> 8, IFACE_PREAD64 },
		{ SYS_readv, SYSK_READ, IFACE_READV },
		{ SYS_preadv, SYSK_READ | SYS_HAS_OFFSET >> 8, IFACE_PREADV },
		{ SYS_preadv2, SYSK_READ | SYS_HAS_OFFSET >> 8, IFACE_PREADV2 },
		{ SYS_write, SYSK_WRITE, IFACE_WRITE },
		{ SYS_pwrite64, SYSK_WRITE | SYS_HAS_OFFSET >> 8, IFACE_PWRITE64 },
		{ SYS_writev, SYSK_WRITE, IFACE_WRITEV },
		{ SYS_pwritev, SYSK_WRITE | SYS_HAS_OFFSET >> 8, IFACE_PWRITEV },
		{ SYS_pwritev2, SYSK_WRITE | (SYS_HAS_OFFSET | SYS_HAS_RWF) >> 8, IFACE_PWRITEV2 },
		{ SYS_sendfile, SYSK_SENDFILE, IFACE_SENDFILE },
		{ SYS_splice, SYSK_SPLICE, IFACE_SPLICE },
		{ SYS_copy_file_range, SYSK_COPY, IFACE_COPY_FILE_RANGE },
		{ SYS_fsync, SYSK_SYNC_FD, IFACE_FSYNC },
		{ SYS_fdatasync, SYSK_SYNC_FD, IFACE_FDATASYNC },
		{ SYS_sync_file_range, SYSK_SYNC_FD, IFACE_SYNC_FILE_RANGE },
		{ SYS_syncfs, SYSK_SYNC_FD, IFACE_SYNCFS },
		{ SYS_sync, SYSK_SYNC_ALL, IFACE_SYNC },
		{ SYS_msync, SYSK_SYNC_ALL, IFACE_MSYNC },
		{ SYS_io_submit, SYSK_ASYNC, IFACE_LIBAIO },
		{ SYS_io_uring_setup, SYSK_ASYNC, IFACE_IO_URING },
		{ SYS_io_uring_enter, SYSK_ASYNC, IFACE_IO_URING },
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(calls) / sizeof(calls[0]); i++) {
		__u32 nr = (__u32)calls[i].nr, desc = SYS_DESC(calls[i].kind, calls[i].iface);

		err = bpf_map_update_elem(e->maps[MAP_SYSDESC], &nr, &desc, BPF_ANY);
	}
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

int seed_stacks(const struct engine *e, const struct disks *d)
{
	int err = 0;

	for (size_t i = 0; !err && i < d->n; i++) {
		struct inode_key k = { .ino = d->v[i].backing_ino, .dev = d->v[i].backing_dev };
		__u32 pool = POOL_ID(POOL_STACK, POOL_DEV(d->v[i].dev));

		/* behind a leaf (a file on tmpfs) nothing reaches a disk */
		if (k.dev && d->v[i].below[0])
			err = bpf_map_update_elem(e->maps[MAP_STACK_INODES], &k, &pool, BPF_ANY);
	}
	return err;
}

int seed_actor(const struct engine *e, __u32 tgid, __u32 actor)
{
	struct actor_ref ref = { .id = actor };

	return bpf_map_update_elem(e->maps[MAP_ACTOR_IDS], &tgid, &ref, BPF_ANY);
}

int seed_config(const struct engine *e, enum config slot, __u64 value)
{
	__u32 key = slot;

	return bpf_map_update_elem(e->maps[MAP_CONFIG], &key, &value, BPF_ANY);
}
