/* SPDX-License-Identifier: GPL-3.0-or-later */
/* env - may this machine trace: capabilities, name spaces, seccomp, lockdown, tracefs. */
#ifndef IOAMP_ENV_H
#define IOAMP_ENV_H

#include "log.h"

/* Where env looks; tests point it at made-up files. NULL members: the real ones. */
struct env_paths {
	const char *self_status;	/* /proc/self/status */
	const char *user_ns;		/* /proc/self/ns/user (a link) */
	const char *lockdown;		/* /sys/kernel/security/lockdown */
	const char *tracefs[2];		/* /sys/kernel/tracing, /sys/kernel/debug/tracing */
	/* Tries bpf() and returns 0 or -errno. NULL: really, but not with a made-up self_status. */
	int (*try_bpf)(void);
};

/*
 * The first reason why tracing cannot work here: 0, or -EPERM / -ENOENT with
 * `f` filled (status 3). The order of the checks matters: a missing capability
 * explains everything after it. `retry` is the command line to print after sudo.
 */
int env_check(const struct env_paths *paths, const char *retry, struct failure *f);

#endif
