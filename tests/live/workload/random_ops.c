// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * random_ops - the operations that the random program chooses from.
 */
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BATCH_MAX 8u
#define PIPE_BYTES 65536u

uint64_t draw(struct worker *w, uint64_t below)
{
	return (next_random(&w->state) >> 11) % below;
}

static void count(struct tally *t, enum via via, ssize_t got)
{
	if (got < 0)
		die("%s", via_names[via]);
	t->ops[via] += got > 0;
	t->bytes[via] += (uint64_t)got;
}

static void count_write(struct task *k, enum via via, ssize_t got)
{
	count(k->w->tally, via, got);
	k->w->tally->truth.write_ops += got > 0;
	k->w->tally->truth.write_bytes += (uint64_t)got;
}

static void count_read(struct task *k, enum via via, ssize_t got)
{
	count(k->w->tally, via, got);
	k->w->tally->truth.read_ops += got > 0;
	k->w->tally->truth.read_bytes += (uint64_t)got;
}

static void count_call(struct task *k, enum via via, int err) /* of no bytes */
{
	if (err)
		die("%s", via_names[via]);
	k->w->tally->ops[via]++;
	if (via != VIA_ftruncate)
		k->w->tally->truth.syncs++;
}

static void thirds(struct task *k, struct iovec *iov)
{
	size_t piece = k->size / 3;

	iov[0] = (struct iovec){ k->w->memory, piece };
	iov[1] = (struct iovec){ k->w->memory + piece, piece };
	iov[2] = (struct iovec){ k->w->memory + 2 * piece, k->size - 2 * piece };
}

static void seek(struct task *k)
{
	if (lseek(k->fd, k->at, SEEK_SET) < 0)
		die("lseek");
}

static void op_write(struct task *k)
{
	seek(k);
	count_write(k, VIA_write, write(k->fd, k->w->memory, k->size));
}

static void op_write_sync(struct task *k) /* open with O_SYNC or O_DSYNC */
{
	op_write(k);
	k->w->tally->truth.syncs++;
}

static void op_pwrite(struct task *k)
{
	count_write(k, VIA_pwrite64, pwrite(k->fd, k->w->memory, k->size, k->at));
}

static void op_writev(struct task *k)
{
	struct iovec iov[3];

	thirds(k, iov);
	seek(k);
	count_write(k, VIA_writev, writev(k->fd, iov, 3));
}

static void op_pwritev2(struct task *k)
{
	struct iovec iov[3];

	thirds(k, iov);
	count_write(k, VIA_pwritev2, syscall(SYS_pwritev2, k->fd, iov, 3, (long)k->at, 0L, 0));
}

static void op_read(struct task *k)
{
	seek(k);
	count_read(k, VIA_read, read(k->fd, k->w->memory, k->size));
}

static void op_pread(struct task *k)
{
	count_read(k, VIA_pread64, pread(k->fd, k->w->memory, k->size, k->at));
}

static void op_readv(struct task *k)
{
	struct iovec iov[3];

	thirds(k, iov);
	seek(k);
	count_read(k, VIA_readv, readv(k->fd, iov, 3));
}

static void op_preadv2(struct task *k)
{
	struct iovec iov[3];

	thirds(k, iov);
	count_read(k, VIA_preadv2, syscall(SYS_preadv2, k->fd, iov, 3, (long)k->at, 0L, 0));
}

/* Up to 8 requests side by side; those of a direct file stay aligned. */
static void requests(struct task *k, enum async_how how, enum async_op op)
{
	struct request q[BATCH_MAX];
	unsigned n = 1 + (unsigned)draw(k->w, BATCH_MAX);
	size_t piece = k->size / n / PAGE * PAGE;
	enum via via = how == LIBAIO ? VIA_libaio : VIA_io_uring;

	if (piece == 0) {
		n = 1;
		piece = k->size;
	}
	if (!k->w->async[how])
		k->w->async[how] = async_open(how, -1, NULL, 0);
	for (unsigned i = 0; i < n; i++)
		q[i] = (struct request){ k->fd, k->w->memory + i * piece, piece,
					 k->at + (off_t)(i * piece), 0 };
	async_run(k->w->async[how], op, q, n);
	for (unsigned i = 0; i < n; i++) {
		errno = q[i].result < 0 ? (int)-q[i].result : 0;
		(op == ASYNC_READ ? count_read : count_write)(k, via, q[i].result);
	}
}

static void op_aio_write(struct task *k)
{
	requests(k, LIBAIO, ASYNC_WRITE);
}

/* Of a file of its own: how far a read gets is seen when it is submitted (see libaio in the
 * CAVEATS of the manuals), and in between others may make a file longer. */
static void op_aio_read(struct task *k)
{
	requests(k, LIBAIO, ASYNC_READ);
}

static enum async_how any_ring(struct task *k)
{
	static const enum async_how how[] = { URING, URING_IOWQ, URING_VEC };

	return how[draw(k->w, 3)];
}

static void op_ring_write(struct task *k)
{
	requests(k, any_ring(k), ASYNC_WRITE);
}

static void op_ring_read(struct task *k)
{
	requests(k, any_ring(k), ASYNC_READ);
}

