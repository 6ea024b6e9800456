// SPDX-License-Identifier: GPL-3.0-or-later
/* loops - a loop device that is removed and added again under its number. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TRIES 1000	/* of 10 ms: others may look at a new disk, too */

static void control(unsigned long what, uint64_t n)
{
	int fd = open_or_die("/dev/loop-control", O_RDWR), err = -1;

	for (int i = 0; i < TRIES && err < 0; i++) {
		err = ioctl(fd, what, (long)n);
		if (err < 0 && errno != EBUSY)
			die("loop %lu", (unsigned long)n);
		if (err < 0)
			usleep(10000);
	}
	if (err < 0)
		die("loop %lu stays busy", (unsigned long)n);
	close_or_die(fd);
}

static void end(const char *path, uint64_t n, uint64_t mib, struct truth *t)
{
	int fd = open_or_die(path, O_RDWR | O_DIRECT);

	write_mib(t, fd, mib);
	if (ioctl(fd, LOOP_CLR_FD) < 0)
		die("LOOP_CLR_FD");
	close_or_die(fd);
	control(LOOP_CTL_REMOVE, n);
}

static void begin(const char *path, const char *file, uint64_t n, uint64_t mib, struct truth *t)
{
	int fd, backing = open_or_die(file, O_RDWR);

	control(LOOP_CTL_ADD, n);
	for (int i = 0; i < TRIES && access(path, F_OK); i++)
		usleep(10000);
	fd = open_or_die(path, O_RDWR);
	if (ioctl(fd, LOOP_SET_FD, backing) < 0)
		die("LOOP_SET_FD");
	close_or_die(fd);
	fd = open_or_die(path, O_RDWR | O_DIRECT);
	write_mib(t, fd, mib);
	close_or_die(fd);
	close_or_die(backing);
}

/*
 * loop-again N [FILE MIB]: writes MIB to the loop device N and removes it, if there is one; then, with
 * FILE, adds it again, on FILE, and writes MIB
 */
void do_loop_again(char **arg, struct truth *t)
{
	uint64_t n = number(arg[0], 100000), mib = arg[1] ? number(arg[2], 1000) : 0;
	char path[64];

	snprintf(path, sizeof(path), "/dev/loop%lu", (unsigned long)n);
	if (!access(path, F_OK))
		end(path, n, mib, t);
	if (arg[1])
		begin(path, arg[1], n, mib, t);
}
