/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spawn - COMMAND: made first, started only when everything is attached. */
#ifndef IOAMP_SPAWN_H
#define IOAMP_SPAWN_H

#include <stdbool.h>

struct spawn {
	int pid;	/* > 0 while it has not been waited for */
	int go;		/* one byte here starts it */
	int failed;	/* reads the errno of a failed exec */
};

/*
 * Forks a child that waits. It has the tool's own identity, or `as_user`'s
 * (groups first); signals are as the tool got them. `aside`: those of its
 * standard descriptors that are a terminal lead to /dev/null. 0 or -errno; -ENOENT: no such user.
 */
int spawn_prepare(struct spawn *s, char *const *argv, const char *as_user, bool aside);

/* Lets it run. 0, or the errno of a failed exec as a negative number. */
int spawn_start(struct spawn *s);

/* The child was reaped with this wait status: its exit status in the shell's way. */
int spawn_exit_status(int wait_status);

/* Ends a child that never started. */
void spawn_cancel(struct spawn *s);

#endif
