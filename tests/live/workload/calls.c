// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * calls - interface FILE IFACE: the same 23 x 4096 bytes through each system call.
 * One entry per IFACE; `once` does operation i and accounts what it returned.
 */
#include "workload.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define INTERFACE_OPS 23 /* prime, so that the count is recognised at a glance */

struct iface_run {
	struct truth *t;
	int fd;	     /* FILE */
	int aux[2];  /* memory file, or a pipe */
	off_t at;    /* offset of this operation */
};

static const size_t pieces[3] = { 1000, 2000, PAGE - 3000 };

static void split(struct iovec *iov)
{
	unsigned char *p = buf;

	for (int i = 0; i < 3; p += pieces[i], i++)
		iov[i] = (struct iovec){ .iov_base = p, .iov_len = pieces[i] };
}

static ssize_t vector2(long nr, struct iface_run *r, int flags)
{
	struct iovec iov[3];

	split(iov);
	/* The offset is passed as two longs, the high one of which 64-bit kernels ignore. */
	return syscall(nr, r->fd, iov, 3, (long)r->at, 0L, flags);
}

static void via_write(struct iface_run *r)
{
	wrote(r->t, write(r->fd, buf, PAGE), PAGE, "write");
}

static void via_pwrite64(struct iface_run *r)
{
	wrote(r->t, pwrite(r->fd, buf, PAGE, r->at), PAGE, "pwrite64");
}

static void via_writev(struct iface_run *r)
{
	struct iovec iov[3];

	split(iov);
	wrote(r->t, writev(r->fd, iov, 3), PAGE, "writev");
}

static void via_pwritev(struct iface_run *r)
{
	struct iovec iov[3];

	split(iov);
	wrote(r->t, pwritev(r->fd, iov, 3, r->at), PAGE, "pwritev");
}

static void via_pwritev2(struct iface_run *r)
{
	wrote(r->t, vector2(SYS_pwritev2, r, 0), PAGE, "pwritev2");
}

static void via_pwritev2_dsync(struct iface_run *r)
{
	wrote(r->t, vector2(SYS_pwritev2, r, RWF_DSYNC), PAGE, "pwritev2 RWF_DSYNC");
	r->t->syncs++;
}

static void via_pwritev2_sync(struct iface_run *r)
{
	wrote(r->t, vector2(SYS_pwritev2, r, RWF_SYNC), PAGE, "pwritev2 RWF_SYNC");
	r->t->syncs++;
}

static void via_write_sync(struct iface_run *r) /* FILE is open with O_SYNC or O_DSYNC */
{
	via_write(r);
	r->t->syncs++;
}

static void via_sendfile(struct iface_run *r) /* aux[0]: a memory file, no application I/O */
{
	off_t from = r->at;

	wrote(r->t, sendfile(r->fd, r->aux[0], &from, PAGE), PAGE, "sendfile");
}

static void via_sendfile_read(struct iface_run *r)
{
	off_t from = r->at;

	did_read(r->t, sendfile(r->aux[1], r->fd, &from, PAGE), PAGE, "sendfile");
	whole(read(r->aux[0], buf, PAGE), PAGE, "pipe");
}

static void via_splice(struct iface_run *r)
{
	whole(write(r->aux[1], buf, PAGE), PAGE, "pipe");
	wrote(r->t, splice(r->aux[0], NULL, r->fd, &(loff_t){ r->at }, PAGE, 0), PAGE, "splice");
}

static void via_splice_read(struct iface_run *r)
{
	did_read(r->t, splice(r->fd, &(loff_t){ r->at }, r->aux[1], NULL, PAGE, 0), PAGE,
		 "splice");
	whole(read(r->aux[0], buf, PAGE), PAGE, "pipe");
}

/* Within FILE: from its first 23 pages to the 23 behind them; both a read and a write. */
static void via_copy_file_range(struct iface_run *r)
{
	loff_t from = r->at, to = r->at + INTERFACE_OPS * (off_t)PAGE;
	ssize_t got = copy_file_range(r->fd, &from, r->fd, &to, PAGE, 0);

	did_read(r->t, got, PAGE, "copy_file_range");
	wrote(r->t, got, PAGE, "copy_file_range");
}

static void via_read(struct iface_run *r)
{
	did_read(r->t, read(r->fd, buf, PAGE), PAGE, "read");
}

static void via_pread64(struct iface_run *r)
{
	did_read(r->t, pread(r->fd, buf, PAGE, r->at), PAGE, "pread64");
}

static void via_readv(struct iface_run *r)
{
	struct iovec iov[3];

	split(iov);
	did_read(r->t, readv(r->fd, iov, 3), PAGE, "readv");
}

static void via_preadv(struct iface_run *r)
{
	struct iovec iov[3];

	split(iov);
	did_read(r->t, preadv(r->fd, iov, 3, r->at), PAGE, "preadv");
}

static void via_preadv2(struct iface_run *r)
{
	did_read(r->t, vector2(SYS_preadv2, r, 0), PAGE, "preadv2");
}

