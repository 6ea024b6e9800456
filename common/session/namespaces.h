/* SPDX-License-Identifier: GPL-3.0-or-later */
/* namespaces - the mounts of other mount namespaces: a container has mounts of its own. */
#ifndef IOAMP_NAMESPACES_H
#define IOAMP_NAMESPACES_H

#include <stdbool.h>
#include <sys/types.h>

#include "machine/mounts.h"

/* One namespace, seen through a process that lives in it. */
struct namespace_view {
	struct mounts mounts;
	ino_t id;
	char root[64];		/* "/proc/PID/root" of that process; "": our own namespace */
};
struct namespaces {
	struct namespace_view *v;
	size_t n;
	bool read;
};

/* Finds the namespaces that are not ours; the first call of a zeroed struct reads /proc. 0 or -ENOMEM. */
int namespaces_read(struct namespaces *ns);
void namespaces_free(struct namespaces *ns);

#endif
