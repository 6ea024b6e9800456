// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * durable - how databases and stores make things last: small files, renames, overwriting in
 * place, fsync as a request; and calls that move blocks without writing a byte.
 */
#include "async.h"
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SMALL_FILE 100u
#define FILES_MAX 1000000u
#define OVERWRITE_SEED 3u

static void small_file(struct truth *t, const char *path)
{
	int fd = open_or_die(path, O_WRONLY | O_CREAT | O_TRUNC);

	wrote(t, write(fd, buf, SMALL_FILE), SMALL_FILE, "write");
	synced(t, fsync(fd), "fsync");
	close_or_die(fd);
}

/* create-fsync DIR N */
void do_create_fsync(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], FILES_MAX);
	char path[PATH_MAX];

	for (uint64_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/c%06" PRIu64, arg[0], i);
		small_file(t, path);
	}
}

/* rename-fsync DIR N: fsyncs of the directory have a member of their own: it is no regular file */
void do_rename_fsync(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], FILES_MAX);
	int dir = open_or_die(arg[0], O_RDONLY | O_DIRECTORY);
	char temp[PATH_MAX], path[PATH_MAX];

	for (uint64_t i = 0; i < n; i++) {
		snprintf(temp, sizeof(temp), "%s/t%06" PRIu64, arg[0], i);
		snprintf(path, sizeof(path), "%s/r%06" PRIu64, arg[0], i);
		small_file(t, temp);
		if (rename(temp, path))
			die("rename %s", temp);
		if (fsync(dir))
			die("fsync of the directory");
	}
	close_or_die(dir);
	fprintf(t->extra, ",\"directory_syncs\":%" PRIu64, n);
}

/* overwrite FILE MIB: so many pages of it, drawn at random; some more than once */
void do_overwrite(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], 1u << 20) * (MIB / PAGE), pages;
	int fd = open_or_die(arg[0], O_WRONLY);
	off_t *offsets = calloc(n, sizeof(*offsets));

	if (!offsets)
		die("memory");
	pages = draw_offsets(offsets, n, size_at_least(fd, PAGE, arg[0]) / PAGE, OVERWRITE_SEED);
	for (uint64_t i = 0; i < n; i++)
		wrote(t, pwrite(fd, buf, PAGE, offsets[i]), PAGE, "pwrite64");
	synced(t, fsync(fd), "fsync");
	close_or_die(fd);
	free(offsets);
	fprintf(t->extra, ",\"pages\":%" PRIu64, pages);
}

/* A page appended by pwrite64, then its fsync as a request: N times. */
static void append_async_fsync(char **arg, struct truth *t, enum async_how how)
{
	uint64_t n = number(arg[1], FILES_MAX);
	struct request q = { .fd = open_or_die(arg[0], O_WRONLY | O_CREAT) };
	struct async *a = async_open(how, q.fd, buf, MIB);

	for (uint64_t i = 0; i < n; i++) {
		wrote(t, pwrite(q.fd, buf, PAGE, (off_t)(i * PAGE)), PAGE, "pwrite64");
		async_run(a, ASYNC_FSYNC, &q, 1);
		errno = (int)-q.result;
		synced(t, q.result != 0, "fsync request");
	}
	async_close(a);
	close_or_die(q.fd);
	fprintf(t->extra, ",\"interface\":\"%s\"", how == LIBAIO ? "libaio" : "io_uring");
}

/* aio-fsync FILE N */
void do_aio_fsync(char **arg, struct truth *t)
{
	append_async_fsync(arg, t, LIBAIO);
}

/* uring-fsync FILE N */
void do_uring_fsync(char **arg, struct truth *t)
{
	append_async_fsync(arg, t, URING);
}

/* reflink SRC DST */
void do_reflink(char **arg, struct truth *t)
{
	int from = open_or_die(arg[0], O_RDONLY), to = open_or_die(arg[1], O_WRONLY | O_CREAT);

	if (ioctl(to, FICLONE, from))
		die("FICLONE");
	close_or_die(from);
	close_or_die(to);
	fprintf(t->extra, ",\"interface\":\"ioctl\",\"ops\":1");
}

/* fallocate FILE SIZE */
void do_fallocate(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT);

	if (fallocate(fd, 0, 0, (off_t)number(arg[1], INT64_MAX)))
		die("fallocate");
	close_or_die(fd);
	fprintf(t->extra, ",\"interface\":\"fallocate\",\"ops\":1");
}

/* truncate FILE SIZE */
void do_truncate(char **arg, struct truth *t)
{
	if (truncate(arg[0], (off_t)number(arg[1], INT64_MAX)))
		die("truncate %s", arg[0]);
	fprintf(t->extra, ",\"interface\":\"truncate\",\"ops\":1");
}

/* ftruncate FILE SIZE */
void do_ftruncate(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT);

	if (ftruncate(fd, (off_t)number(arg[1], INT64_MAX)))
		die("ftruncate %s", arg[0]);
	close_or_die(fd);
	fprintf(t->extra, ",\"interface\":\"ftruncate\",\"ops\":1");
}
