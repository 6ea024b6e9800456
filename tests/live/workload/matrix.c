// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * matrix - matrix IFACE FILE [--direct] [--read] [--sync]: 16 MiB in blocks of 16 KiB through
 * one interface.
 *
 * What is written is the buffer of `prepare` over and over, and what is read is compared with
 * it. IFACEs that copy take FILE.src, made by `workload prepare FILE.src 16`: a read and a
 * write per block.
 */
#include "async.h"
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define BLOCK (16u << 10)
#define BLOCKS 1024u
#define TOTAL ((size_t)BLOCK * BLOCKS)

struct matrix {
	struct truth *t;
	const struct way *way;
	bool read;
	int fd, source, pipe[2];
	unsigned char *memory; /* to read into; buf when writing */
};

static unsigned char *block(const struct matrix *m, unsigned i)
{
	return m->memory + (size_t)i * BLOCK % MIB;
}

static void account(const struct matrix *m, ssize_t got, unsigned i, const char *call)
{
	if (!m->read) {
		wrote(m->t, got, BLOCK, call);
		return;
	}
	did_read(m->t, got, BLOCK, call);
	errno = 0;
	if (memcmp(block(m, i), buf + (size_t)i * BLOCK % MIB, BLOCK))
		die("%s: block %u is not what was written", call, i);
}

static void halves(const struct matrix *m, unsigned i, struct iovec *iov)
{
	iov[0] = (struct iovec){ block(m, i), BLOCK / 2 };
	iov[1] = (struct iovec){ block(m, i) + BLOCK / 2, BLOCK / 2 };
}

static void by_call(struct matrix *m, unsigned i)
{
	account(m, m->read ? read(m->fd, block(m, i), BLOCK) : write(m->fd, block(m, i), BLOCK), i,
		"read or write");
}

static void by_offset(struct matrix *m, unsigned i)
{
	off_t at = (off_t)i * BLOCK;

	account(m, m->read ? pread(m->fd, block(m, i), BLOCK, at)
			   : pwrite(m->fd, block(m, i), BLOCK, at), i, "pread or pwrite");
}

static void by_vector(struct matrix *m, unsigned i)
{
	struct iovec iov[2];

	halves(m, i, iov);
	account(m, m->read ? readv(m->fd, iov, 2) : writev(m->fd, iov, 2), i, "readv or writev");
}

static void by_vector2(struct matrix *m, unsigned i)
{
	struct iovec iov[2];

	halves(m, i, iov);
	account(m, syscall(m->read ? SYS_preadv2 : SYS_pwritev2, m->fd, iov, 2, (long)i * BLOCK, 0L,
			   0), i, "preadv2 or pwritev2");
}

static void copied(struct matrix *m, ssize_t got, const char *call)
{
	did_read(m->t, got, BLOCK, call);
	wrote(m->t, got, BLOCK, call);
}

static void by_sendfile(struct matrix *m, unsigned i)
{
	copied(m, sendfile(m->fd, m->source, &(off_t){ (off_t)i * BLOCK }, BLOCK), "sendfile");
}

static void by_splice(struct matrix *m, unsigned i)
{
	loff_t at = (loff_t)i * BLOCK, to = at;

	did_read(m->t, splice(m->source, &at, m->pipe[1], NULL, BLOCK, 0), BLOCK, "splice");
	wrote(m->t, splice(m->pipe[0], NULL, m->fd, &to, BLOCK, 0), BLOCK, "splice");
}

static void by_copy(struct matrix *m, unsigned i)
{
	loff_t from = (loff_t)i * BLOCK, to = from;

	copied(m, copy_file_range(m->source, &from, m->fd, &to, BLOCK, 0), "copy_file_range");
}

struct way {
	const char *name, *read_key, *write_key; /* key: in application.interfaces; NULL: cannot */
	void (*once)(struct matrix *, unsigned i); /* NULL: through a mapping, or by requests */
	int how;				   /* of requests; -1: none */
	int flags;				   /* of open */
};

static const struct way ways[] = {
	{ "write", "read", "write", by_call, -1, 0 },
	{ "pwrite", "pread64", "pwrite64", by_offset, -1, 0 },
	{ "writev", "readv", "writev", by_vector, -1, 0 },
	{ "pwritev2", "preadv2", "pwritev2", by_vector2, -1, 0 },
	{ "append", NULL, "write", by_call, -1, O_APPEND },
	{ "sendfile", NULL, "sendfile", by_sendfile, -1, 0 },
	{ "splice", NULL, "splice", by_splice, -1, 0 },
	{ "copy_file_range", NULL, "copy_file_range", by_copy, -1, 0 },
	{ "libaio", "libaio", "libaio", NULL, LIBAIO, 0 },
	{ "libaio-vec", "libaio", "libaio", NULL, LIBAIO_VEC, 0 },
	{ "io_uring", "io_uring", "io_uring", NULL, URING, 0 },
	{ "io_uring-sqpoll", "io_uring", "io_uring", NULL, URING_SQPOLL, 0 },
	{ "io_uring-fixed", "io_uring", "io_uring", NULL, URING_FIXED, 0 },
	{ "io_uring-iowq", "io_uring", "io_uring", NULL, URING_IOWQ, 0 },
	{ "io_uring-vec", "io_uring", "io_uring", NULL, URING_VEC, 0 },
	{ "mmap", "mmap", "mmap", NULL, -1, 0 },
	{ "mmap-nosync", NULL, "mmap", NULL, -1, 0 },
};

