// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * files - whole files: written, appended to, shared by two writers, read, unlinked.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_CHUNK (64u << 10)
#define DIRECT_MIB 64u
#define SPAWN_MAX 100000u

/* prepare FILE [MIB]: written blocks on the disk, nothing in the cache */
void do_prepare(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_RDWR | O_CREAT | O_TRUNC);

	write_mib(t, fd, arg[1] ? number(arg[1], 1u << 20) : DIRECT_MIB);
	synced(t, fsync(fd), "fsync");
	errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (errno)
		die("posix_fadvise");
	close_or_die(fd);
}

/* direct-write FILE [MIB]: over blocks that exist already */
void do_direct_write(char **arg, struct truth *t)
{
	uint64_t mib = arg[1] ? number(arg[1], 1u << 20) : DIRECT_MIB;
	int fd = open_or_die(arg[0], O_WRONLY | O_DIRECT);

	size_at_least(fd, mib * MIB, arg[0]);
	write_mib(t, fd, mib);
	close_or_die(fd);
}

/* buffered-write FILE MIB: leaves the pages dirty */
void do_buffered_write(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);

	write_mib(t, fd, number(arg[1], 1u << 20));
	close_or_die(fd);
}

/* append-fsync FILE N BYTES */
void do_append_fsync(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], UINT32_MAX), bytes = number(arg[2], MIB);
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_APPEND);

	for (uint64_t i = 0; i < n; i++) {
		wrote(t, write(fd, buf, bytes), bytes, "write");
		synced(t, fsync(fd), "fsync");
	}
	close_or_die(fd);
}

/* rewrite-page FILE N: one page, dirtied N times, written once */
void do_rewrite_page(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], UINT32_MAX);
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT);

	for (uint64_t i = 0; i < n; i++)
		wrote(t, pwrite(fd, buf, PAGE, 0), PAGE, "pwrite64");
	synced(t, fsync(fd), "fsync");
	close_or_die(fd);
	fprintf(t->extra, ",\"pages\":1");
}

/* write-unlink FILE MIB: dirty pages that never need to be written */
void do_write_unlink(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);

	write_mib(t, fd, number(arg[1], 1u << 20));
	if (unlink(arg[0]))
		die("unlink");
	close_or_die(fd);
	fprintf(t->extra, ",\"pages\":%" PRIu64 ",\"cancelled_bytes\":%" PRIu64,
		t->write_bytes / PAGE, t->write_bytes);
}

/*
 * Two writers of one file: the big one writes 3/4 of it once, the small one writes the last
 * quarter four times. By system calls 3:4, by pages and on the device 3:1.
 */
#define BIG_PAGES 3072u
#define SMALL_PAGES 1024u
#define SMALL_ROUNDS 4u

static pid_t start_writer(const char *path, int gate, unsigned first, unsigned pages,
			  unsigned rounds)
{
	struct truth mine = { 0 };
	pid_t pid = fork();
	char go;
	int fd;

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	whole(read(gate, &go, 1), 1, "start gate");
	fd = open_or_die(path, O_WRONLY);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < pages; i++)
			wrote(&mine, pwrite(fd, buf, PAGE, (off_t)(first + i) * PAGE), PAGE,
			      "pwrite64");
	close_or_die(fd);
	_exit(0);
}

static void finish_writer(pid_t pid, const char *name, unsigned pages, unsigned rounds,
			  struct truth *t)
{
	uint64_t ops = (uint64_t)pages * rounds;
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = 0;
		die("the %s writer failed", name);
	}
	t->write_ops += ops;
	t->write_bytes += ops * PAGE;
	fprintf(t->extra, ",\"%s_pid\":%d,\"%s_pages\":%u,\"%s_write_bytes\":%" PRIu64, name,
		(int)pid, name, pages, name, ops * PAGE);
}

/* two-writers FILE */
void do_two_writers(char **arg, struct truth *t)
{
	int gate[2], fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);
	pid_t big, small;

	if (ftruncate(fd, (off_t)(BIG_PAGES + SMALL_PAGES) * PAGE))
		die("ftruncate");
	close_or_die(fd);
	if (pipe(gate))
		die("pipe");
	big = start_writer(arg[0], gate[0], 0, BIG_PAGES, 1);
	small = start_writer(arg[0], gate[0], BIG_PAGES, SMALL_PAGES, SMALL_ROUNDS);
	whole(write(gate[1], "go", 2), 2, "start gate");
	finish_writer(big, "big", BIG_PAGES, 1, t);
	finish_writer(small, "small", SMALL_PAGES, SMALL_ROUNDS, t);
	fprintf(t->extra, ",\"pages\":%u", BIG_PAGES + SMALL_PAGES);
}

/* seq-read FILE [--drop] */
void do_seq_read(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_RDONLY);
	ssize_t got;

	if (arg[1]) {
		if (strcmp(arg[1], "--drop")) {
			errno = 0;
			die("unknown option '%s'", arg[1]);
		}
		synced(t, fsync(fd), "fsync");
		errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		if (errno)
			die("posix_fadvise");
	}
	while ((got = read(fd, buf, READ_CHUNK)) > 0)
		did_read(t, got, (size_t)got, "read");
	if (got < 0)
		die("read");
	close_or_die(fd);
}

/* spawn-dd DIR N: N processes that live for one write */
static void spawn_one_dd(const char *dir, uint64_t i, struct truth *t)
{
	char of[PATH_MAX + 32];
	struct stat st;
	int status;
	pid_t pid;

	snprintf(of, sizeof(of), "of=%s/dd%05" PRIu64, dir, i);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		execlp("dd", "dd", "if=/dev/zero", of, "bs=4096", "count=1", "status=none",
		       (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) || stat(of + 3, &st) ||
	    st.st_size != PAGE) {
		errno = 0;
		die("dd %s failed", of);
	}
	t->write_bytes += PAGE;
	t->write_ops++;
	fprintf(t->extra, "%s%d", i ? "," : "", (int)pid);
}

void do_spawn_dd(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], SPAWN_MAX);

	fprintf(t->extra, ",\"processes\":%" PRIu64 ",\"comm\":\"dd\",\"pids\":[", n);
	for (uint64_t i = 0; i < n; i++)
		spawn_one_dd(arg[0], i, t);
	fputs("]", t->extra);
}
