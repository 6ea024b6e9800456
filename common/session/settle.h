/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settle - after COMMAND: what it dirtied reaches the disk before the window ends. */
#ifndef IOAMP_SETTLE_H
#define IOAMP_SETTLE_H

#include "session/session.h"

enum settle { SETTLE_DEFAULT, SETTLE_SYNC, SETTLE_WAIT, SETTLE_NONE };

/*
 * SETTLE_SYNC: syncfs on the file systems the target wrote, stacks from the top
 * down, fsync on raw devices. SETTLE_WAIT: until nothing of the target is dirty,
 * `wait_s` seconds at most (0: as
 * long as it takes, or until a signal that the caller blocks). A file system that cannot be reached is said, once.
 */
int settle(struct session *s, enum settle how, double wait_s);

#endif
