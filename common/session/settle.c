/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settle - after COMMAND: its dirty pages reach the disk before the window ends. */
#include "session/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/elapsed.h"

#define DEPTH 8		/* loop devices on loop devices; deeper ones are not synced */
#define POLL_MS 20

static int open_mount(const struct mount_entry *m)
{
	/* O_NOATIME: opening a directory must not dirty its inode */
	int fd = open(m->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME);

	return fd >= 0 ? fd : open(m->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool sync_mount(const struct mounts *m, uint32_t dev, uint32_t *source)
{
	for (size_t i = 0; i < m->n; i++) {
		int fd;

		if (m->v[i].dev != dev)
			continue;
		fd = open_mount(&m->v[i]);
		if (fd < 0)
			continue;
		syncfs(fd);
		close(fd);
		*source = m->v[i].source;
		return true;
	}
	return false;
}

static bool sync_device(uint32_t dev)
{
	char path[64], link[256];
	ssize_t n;
	int fd;

	/* /sys/dev/block/MAJOR:MINOR ends with the node's name */
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", dev >> 20, dev & 0xfffff);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = 0;
	snprintf(path, sizeof(path), "/dev/%.50s", strrchr(link, '/') ? strrchr(link, '/') + 1 : link);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	fsync(fd);
	close(fd);
	return true;
}

static void sync_down(const struct storage *st, uint32_t dev)
{
	for (int depth = 0; dev && depth < DEPTH; depth++) {
		const struct disk *disk;
		uint32_t source = dev;

		if (!sync_mount(&st->mounts, dev, &source) && !sync_device(dev)) {
			log_notice("cannot sync device %u:%u: it is not mounted here; bytes that stay dirty are reported as pending",
				   dev >> 20, dev & 0xfffff);
			return;
		}
		disk = source ? disks_of_device(&st->disks, source) : NULL;
		dev = disk && disk->below[0] ? disk->backing_dev : 0;
	}
}

#define FLIGHT_S 2	/* a disk that takes longer has its bytes counted as queued only */

/* Read-ahead of a program that ended, and what a sync does not wait for, is still on its way. */
static int settle_flight(struct session *s)
{
	struct timespec start, nap = { 0, POLL_MS * 1000000L };
	uint64_t bytes;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		err = session_in_flight(s, &bytes);
		if (err || !bytes || seconds_since(&start) > FLIGHT_S)
			return err;
		nanosleep(&nap, NULL);
	}
}

static int settle_sync(struct session *s)
{
	struct sync_list w;
	int err = session_sync_list(s, &w);

	for (size_t i = 0; !err && i < w.n; i++)
		sync_down(session_storage(s), w.devs[i]);
	sync_list_free(&w);
	return err ? err : settle_flight(s);
}

static int settle_wait(struct session *s, double wait_s)
{
	struct timespec start, nap = { 0, POLL_MS * 1000000L };
	sigset_t asked;
	uint64_t dirty;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		err = session_pending(s, &dirty);
		if (err || !dirty)
			break;
		sigpending(&asked);
		if (sigismember(&asked, SIGINT) || sigismember(&asked, SIGTERM))
			break;
		if (wait_s > 0 && seconds_since(&start) > wait_s)
			break;
		nanosleep(&nap, NULL);
	}
	return err == -ENOTSUP ? 0 : err;
}

int settle(struct session *s, enum settle how, double wait_s)
{
	int err;

	session_tick(s);	/* reads what COMMAND mounted */
	/* the dirty pages of all its processes may reach the disk at once, and need room in the tables */
	err = session_retire(s, true);
	if (err)
		return err;
	switch (how) {
	case SETTLE_SYNC:
		return settle_sync(s);
	case SETTLE_WAIT:
		return settle_wait(s, wait_s);
	default:
		return settle_flight(s);
	}
}
