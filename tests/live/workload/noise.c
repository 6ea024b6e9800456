// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * noise - much I/O that is no application I/O: pipes, sockets, procfs, tmpfs.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#define NOISE_OPS 2000000u
#define NOISE_FILE_BYTES 4099u /* prime */
#define NOISE_TMPFS_BYTES (4u * MIB)
#define PROC_ROUNDS 100
#define TMPFS_MAGIC_NUMBER 0x01021994L

/* n writes and n reads of 8 bytes through a pair of descriptors */
static void ping(int in, int out, uint64_t n, const char *what)
{
	uint64_t word = 1;

	for (uint64_t i = 0; i < n; i++) {
		whole(write(in, &word, sizeof(word)), sizeof(word), what);
		whole(read(out, &word, sizeof(word)), sizeof(word), what);
	}
	close_or_die(in);
	if (out != in)
		close_or_die(out);
}

static void noise_pairs(uint64_t pairs)
{
	int fd[2];

	if (pipe(fd))
		die("pipe");
	ping(fd[1], fd[0], pairs - 2 * (pairs / 3), "pipe");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
		die("socketpair");
	ping(fd[0], fd[1], pairs / 3, "socket");
	fd[0] = eventfd(0, 0);
	if (fd[0] < 0)
		die("eventfd");
	ping(fd[0], fd[0], pairs / 3, "eventfd");
}

/* procfs and sysfs, read and written; the value written is the one that was read */
static void noise_pseudo_files(void)
{
	static const char *const files[] = { "/proc/self/stat", "/proc/self/maps", "/proc/mounts",
					     "/proc/diskstats", "/sys/kernel/mm/transparent_hugepage/enabled" };
	char text[64];
	ssize_t got;
	int fd;

	for (int round = 0; round < PROC_ROUNDS; round++) {
		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
			fd = open(files[i], O_RDONLY | O_CLOEXEC);
			if (fd < 0)
				continue; /* not every kernel has all of them */
			while (read(fd, buf + PAGE, PAGE) > 0)
				;
			close_or_die(fd);
		}
		fd = open_or_die("/proc/self/oom_score_adj", O_RDWR);
		got = read(fd, text, sizeof(text));
		if (got < 0)
			die("read oom_score_adj");
		whole(pwrite(fd, text, (size_t)got, 0), (size_t)got, "write oom_score_adj");
		close_or_die(fd);
	}
}

static void noise_tmpfs(void)
{
	char path[] = "/dev/shm/workload.XXXXXX";
	struct statfs fs;
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		die("mkostemp %s", path);
	unlink(path);
	if (fstatfs(fd, &fs))
		die("fstatfs %s", path);
	if ((long)fs.f_type != TMPFS_MAGIC_NUMBER) {
		errno = 0;
		die("/dev/shm is not a tmpfs");
	}
	for (off_t at = 0; at < NOISE_TMPFS_BYTES; at += PAGE) {
		whole(pwrite(fd, buf, PAGE, at), PAGE, "tmpfs pwrite");
		whole(pread(fd, buf, PAGE, at), PAGE, "tmpfs pread");
	}
	if (fsync(fd))
		die("tmpfs fsync");
	close_or_die(fd);
}

/* noise FILE [OPS]: much I/O that is no application I/O, and one write that is */
void do_noise(char **arg, struct truth *t)
{
	uint64_t ops = arg[1] ? number(arg[1], UINT32_MAX) : NOISE_OPS;
	int fd;

	noise_pairs(ops / 2);
	noise_pseudo_files();
	noise_tmpfs();
	fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);
	wrote(t, write(fd, buf, NOISE_FILE_BYTES), NOISE_FILE_BYTES, "write");
	close_or_die(fd);
	fprintf(t->extra, ",\"noise_ops\":%" PRIu64, ops / 2 * 2);
}
