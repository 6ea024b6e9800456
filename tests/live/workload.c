// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * workload - does one known piece of I/O and says what the system calls returned.
 *
 * The last thing it does is to print one JSON line on stdout: the truth that a live test
 * compares a tool with. Give it a pipe for stdout, so that the line is no file I/O, and
 * a FILE on the file system under test: nothing else there is touched.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define MIB (1u << 20)
#define READ_CHUNK (64u << 10)
#define INTERFACE_OPS 23 /* prime, so that the count is recognised at a glance */
#define DIRECT_MIB 64u
#define NOISE_OPS 2000000u
#define NOISE_FILE_BYTES 4099u /* prime */
#define NOISE_TMPFS_BYTES (4u * MIB)
#define PROC_ROUNDS 100
#define BATCHES 10 /* of timed calls; the best one is the least disturbed */
#define TMPFS_MAGIC_NUMBER 0x01021994L
#define SPAWN_MAX 100000u

/* What the calls returned. A call that returns 0 (end of file) is not an operation. */
struct truth {
	uint64_t write_bytes, write_ops;
	uint64_t read_bytes, read_ops;
	uint64_t syncs;
	FILE *extra; /* further JSON members, each beginning with a comma */
};

static unsigned char *buf; /* 1 MiB, page-aligned, no zeroes in it */

static void die(const char *format, ...)
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

static uint64_t number(const char *text, uint64_t max)
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
static size_t whole(ssize_t got, size_t want, const char *call)
{
	if (got < 0)
		die("%s", call);
	if ((size_t)got != want) {
		errno = 0;
		die("%s: %zd bytes instead of %zu", call, got, want);
	}
	return (size_t)got;
}

static void wrote(struct truth *t, ssize_t got, size_t want, const char *call)
{
	t->write_bytes += whole(got, want, call);
	t->write_ops++;
}

static void did_read(struct truth *t, ssize_t got, size_t want, const char *call)
{
	t->read_bytes += whole(got, want, call);
	t->read_ops++;
}

static void synced(struct truth *t, int err, const char *call)
{
	if (err)
		die("%s", call);
	t->syncs++;
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		die("open %s", path);
	return fd;
}

static void close_or_die(int fd)
{
	if (close(fd))
		die("close");
}

static uint64_t size_at_least(int fd, uint64_t min, const char *path)
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

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t next_random(uint64_t *state) /* xorshift64 */
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void fill_buffer(void)
{
	uint64_t state = 88172645463325252u;

	if (posix_memalign((void **)&buf, PAGE, MIB))
		die("memory");
	for (size_t i = 0; i < MIB; i++)
		buf[i] = (unsigned char)(next_random(&state) | 1);
}

static void write_mib(struct truth *t, int fd, uint64_t mib)
{
	for (uint64_t i = 0; i < mib; i++)
		wrote(t, write(fd, buf, MIB), MIB, "write");
}

/* prepare FILE [MIB]: written blocks on the disk, nothing in the cache */
static void do_prepare(char **arg, struct truth *t)
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
static void do_direct_write(char **arg, struct truth *t)
{
	uint64_t mib = arg[1] ? number(arg[1], 1u << 20) : DIRECT_MIB;
	int fd = open_or_die(arg[0], O_WRONLY | O_DIRECT);

	size_at_least(fd, mib * MIB, arg[0]);
	write_mib(t, fd, mib);
	close_or_die(fd);
}

/* buffered-write FILE MIB: leaves the pages dirty */
static void do_buffered_write(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);

	write_mib(t, fd, number(arg[1], 1u << 20));
	close_or_die(fd);
}

/* append-fsync FILE N BYTES */
static void do_append_fsync(char **arg, struct truth *t)
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
static void do_rewrite_page(char **arg, struct truth *t)
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
static void do_write_unlink(char **arg, struct truth *t)
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
static void do_two_writers(char **arg, struct truth *t)
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
static void do_seq_read(char **arg, struct truth *t)
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
static void do_noise(char **arg, struct truth *t)
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

/*
 * interface FILE IFACE: the same 23 x 4096 bytes through each system call.
 * One entry per IFACE; `once` does operation i and accounts what it returned.
 */
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

static void do_interface(char **arg, struct truth *t)
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

static void do_spawn_dd(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], SPAWN_MAX);

	fprintf(t->extra, ",\"processes\":%" PRIu64 ",\"comm\":\"dd\",\"pids\":[", n);
	for (uint64_t i = 0; i < n; i++)
		spawn_one_dd(arg[0], i, t);
	fputs("]", t->extra);
}

/*
 * Timed loops. The N calls are made in BATCHES batches (the last takes the rest);
 * ns_per_op is over all of them, ns_best that of the fastest batch.
 */
struct loop {
	struct truth *t;
	int fd;
	const off_t *offsets; /* of each call; NULL: always 0 */
	void (*once)(const struct loop *, off_t at);
};

static void once_pread(const struct loop *l, off_t at)
{
	did_read(l->t, pread(l->fd, buf, PAGE, at), PAGE, "pread64");
}

static void once_pwrite(const struct loop *l, off_t at)
{
	wrote(l->t, pwrite(l->fd, buf, PAGE, at), PAGE, "pwrite64");
}

static void run_timed(const struct loop *l, uint64_t n)
{
	uint64_t total = 0, done = 0;
	double best = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		uint64_t until = batch == BATCHES - 1 ? n : n / BATCHES * (uint64_t)(batch + 1);
		uint64_t calls = until - done, start = now_ns(), ns;

		for (; done < until; done++)
			l->once(l, l->offsets ? l->offsets[done] : 0);
		ns = now_ns() - start;
		total += ns;
		if (calls && (best == 0 || (double)ns / (double)calls < best))
			best = (double)ns / (double)calls;
	}
	fprintf(l->t->extra, ",\"timed_ops\":%" PRIu64 ",\"ns_per_op\":%.1f,\"ns_best\":%.1f", n,
		(double)total / (double)n, best);
}

