// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * by_file - known bytes to files of every kind: deep, deleted, renamed, linked, mapped, shared,
 * direct, on a bind mount, an overlay and a raw device. truth-by-file.sh states the figures.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAW_AT		MIB	/* where the second writer of the raw device begins */
#define DEEP		36	/* folders, more than the tools follow */
#define MAPPED_PAGES	5

static int open_at(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		die("open %s", name);
	return fd;
}

/* Creates the file if it does not exist, and writes n times `bytes`. */
static int write_open(struct truth *t, int dir, const char *name, unsigned int n, size_t bytes)
{
	int fd = open_at(dir, name, O_WRONLY | O_CREAT);

	for (unsigned int i = 0; i < n; i++)
		wrote(t, write(fd, buf, bytes), bytes, "write");
	return fd;
}

static void write_file(struct truth *t, int dir, const char *name, unsigned int n, size_t bytes)
{
	close_or_die(write_open(t, dir, name, n, bytes));
}

static void write_synced(struct truth *t, int dir, const char *name, unsigned int n, size_t bytes)
{
	int fd = write_open(t, dir, name, n, bytes);

	synced(t, fsync(fd), "fsync");
	close_or_die(fd);
}

static void write_direct(struct truth *t, int dir, const char *name, unsigned int n, size_t bytes)
{
	int fd = open_at(dir, name, O_WRONLY | O_CREAT | O_DIRECT);

	for (unsigned int i = 0; i < n; i++)
		wrote(t, write(fd, buf, bytes), bytes, "write");
	close_or_die(fd);
}

static void read_pages(struct truth *t, int dir, const char *name, unsigned int n, int flags)
{
	int fd = open_at(dir, name, O_RDONLY | flags);

	for (unsigned int i = 0; i < n; i++)
		did_read(t, read(fd, buf, PAGE), PAGE, "read");
	close_or_die(fd);
}

static void unlink_or_die(int dir, const char *name)
{
	if (unlinkat(dir, name, 0))
		die("unlink %s", name);
}

static void make_folder(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755))
		die("mkdir %s", name);
}

static const char *deepest(void)
{
	static char name[2 * DEEP + sizeof("deepest")];

	for (int i = 0; i < DEEP; i++)
		memcpy(name + 2 * i, "d/", 2);
	strcpy(name + 2 * DEEP, "deepest");
	return name;
}

static void make_deep(int dir)
{
	char name[2 * DEEP + 1] = "";

	for (int i = 0; i < DEEP; i++) {
		strcpy(name + 2 * i, "d/");
		make_folder(dir, name);
	}
}

static void prepare_read(struct truth *t, int dir, const char *name, unsigned int pages)
{
	int fd = write_open(t, dir, name, 1, pages * PAGE);

	synced(t, fsync(fd), "fsync");
	errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (errno)
		die("posix_fadvise");
	close_or_die(fd);
}

/* by-file-prepare DIR: folders and files for by-file; the files are not in the cache */
void do_by_file_prepare(char **arg, struct truth *t)
{
	int dir = open_or_die(arg[0], O_RDONLY | O_DIRECTORY);

	make_folder(dir, "a");
	make_folder(dir, "a/b");
	make_folder(dir, "a/b/c");
	make_deep(dir);
	prepare_read(t, dir, "buffered-read", 64);
	prepare_read(t, dir, "direct-read", 3);
	close_or_die(dir);
}

static void names(struct truth *t, int dir)
{
	write_file(t, dir, "plain", 10, 1000);
	write_file(t, dir, "a/b/c/deep", 5, PAGE);
	write_file(t, dir, deepest(), 1, PAGE);
	write_file(t, dir, "a/new\nline \"quoted\" \\ \xff\xfe", 2, PAGE);
	write_file(t, dir, "link1", 0, 0);
	if (linkat(dir, "link1", dir, "link2", 0))
		die("link");
	write_file(t, dir, "link1", 1, PAGE);
	write_synced(t, dir, "before", 1, PAGE);
	if (renameat(dir, "before", dir, "after"))
		die("rename");
}

static void deleted(struct truth *t, int dir)
{
	write_synced(t, dir, "gone", 3, PAGE);
	unlink_or_die(dir, "gone");
	write_file(t, dir, "never", 4, PAGE);
	unlink_or_die(dir, "never");
	write_synced(t, dir, "again", 1, PAGE);
	unlink_or_die(dir, "again");
	write_file(t, dir, "again", 2, PAGE);
}

static void raw_device(struct truth *t, const char *raw)
{
	int fd;

	write_direct(t, AT_FDCWD, raw, 4, PAGE);
	fd = open_or_die(raw, O_WRONLY);
	if (lseek(fd, RAW_AT, SEEK_SET) != RAW_AT)
		die("lseek");
	for (int i = 0; i < 5; i++)
		wrote(t, write(fd, buf, PAGE), PAGE, "write");
	close_or_die(fd);
}

static void mapped(int dir)
{
	int fd = open_at(dir, "mapped", O_RDWR | O_CREAT);
	unsigned char *map;

	if (ftruncate(fd, MAPPED_PAGES * PAGE))
		die("ftruncate");
	map = mmap(NULL, MAPPED_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < MAPPED_PAGES; i++)
		map[i * PAGE] = 1;
	munmap(map, MAPPED_PAGES * PAGE);
	close_or_die(fd);
}

/* Two processes, one after the other. */
static void shared(struct truth *t, int dir)
{
	pid_t pid = fork();
	int status, fd;

	if (pid < 0)
		die("fork");
	if (!pid) {
		write_file(t, dir, "shared", 2, PAGE);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status) {
		errno = 0;
		die("the other writer of a shared file failed");
	}
	fd = open_at(dir, "shared", O_WRONLY);
	wrote(t, pwrite(fd, buf, 7 * PAGE, 2 * PAGE), 7 * PAGE, "pwrite64");
	close_or_die(fd);
}

/* A new file, and a file of the lower layer, which the kernel copies up when it is opened. */
static void overlay(struct truth *t, const char *mount, const char *name)
{
	int dir = open_or_die(mount, O_RDONLY | O_DIRECTORY), fd;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "new-%s", name);
	write_file(t, dir, path, 3, PAGE);
	snprintf(path, sizeof(path), "copied-%s", name);
	fd = open_at(dir, path, O_RDWR);
	wrote(t, write(fd, buf, PAGE), PAGE, "write");
	close_or_die(fd);
	close_or_die(dir);
}

/* by-file DIR RAW BIND OVERLAY: after by-file-prepare; DIR/a is mounted on BIND; OVERLAY may be "" */
void do_by_file(char **arg, struct truth *t)
{
	int dir = open_or_die(arg[0], O_RDONLY | O_DIRECTORY);
	int bind = open_or_die(arg[2], O_RDONLY | O_DIRECTORY);
	const char *slash = strrchr(arg[0], '/');

	names(t, dir);
	deleted(t, dir);
	write_direct(t, dir, "direct", 3, 2 * PAGE);
	write_file(t, bind, "b/bound", 2, PAGE);
	raw_device(t, arg[1]);
	read_pages(t, dir, "buffered-read", 64, 0);
	read_pages(t, dir, "direct-read", 3, O_DIRECT);
	mapped(dir);
	shared(t, dir);
	if (*arg[3])
		overlay(t, arg[3], slash ? slash + 1 : arg[0]);
	close_or_die(bind);
	close_or_die(dir);
}