/* The sync family: a 4 KiB pwrite64, then the call. */

static void via_fsync(struct iface_run *r)
{
	via_pwrite64(r);
	synced(r->t, fsync(r->fd), "fsync");
}

static void via_fdatasync(struct iface_run *r)
{
	via_pwrite64(r);
	synced(r->t, fdatasync(r->fd), "fdatasync");
}

static void via_syncfs(struct iface_run *r)
{
	via_pwrite64(r);
	synced(r->t, syncfs(r->fd), "syncfs");
}

static void via_sync(struct iface_run *r)
{
	via_pwrite64(r);
	sync();
	r->t->syncs++;
}

static void via_sync_file_range(struct iface_run *r)
{
	via_pwrite64(r);
	synced(r->t,
	       sync_file_range(r->fd, r->at, PAGE,
			       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				       SYNC_FILE_RANGE_WAIT_AFTER),
	       "sync_file_range");
}

static void via_msync(struct iface_run *r) /* the mapping is never touched: no mmap I/O */
{
	void *map;

	via_pwrite64(r);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, r->fd, r->at);
	if (map == MAP_FAILED)
		die("mmap");
	synced(r->t, msync(map, PAGE, MS_SYNC), "msync");
	munmap(map, PAGE);
}

enum aux { AUX_NONE, AUX_MEMFD, AUX_PIPE };

static const struct iface {
	const char *name;
	void (*once)(struct iface_run *);
	int flags;	/* of open, beside O_RDWR | O_CREAT */
	bool needs_data; /* FILE must have 23 written pages before */
	enum aux aux;
} ifaces[] = {
	{ "write", via_write, 0, false, AUX_NONE },
	{ "pwrite64", via_pwrite64, 0, false, AUX_NONE },
	{ "writev", via_writev, 0, false, AUX_NONE },
	{ "pwritev", via_pwritev, 0, false, AUX_NONE },
	{ "pwritev2", via_pwritev2, 0, false, AUX_NONE },
	{ "pwritev2-dsync", via_pwritev2_dsync, 0, false, AUX_NONE },
	{ "pwritev2-sync", via_pwritev2_sync, 0, false, AUX_NONE },
	{ "write-osync", via_write_sync, O_SYNC, false, AUX_NONE },
	{ "write-odsync", via_write_sync, O_DSYNC, false, AUX_NONE },
	{ "sendfile", via_sendfile, 0, false, AUX_MEMFD },
	{ "splice", via_splice, 0, false, AUX_PIPE },
	{ "copy_file_range", via_copy_file_range, 0, true, AUX_NONE },
	{ "read", via_read, 0, true, AUX_NONE },
	{ "pread64", via_pread64, 0, true, AUX_NONE },
	{ "readv", via_readv, 0, true, AUX_NONE },
	{ "preadv", via_preadv, 0, true, AUX_NONE },
	{ "preadv2", via_preadv2, 0, true, AUX_NONE },
	{ "sendfile-read", via_sendfile_read, 0, true, AUX_PIPE },
	{ "splice-read", via_splice_read, 0, true, AUX_PIPE },
	{ "sync", via_sync, 0, false, AUX_NONE },
	{ "syncfs", via_syncfs, 0, false, AUX_NONE },
	{ "fsync", via_fsync, 0, false, AUX_NONE },
	{ "fdatasync", via_fdatasync, 0, false, AUX_NONE },
	{ "sync_file_range", via_sync_file_range, 0, false, AUX_NONE },
	{ "msync", via_msync, 0, false, AUX_NONE },
};

static const struct iface *find_iface(const char *name)
{
	size_t n = sizeof(ifaces) / sizeof(ifaces[0]);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(ifaces[i].name, name))
			return &ifaces[i];
	fputs("workload: interfaces:", stderr);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, " %s", ifaces[i].name);
	fputs("\n", stderr);
	exit(2);
}

static void open_aux(enum aux kind, int aux[2])
{
	if (kind == AUX_PIPE && pipe(aux))
		die("pipe");
	if (kind != AUX_MEMFD)
		return;
	aux[0] = memfd_create("workload", MFD_CLOEXEC);
	if (aux[0] < 0)
		die("memfd_create");
	whole(write(aux[0], buf, INTERFACE_OPS * PAGE), INTERFACE_OPS * PAGE, "memfd write");
}

void do_interface(char **arg, struct truth *t)
{
	const struct iface *via = find_iface(arg[1]);
	struct iface_run run = { .t = t, .aux = { -1, -1 } };

	run.fd = open_or_die(arg[0], via->flags | O_RDWR | (via->needs_data ? 0 : O_CREAT));
	if (via->needs_data)
		size_at_least(run.fd, INTERFACE_OPS * PAGE, arg[0]);
	open_aux(via->aux, run.aux);
	for (int i = 0; i < INTERFACE_OPS; i++, run.at += PAGE)
		via->once(&run);
	close_or_die(run.fd);
	fprintf(t->extra, ",\"interface\":\"%s\"", via->name);
}