/* cached-read FILE N: one page; the first call brings it into the cache and is not timed */
static void do_cached_read(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], UINT32_MAX);
	struct loop l = { .t = t, .fd = open_or_die(arg[0], O_RDONLY), .once = once_pread };

	size_at_least(l.fd, PAGE, arg[0]);
	once_pread(&l, 0);
	run_timed(&l, n);
	close_or_die(l.fd);
}

/* Offsets are drawn before the clock starts. Returns how many different pages they hit. */
static uint64_t draw_offsets(off_t *offsets, uint64_t n, uint64_t file_pages, uint64_t seed)
{
	unsigned char *hit = calloc(1, file_pages);
	uint64_t state = seed * 2654435761u + 1, pages = 0;

	if (!hit)
		die("memory");
	for (uint64_t i = 0; i < n; i++) {
		uint64_t page = (next_random(&state) >> 11) % file_pages;

		offsets[i] = (off_t)(page * PAGE);
		pages += !hit[page];
		hit[page] = 1;
	}
	free(hit);
	return pages;
}

static void random_writes(char **arg, struct truth *t, int flags)
{
	uint64_t n = number(arg[1], 1u << 28), pages;
	uint64_t seed = arg[2] ? number(arg[2], UINT32_MAX) : 1;
	struct loop l = { .t = t, .fd = open_or_die(arg[0], O_WRONLY | flags),
			  .once = once_pwrite };
	off_t *offsets = calloc(n, sizeof(*offsets));

	if (!offsets)
		die("memory");
	pages = draw_offsets(offsets, n, size_at_least(l.fd, PAGE, arg[0]) / PAGE, seed);
	l.offsets = offsets;
	run_timed(&l, n);
	close_or_die(l.fd);
	free(offsets);
	fprintf(t->extra, ",\"pages\":%" PRIu64, pages);
}

/* random-rewrite FILE N SEED: buffered, left dirty */
static void do_random_rewrite(char **arg, struct truth *t)
{
	random_writes(arg, t, 0);
}

/* direct-random FILE N [SEED] */
static void do_direct_random(char **arg, struct truth *t)
{
	random_writes(arg, t, O_DIRECT);
}

static const struct command {
	const char *name, *args;
	int min, max;
	void (*run)(char **arg, struct truth *t);
} commands[] = {
	{ "prepare", "FILE [MIB]", 1, 2, do_prepare },
	{ "direct-write", "FILE [MIB]", 1, 2, do_direct_write },
	{ "buffered-write", "FILE MIB", 2, 2, do_buffered_write },
	{ "append-fsync", "FILE N BYTES", 3, 3, do_append_fsync },
	{ "rewrite-page", "FILE N", 2, 2, do_rewrite_page },
	{ "write-unlink", "FILE MIB", 2, 2, do_write_unlink },
	{ "two-writers", "FILE", 1, 1, do_two_writers },
	{ "seq-read", "FILE [--drop]", 1, 2, do_seq_read },
	{ "noise", "FILE [OPS]", 1, 2, do_noise },
	{ "interface", "FILE IFACE", 2, 2, do_interface },
	{ "spawn-dd", "DIR N", 2, 2, do_spawn_dd },
	{ "cached-read", "FILE N", 2, 2, do_cached_read },
	{ "random-rewrite", "FILE N SEED", 3, 3, do_random_rewrite },
	{ "direct-random", "FILE N [SEED]", 2, 3, do_direct_random },
};

static const struct command *find_command(int argc, char **argv)
{
	size_t n = sizeof(commands) / sizeof(commands[0]);

	for (size_t i = 0; argc > 1 && i < n; i++)
		if (!strcmp(commands[i].name, argv[1]) && argc - 2 >= commands[i].min &&
		    argc - 2 <= commands[i].max)
			return &commands[i];
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s workload [--go-fd FD] %s %s\n", i ? "      " : "usage:",
			commands[i].name, commands[i].args);
	return NULL;
}

/* --go-fd FD: start only after one byte, or the end, was read there (a tool is attached) */
static void wait_for_go(const char *text)
{
	char go;

	errno = 0;
	if (read(atoi(text), &go, 1) < 0)
		die("--go-fd %s", text);
}

static void print_truth(const struct command *c, const struct truth *t, const char *extra)
{
	printf("{\"op\":\"%s\",\"pid\":%d,\"write_bytes\":%" PRIu64 ",\"write_ops\":%" PRIu64
	       ",\"read_bytes\":%" PRIu64 ",\"read_ops\":%" PRIu64 ",\"syncs\":%" PRIu64 "%s}\n",
	       c->name, (int)getpid(), t->write_bytes, t->write_ops, t->read_bytes, t->read_ops,
	       t->syncs, extra);
	if (fflush(stdout))
		die("stdout");
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct truth truth = { 0 };
	const char *go_fd = NULL;
	char *extra = NULL;
	size_t size;

	if (argc > 2 && !strcmp(argv[1], "--go-fd")) {
		go_fd = argv[2];
		argv += 2;
		argc -= 2;
	}
	command = find_command(argc, argv);
	if (!command)
		return 2;
	fill_buffer();
	truth.extra = open_memstream(&extra, &size);
	if (!truth.extra)
		die("memory");
	if (go_fd)
		wait_for_go(go_fd);
	command->run(argv + 2, &truth);
	fclose(truth.extra);
	print_truth(command, &truth, extra);
	free(extra);
	free(buf);
	return 0;
}
