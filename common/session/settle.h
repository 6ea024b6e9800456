/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settle - after COMMAND: its dirty pages reach the disk before the window ends. */
#ifndef IOAMP_SETTLE_H
#define IOAMP_SETTLE_H

#include "session/session.h"

enum settle { SETTLE_DEFAULT, SETTLE_SYNC, SETTLE_WAIT, SETTLE_NONE };

/*
 * SETTLE_SYNC: calls syncfs() on each file system that the target wrote to, from the top of a stack
 * down, and fsync() on raw devices. A file system that cannot be reached is reported, once.
 * SETTLE_WAIT: waits until nothing of the target is dirty, `wait_s` seconds at most (0: without
 * limit), or until SIGINT or SIGTERM is pending, which the caller blocks. 0 or -errno.
 */
int settle(struct session *s, enum settle how, double wait_s);

#endif
