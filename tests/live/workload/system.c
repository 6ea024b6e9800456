// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * system - acts as a storage system would: a log, a table, a thread with a name of its own,
 * a child with a title of its own, a child that is gone at once. Each part moves a known
 * number of pages; the test names them by rules of its own.
 */
#include "workload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Pages of each part, times N. */
enum { WAL = 23, TABLE = 17, THREAD = 13, THREAD_WAL = 11, CHILD = 7, TITLE = 5 };

struct part {
	const char *dir;
	uint64_t n;
	struct truth t;
};

static void put(struct truth *t, const char *dir, const char *name, uint64_t pages)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open_or_die(path, O_WRONLY | O_CREAT | O_APPEND);
	for (uint64_t i = 0; i < pages; i++)
		wrote(t, write(fd, buf, PAGE), PAGE, "write");
	synced(t, fsync(fd), "fsync");
	close_or_die(fd);
}

static void *compact(void *arg)
{
	struct part *p = arg;

	prctl(PR_SET_NAME, "kv-compact");
	put(&p->t, p->dir, "unnamed.bin", THREAD * p->n);
	put(&p->t, p->dir, "member/wal/2.wal", THREAD_WAL * p->n);
	/* a name is taken for the rest of the life, or not: from here on it has no role */
	prctl(PR_SET_NAME, "kv-idle");
	put(&p->t, p->dir, "idle.bin", p->n);
	return NULL;
}

static void add(struct truth *t, const struct truth *more)
{
	t->write_bytes += more->write_bytes;
	t->write_ops += more->write_ops;
	t->syncs += more->syncs;
}

/* A child did what it was asked to do, or ended with 1. */
static void count_child(struct truth *t, uint64_t pages)
{
	t->write_bytes += pages * PAGE;
	t->write_ops += pages;
	t->syncs++;
}

static void gone_child(const char *dir, uint64_t n, struct truth *t)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		put(t, dir, "child.bin", CHILD * n);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("child");
	count_child(t, CHILD * n);
}

/* Lives as long as its parent. Its title replaces the argument `title` in memory. */
static pid_t titled_child(char *title, const char *dir, uint64_t n, struct truth *t)
{
	int done[2];
	char byte;
	pid_t pid;

	if (pipe(done))
		die("pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(title, strlen(title) + 1, "kv: saver");
		put(t, dir, "saved.bin", TITLE * n);
		if (write(done[1], "d", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close_or_die(done[1]);
	if (pid < 0 || read(done[0], &byte, 1) != 1)
		die("child with a title");
	close_or_die(done[0]);
	count_child(t, TITLE * n);
	return pid;
}

/* system DIR N DONE FD TITLE: makes the file DONE, then lives until a byte or the end comes from FD */
void do_system(char **arg, struct truth *t)
{
	struct part p = { .dir = arg[0], .n = number(arg[1], 1000) };
	pthread_t thread;
	char byte;
	pid_t child;

	put(t, p.dir, "member/wal/1.wal", WAL * p.n);
	put(t, p.dir, "member/snap/db", TABLE * p.n);
	if (pthread_create(&thread, NULL, compact, &p) || pthread_join(thread, NULL))
		die("thread");
	add(t, &p.t);
	gone_child(p.dir, p.n, t);
	child = titled_child(arg[4], p.dir, p.n, t);
	fprintf(t->extra, ",\"wal\":%" PRIu64 ",\"data\":%" PRIu64 ",\"compaction\":%" PRIu64
		",\"saver\":%" PRIu64 ",\"other\":%" PRIu64, (WAL + THREAD_WAL) * p.n * PAGE,
		TABLE * p.n * PAGE, THREAD * p.n * PAGE, TITLE * p.n * PAGE, (CHILD + 1) * p.n * PAGE);
	close_or_die(open_or_die(arg[2], O_WRONLY | O_CREAT));
	if (read(atoi(arg[3]), &byte, 1) < 0)
		die("descriptor %s", arg[3]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}
