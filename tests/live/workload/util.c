// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * util - checked calls, the buffer, and the counting of what came back.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

unsigned char *buf;

void die(const char *format, ...)
{
	int err = errno;
	va_list ap;

	fputs("workload: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "%s%s\n", err ? ": " : "", err ? strerror(err) : "");
	exit(1);
}

void skip(const char *format, ...)
{
	va_list ap;

	fputs("SKIP: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\n", stderr);
	exit(77);
}

uint64_t number(const char *text, uint64_t max)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n == 0 || n > max) {
		errno = 0;
		die("'%s' is not a number from 1 to %" PRIu64, text, max);
	}
	return n;
}

/* Every transfer here is expected whole: a short one is a disturbed test, not a result. */
size_t whole(ssize_t got, size_t want, const char *call)
{
	if (got < 0)
		die("%s", call);
	if ((size_t)got != want) {
		errno = 0;
		die("%s: %zd bytes instead of %zu", call, got, want);
	}
	return (size_t)got;
}

void wrote(struct truth *t, ssize_t got, size_t want, const char *call)
{
	t->write_bytes += whole(got, want, call);
	t->write_ops++;
}

void did_read(struct truth *t, ssize_t got, size_t want, const char *call)
{
	t->read_bytes += whole(got, want, call);
	t->read_ops++;
}

void synced(struct truth *t, int err, const char *call)
{
	if (err)
		die("%s", call);
	t->syncs++;
}

int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		die("open %s", path);
	return fd;
}

void close_or_die(int fd)
{
	if (close(fd))
		die("close");
}

uint64_t size_at_least(int fd, uint64_t min, const char *path)
{
	struct stat st;

	if (fstat(fd, &st))
		die("fstat %s", path);
	if ((uint64_t)st.st_size < min) {
		errno = 0;
		die("%s has %jd bytes, %" PRIu64 " are needed: run 'workload prepare' first", path,
		    (intmax_t)st.st_size, min);
	}
	return (uint64_t)st.st_size;
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t next_random(uint64_t *state) /* xorshift64 */
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void fill_buffer(void)
{
	uint64_t state = 88172645463325252u;

	if (posix_memalign((void **)&buf, PAGE, MIB))
		die("memory");
	for (size_t i = 0; i < MIB; i++)
		buf[i] = (unsigned char)(next_random(&state) | 1);
}

void write_mib(struct truth *t, int fd, uint64_t mib)
{
	for (uint64_t i = 0; i < mib; i++)
		wrote(t, write(fd, buf, MIB), MIB, "write");
}
