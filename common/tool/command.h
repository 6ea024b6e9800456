/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command - COMMAND: its process is made first, and started when everything is attached. */
#ifndef IOAMP_COMMAND_H
#define IOAMP_COMMAND_H

#include <stdbool.h>

struct command {
	int pid;		/* > 0 while it has not been waited for */
	int go;			/* one byte here starts it */
	int failed;		/* reads the errno of a failed exec */
	bool exec_failed;
	bool ended;
	int exit_status;	/* once it ended, in the shell's way: 128 + number of a signal */
};

#define COMMAND_NONE { .pid = -1, .go = -1, .failed = -1 }

/*
 * Forks a child that waits. It has the tool's own identity, or `as_user`'s (groups first); signals
 * are as the tool got them. `aside`: those of its standard descriptors that are a terminal lead to
 * /dev/null. 0 or -errno; -ENOENT: no such user.
 */
int command_prepare(struct command *c, char *const *argv, const char *as_user, bool aside);

/* Lets it run. 0, or the errno of a failed exec as a negative number. */
int command_start(struct command *c);

/* Takes note of its end, without waiting. True: it ended since the last call. */
bool command_reap(struct command *c);

/* Ends a child that never started. */
void command_cancel(struct command *c);

#endif
