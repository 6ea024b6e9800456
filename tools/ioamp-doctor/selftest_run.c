/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selftest_run - runs the self-test: scratch file system, child, measurement. */
#include "tools/ioamp-doctor/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/ioamp-doctor/scratch.h"
#include "machine/symbols.h"
#include "session/session.h"
#include "session/settle.h"

struct selftest_run {
	struct selftest t;
	struct scratch scratch;
	struct session_request ask;
	struct session *session;
	struct summary summary;
	/* the child waits for a byte on `go` and writes its struct did to `done` */
	pid_t pid;
	int go, done;
	char disk[DISK_NAME];
};

static char *const workload[] = { (char *)"the known workload", NULL };

/* What the child sends. */
struct did {
	int err;
	struct known known;
};

__attribute__((noreturn))
static void child(int dir, uint64_t page, int go, int done, int parent)
{
	struct did d = { 0 };
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "ioamp-known");
	if (getppid() != parent || read(go, &byte, 1) != 1)
		_exit(0);
	d.err = selftest_work_run(dir, page, &d.known);
	_exit(write(done, &d, sizeof(d)) != sizeof(d));
}

static int start_child(struct selftest_run *r, uint64_t page)
{
	int go[2], done[2], parent = getpid();

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(done, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return -errno;
	}
	fflush(NULL);
	r->pid = fork();
	if (!r->pid) {
		close(go[1]);
		close(done[0]);
		child(r->scratch.dir, page, go[0], done[1], parent);
	}
	close(go[0]);
	close(done[1]);
	r->go = go[1];
	r->done = done[0];
	return r->pid < 0 ? -errno : 0;
}

static int child_did(struct selftest_run *r, struct known *known)
{
	struct did d = { .err = -EIO };
	ssize_t n;

	if (write(r->go, "x", 1) != 1)
		return -errno;
	do
		n = read(r->done, &d, sizeof(d));
	while (n < 0 && errno == EINTR);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	d.known.pid = (uint32_t)r->pid;
	r->pid = 0;
	if (n == sizeof(d) && !d.err)
		*known = d.known;
	return n == sizeof(d) ? d.err : -EIO;
}

/* The disk of the scratch file system: the loop device, or the disk of the directory. */
static const struct disk *disk_of(const struct selftest_run *r)
{
	struct stat st;

	if (*r->scratch.disk)
		return disks_by_name(&session_storage(r->session)->disks, r->scratch.disk);
	if (fstat(r->scratch.dir, &st))
		return NULL;
	return storage_disk_of(session_storage(r->session), (major(st.st_dev) << 20) | minor(st.st_dev));
}

/* The kernel's counters, read without the session, to have an independent number. */
static bool kernel_stat(const char *disk, uint64_t *read_bytes, uint64_t *write_bytes)
{
	unsigned long long reads, writes;
	char path[128];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk);
	f = fopen(path, "re");
	ok = f && fscanf(f, "%*u %*u %llu %*u %*u %*u %llu", &reads, &writes) == 2;
	if (f)
		fclose(f);
	if (ok) {
		*read_bytes = reads * 512;	/* sectors */
		*write_bytes = writes * 512;
	}
	return ok;
}

static bool addresses_hidden(void)
{
	struct symbols *s = calloc(1, sizeof(*s));
	bool hidden = s && symbols_read(s) == -EPERM;

	free(s);
	return hidden;
}

static int measure(struct selftest_run *r)
{
	struct known *k = &r->t.known;
	uint64_t r0 = 0, w0 = 0, r1 = 0, w1 = 0;
	const struct disk *disk = disk_of(r);
	/* read now: settling renews the list of disks, and `disk` is invalid then */
	bool stat = disk && disk->iostats;
	int err;

	snprintf(r->disk, sizeof(r->disk), "%s", disk ? disk->name : "");
	r->t.filesystem = r->scratch.filesystem;
	err = session_add_process(r->session, (uint32_t)r->pid);
	if (stat)
		stat = kernel_stat(r->disk, &r0, &w0);
	if (!err)
		err = session_begin(r->session);
	if (!err)
		err = child_did(r, k);
	session_run_over(r->session);
	if (!err)
		err = settle(r->session, SETTLE_SYNC, 0);
	if (!err)
		err = session_end(r->session, true);
	if (stat)
		stat = kernel_stat(r->disk, &r1, &w1);
	k->disk_read_bytes = (struct maybe){ r1 - r0, stat };
	k->disk_write_bytes = (struct maybe){ w1 - w0, stat };
	k->disk = *r->disk ? r->disk : NULL;
	k->alone = r->scratch.memory;
	k->guessed = addresses_hidden();
	return err;
}

/* Runs before the first probe attaches, so that no figure contains this I/O. */
static int prepare(struct selftest_run *r, const char *directory, uint64_t page, struct failure *f)
{
	int err = scratch_open(&r->scratch, directory, f);

	if (err)
		return err;
	err = selftest_work_prepare(r->scratch.dir, page);
	if (err)
		log_failure_set(f, ERR_SELFTEST_FILES,
			    "name a directory with 400 MiB free with --scratch", "%s: %s",
			    r->scratch.place, err == -EBUSY ? "the page cache could not be emptied" :
			    strerror(-err));
	return err;
}

static void describe(struct selftest_run *r)
{
	struct selftest *t = &r->t;
	size_t n;

	t->disk = *r->disk ? r->disk : NULL;
	snprintf(t->place, sizeof(t->place), "%s", r->scratch.place);
	n = strlen(t->place);
	if (!*r->scratch.disk)
		snprintf(t->place + n, sizeof(t->place) - n, " (%.200s)", r->scratch.why_plain);
}

int selftest_run(struct selftest_run **out, const struct session_request *ask, const char *directory,
		 const struct selftest **t, struct failure *f)
{
	struct selftest_run *r = calloc(1, sizeof(*r));
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int err;

	if (!r)
		return -ENOMEM;
	r->ask = *ask;
	r->ask.target.command = workload;	/* this member makes the child and its children the target */
	r->ask.by = BY_PROCESS;
	r->go = r->done = -1;
	err = prepare(r, directory, page, f);
	if (err)
		goto out;
	if (r->scratch.memory) {
		r->ask.target.disks[0] = r->scratch.disk;
		r->ask.target.nr_disks = 1;
	}
	err = start_child(r, page);
	if (!err)
		err = session_open(&r->session, &r->ask, f);
	if (!err)
		err = measure(r);
	if (!err)
		err = session_summary(r->session, workload, 0, &r->summary);
	if (err)
		goto out;
	describe(r);
	selftest_compare(&r->t, &r->summary);
	*t = &r->t;
out:
	if (err && !f->status)
		log_failure_set(f, ERR_SELFTEST,
			    "run it again with -v", "%s", strerror(-err));
	if (err)
		selftest_close(r);
	else
		*out = r;
	return err;
}

void selftest_close(struct selftest_run *r)
{
	if (!r)
		return;
	session_close(r->session);
	if (r->go >= 0)
		close(r->go);	/* ends a child that is still waiting */
	while (r->pid > 0 && waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r->done >= 0)
		close(r->done);
	scratch_close(&r->scratch);
	free(r);
}
