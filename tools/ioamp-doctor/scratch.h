/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch - a file system of our own that goes away with the process, also when that
 * is killed: mounted in a name space of our own, on a loop device that frees itself.
 */
#ifndef IOAMP_SCRATCH_H
#define IOAMP_SCRATCH_H

#include <stdbool.h>

#include "base/log.h"

struct scratch {
	int dir;		/* descriptor of its top directory */
	const char *filesystem;	/* "ext4", "xfs", "btrfs"; of a plain directory also others */
	char disk[64];		/* "loop3"; "" for a plain directory */
	char place[300];	/* in words: "loop3 over memory" */
	bool memory;		/* no disk below the loop device */
	char why_plain[200];	/* why no file system could be made */
	/* private */
	const char *mount;
	int image, loop, guard;
	int guard_pid;
};

/*
 * The image lies in memory, or in a file of the directory `where`. Where no loop
 * device or no mkfs can be had, a directory in `where` (or $TMPDIR, /var/tmp) is
 * taken as it is. The process is in a mount name space of its own afterwards.
 * 0, or -errno with `f` filled. What is there on disk is removed by scratch_close(),
 * or by a guard process when we end without it.
 */
int scratch_open(struct scratch *s, const char *where, struct failure *f);
void scratch_close(struct scratch *s);

#endif