static void op_store(struct task *k)
{
	off_t from = k->at / PAGE * PAGE;
	size_t length = k->size + (size_t)(k->at - from);
	off_t end = lseek(k->fd, 0, SEEK_END);
	unsigned char *map;

	if (end < k->at + (off_t)k->size)
		count_call(k, VIA_ftruncate, ftruncate(k->fd, k->at + (off_t)k->size));
	map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, k->fd, from);
	if (map == MAP_FAILED)
		die("mmap");
	memcpy(map + (k->at - from), k->w->memory, k->size);
	k->w->tally->mmap_bytes += k->size;
	if (draw(k->w, 2))
		count_call(k, VIA_msync, msync(map, length, MS_SYNC));
	munmap(map, length);
}

static void op_sendfile(struct task *k)
{
	off_t from = (off_t)draw(k->w, OFFSET_MAX);
	ssize_t got;

	seek(k);
	got = sendfile(k->fd, k->other, &from, k->size);
	count_read(k, VIA_sendfile, got);
	count_write(k, VIA_sendfile, got);
}

static void op_copy(struct task *k)
{
	loff_t from = (loff_t)draw(k->w, OFFSET_MAX), to = k->at;
	ssize_t got = copy_file_range(k->other, &from, k->fd, &to, k->size, 0);

	count_read(k, VIA_copy_file_range, got);
	count_write(k, VIA_copy_file_range, got);
}

static void op_splice(struct task *k)
{
	loff_t from = (loff_t)draw(k->w, OFFSET_MAX), to = k->at;
	size_t want = k->size < PIPE_BYTES ? k->size : PIPE_BYTES;
	ssize_t in = splice(k->other, &from, k->w->pipe[1], NULL, want, 0), out;

	for (count_read(k, VIA_splice, in); in > 0; in -= out) {
		out = splice(k->w->pipe[0], NULL, k->fd, &to, (size_t)in, 0);
		count_write(k, VIA_splice, out);
	}
}

static void op_fsync(struct task *k)
{
	count_call(k, VIA_fsync, fsync(k->fd));
}

static void op_fdatasync(struct task *k)
{
	count_call(k, VIA_fdatasync, fdatasync(k->fd));
}

static void op_sync_file_range(struct task *k)
{
	count_call(k, VIA_sync_file_range,
		   sync_file_range(k->fd, k->at, (off_t)k->size, SYNC_FILE_RANGE_WRITE));
}

static void op_truncate(struct task *k)
{
	count_call(k, VIA_ftruncate, ftruncate(k->fd, k->at));
}

void file_path(const struct worker *w, unsigned i, char *path)
{
	snprintf(path, PATH_MAX, "%s/p%ut%uf%u", w->dir, w->process, w->thread, i);
}

static void op_unlink(struct task *k)
{
	char path[PATH_MAX];

	file_path(k->w, 0, path);
	if (unlink(path))
		die("unlink %s", path);
}

static void op_rename(struct task *k)
{
	char from[PATH_MAX], to[PATH_MAX];

	file_path(k->w, 1, from);
	file_path(k->w, 0, to);
	if (rename(from, to))
		die("rename %s", from);
}

/*
 * Shared files are neither truncated (a store to a mapping would be killed) nor open with
 * O_DIRECT (beside buffered writers it ends in EIO).
 */
const struct op random_ops[] = {
	{ op_write, 6, 0, 0 },
	{ op_pwrite, 6, 0, 0 },
	{ op_writev, 3, 0, 0 },
	{ op_pwritev2, 3, 0, 0 },
	{ op_pwrite, 3, OWN | ALIGNED, O_DIRECT },
	{ op_write_sync, 2, 0, O_SYNC },
	{ op_write_sync, 2, 0, O_DSYNC },
	{ op_aio_write, 3, 0, 0 },
	{ op_aio_write, 3, OWN | ALIGNED, O_DIRECT },
	{ op_ring_write, 4, 0, 0 },
	{ op_ring_write, 3, OWN | ALIGNED, O_DIRECT },
	{ op_store, 3, OWN, 0 },
	{ op_sendfile, 3, OWN, 0 },
	{ op_copy, 3, OWN, 0 },
	{ op_splice, 3, OWN, 0 },
	{ op_read, 3, 0, 0 },
	{ op_pread, 3, 0, 0 },
	{ op_readv, 2, 0, 0 },
	{ op_preadv2, 2, 0, 0 },
	{ op_pread, 2, OWN | ALIGNED, O_DIRECT },
	{ op_aio_read, 2, OWN, 0 },
	{ op_aio_read, 2, OWN | ALIGNED, O_DIRECT },
	{ op_ring_read, 2, 0, 0 },
	{ op_ring_read, 2, OWN | ALIGNED, O_DIRECT },
	{ op_fsync, 3, 0, 0 },
	{ op_fdatasync, 2, 0, 0 },
	{ op_sync_file_range, 2, 0, 0 },
	{ op_truncate, 3, OWN, 0 },
	{ op_unlink, 1, OWN, 0 },
	{ op_rename, 1, OWN, 0 },
};

const size_t random_op_count = sizeof(random_ops) / sizeof(random_ops[0]);

/* Of INTERFACES, as application.interfaces calls them. */
const char *const via_names[VIA_COUNT] = { INTERFACES(AS_TEXT) };
