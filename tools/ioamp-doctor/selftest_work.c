/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selftest_work - the known workload: each step uses another system call. */
#include "tools/ioamp-doctor/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define DIRECT_BYTES	4096

static const char *const files[] = { "direct", "cold", "buffered", "gone" };
enum { FILE_DIRECT, FILE_COLD, FILE_BUFFERED, FILE_GONE };

static int open_file(int dir, int file, int flags)
{
	int fd = openat(dir, files[file], flags | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}

/* -EIO for a short transfer: the figures would not be those expected. */
static int whole(ssize_t got, size_t want)
{
	return got < 0 ? -errno : (size_t)got == want ? 0 : -EIO;
}

static int finish(int fd, int err)
{
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int fill(int dir, int file, const void *buf, size_t bytes, size_t times)
{
	int fd = open_file(dir, file, O_RDWR | O_CREAT | O_TRUNC), err = 0;

	if (fd < 0)
		return fd;
	for (size_t i = 0; !err && i < times; i++)
		err = whole(write(fd, buf, bytes), bytes);
	if (!err && fsync(fd))
		err = -errno;
	return finish(fd, err);
}

/* Drops the clean pages of a file from the page cache. -EBUSY: some are still cached. */
static int empty_cache(int dir, int file, uint64_t page)
{
	int fd = open_file(dir, file, O_RDONLY), err = 0;
	size_t bytes = WORK_COLD_PAGES * page;
	unsigned char resident[WORK_COLD_PAGES];
	void *map;

	if (fd < 0)
		return fd;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (file == FILE_COLD) {
		map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED || mincore(map, bytes, resident))
			err = -errno;
		for (size_t i = 0; !err && i < WORK_COLD_PAGES; i++)
			if (resident[i] & 1)
				err = -EBUSY;
		if (map != MAP_FAILED)
			munmap(map, bytes);
	}
	return finish(fd, err);
}

int selftest_work_prepare(int dir, uint64_t page)
{
	char *buf = malloc(page);
	int err = buf ? 0 : -ENOMEM;

	if (err)
		return err;
	memset(buf, 'i', page);
	err = fill(dir, FILE_DIRECT, buf, DIRECT_BYTES, WORK_OPS);
	if (!err)
		err = fill(dir, FILE_COLD, buf, page, WORK_COLD_PAGES);
	free(buf);
	if (!err && syncfs(dir))
		err = -errno;
	if (!err)
		err = empty_cache(dir, FILE_DIRECT, page);
	if (!err)
		err = empty_cache(dir, FILE_COLD, page);
	return err;
}

/* -EINVAL: this file system has no direct I/O. */
static int direct(int dir, void *buf, bool write_it, struct known *k)
{
	int fd = open_file(dir, FILE_DIRECT, O_RDWR | O_DIRECT), err = 0;

	for (int i = 0; fd >= 0 && !err && i < WORK_OPS; i++) {
		off_t offset = (off_t)i * DIRECT_BYTES;

		err = whole(write_it ? pwrite(fd, buf, DIRECT_BYTES, offset) :
			    pread(fd, buf, DIRECT_BYTES, offset), DIRECT_BYTES);
		if (err)
			break;
		*(write_it ? &k->direct_write_ops : &k->direct_read_ops) += 1;
		*(write_it ? &k->direct_write_bytes : &k->direct_read_bytes) += DIRECT_BYTES;
	}
	return fd < 0 ? fd : finish(fd, err);
}

static int buffered(int dir, const void *buf, struct known *k)
{
	int fd = open_file(dir, FILE_BUFFERED, O_WRONLY | O_CREAT | O_TRUNC), err = 0;

	if (fd < 0)
		return fd;
	for (int i = 0; !err && i < WORK_SMALL_OPS; i++) {
		err = whole(write(fd, buf, WORK_SMALL), WORK_SMALL);
		k->buffered_ops += !err;
		k->buffered_bytes += err ? 0 : WORK_SMALL;
	}
	if (!err && fsync(fd))
		err = -errno;
	k->syncs += !err;
	return finish(fd, err);
}

/* The last request is as short as the rest of the file, so that no call returns less than it asks for. */
static int cold(int dir, uint64_t page, void *buf, struct known *k)
{
	int fd = open_file(dir, FILE_COLD, O_RDONLY), err = 0;
	uint64_t left = WORK_COLD_PAGES * page;

	if (fd < 0)
		return fd;
	while (!err && left) {
		size_t n = left < WORK_CHUNK ? left : WORK_CHUNK;

		err = whole(read(fd, buf, n), n);
		k->cold_ops += !err;
		k->cold_bytes += err ? 0 : n;
		left -= n;
	}
	return finish(fd, err);
}

static int gone(int dir, void *buf, struct known *k)
{
	int fd = open_file(dir, FILE_GONE, O_WRONLY | O_CREAT | O_TRUNC), err = 0;
	struct iovec iov = { buf, WORK_CHUNK };

	if (fd < 0)
		return fd;
	while (!err && k->gone_bytes < WORK_GONE) {
		err = whole(writev(fd, &iov, 1), WORK_CHUNK);
		k->gone_ops += !err;
		k->gone_bytes += err ? 0 : WORK_CHUNK;
	}
	if (!err && unlinkat(dir, files[FILE_GONE], 0))
		err = -errno;
	return finish(fd, err);
}

int selftest_work_run(int dir, uint64_t page, struct known *k)
{
	void *buf;
	int err;

	if (posix_memalign(&buf, WORK_CHUNK, WORK_CHUNK))
		return -ENOMEM;
	memset(buf, 'o', WORK_CHUNK);
	k->page = page;
	err = direct(dir, buf, true, k);
	if (!err)
		err = direct(dir, buf, false, k);
	if (err == -EINVAL && !k->direct_write_ops) {
		k->no_direct = "this file system has no direct I/O";
		err = 0;
	}
	if (!err)
		err = buffered(dir, buf, k);
	if (!err)
		err = cold(dir, page, buf, k);
	if (!err)
		err = gone(dir, buf, k);
	free(buf);
	return err;
}
