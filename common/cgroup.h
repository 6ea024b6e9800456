/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup - ids and processes to cgroup paths, v2 first, else the v1 hierarchies. */
#ifndef IOAMP_CGROUP_H
#define IOAMP_CGROUP_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct cgroups;

int cgroups_open(struct cgroups **out);
void cgroups_close(struct cgroups *c);

/*
 * Path of a process's cgroup: the v2 path (by id, which outlives the process)
 * if it is not "/", else the first of blkio, memory, name=systemd that is not
 * "/", from /proc/PID/cgroup, or `fallback` when the process is gone (may be
 * NULL). The string lives as long as `c`.
 */
const char *cgroups_path(struct cgroups *c, uint64_t id, uint32_t pid, const char *fallback);

/* The same from the text of /proc/PID/cgroup alone; "/" when it names no other. */
void cgroup_parse(FILE *f, char *out, size_t size);

/* Whether some hierarchy below /sys/fs/cgroup has this path. */
bool cgroup_exists(const char *path);

#endif