static const struct way *find_way(const char *name)
{
	size_t n = sizeof(ways) / sizeof(ways[0]);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(ways[i].name, name))
			return &ways[i];
	fputs("workload: interfaces:", stderr);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, " %s", ways[i].name);
	fputs("\n", stderr);
	exit(2);
}

static void by_requests(struct matrix *m)
{
	struct async *a = async_open((enum async_how)m->way->how, m->fd, m->memory, MIB);
	struct request q[ASYNC_DEPTH];

	for (unsigned i = 0; i < BLOCKS; i += ASYNC_DEPTH) {
		for (unsigned k = 0; k < ASYNC_DEPTH; k++)
			q[k] = (struct request){ m->fd, block(m, i + k), BLOCK,
						 (off_t)(i + k) * BLOCK, 0 };
		async_run(a, m->read ? ASYNC_READ : ASYNC_WRITE, q, ASYNC_DEPTH);
		for (unsigned k = 0; k < ASYNC_DEPTH; k++) {
			errno = (int)-q[k].result;
			account(m, q[k].result < 0 ? -1 : q[k].result, i + k, m->way->name);
		}
	}
	async_close(a);
}

/* The file gets its length first: that call moves no byte. */
static void by_mapping(struct matrix *m)
{
	unsigned char *map;

	if (!m->read && ftruncate(m->fd, (off_t)TOTAL))
		die("ftruncate");
	map = mmap(NULL, TOTAL, m->read ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	for (unsigned i = 0; i < BLOCKS; i++) {
		unsigned char *here = map + (size_t)i * BLOCK;

		memcpy(m->read ? block(m, i) : here, m->read ? here : block(m, i), BLOCK);
		account(m, BLOCK, i, "mapping");
	}
	if (!m->read && !strcmp(m->way->name, "mmap"))
		synced(m->t, msync(map, TOTAL, MS_SYNC), "msync");
	munmap(map, TOTAL);
}

static void open_source(struct matrix *m, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s.src", file);
	m->source = open_or_die(path, O_RDONLY);
	size_at_least(m->source, TOTAL, path);
	if (pipe(m->pipe))
		die("pipe");
}

static bool option(char **arg, const char *name)
{
	for (arg += 2; *arg; arg++)
		if (!strcmp(*arg, name))
			return true;
	return false;
}

static void check_options(char **arg)
{
	for (arg += 2; *arg; arg++)
		if (strcmp(*arg, "--direct") && strcmp(*arg, "--read") && strcmp(*arg, "--sync")) {
			errno = 0;
			die("unknown option '%s'", *arg);
		}
}

void do_matrix(char **arg, struct truth *t)
{
	struct matrix m = { .t = t, .way = find_way(arg[0]), .memory = buf, .source = -1 };
	const char *key;

	check_options(arg);
	m.read = option(arg, "--read");
	key = m.read ? m.way->read_key : m.way->write_key;
	errno = 0;
	if (!key)
		die("%s does not read", m.way->name);
	if (m.read && posix_memalign((void **)&m.memory, PAGE, MIB))
		die("memory");
	if (m.read) /* btrfs does not fault pages in for direct reads: it reads cached instead */
		memset(m.memory, 0, MIB);
	m.fd = open_or_die(arg[1], m.way->flags | (option(arg, "--direct") ? O_DIRECT : 0) |
			   (m.read ? O_RDONLY : m.way->flags & O_APPEND ? O_WRONLY | O_CREAT
									: O_RDWR | O_CREAT));
	if (!strcmp(key, "sendfile") || !strcmp(key, "splice") || !strcmp(key, "copy_file_range"))
		open_source(&m, arg[1]);
	if (m.way->once)
		for (unsigned i = 0; i < BLOCKS; i++)
			m.way->once(&m, i);
	else if (m.way->how >= 0)
		by_requests(&m);
	else
		by_mapping(&m);
	if (option(arg, "--sync"))
		synced(t, fsync(m.fd), "fsync");
	close_or_die(m.fd);
	fprintf(t->extra, ",\"interface\":\"%s\"", key);
}
