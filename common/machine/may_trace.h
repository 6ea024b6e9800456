/* SPDX-License-Identifier: GPL-3.0-or-later */
/* env - may this machine trace: capabilities, name spaces, seccomp, lockdown, tracefs. */
#ifndef IOAMP_ENV_H
#define IOAMP_ENV_H

#include <stddef.h>

#include "base/log.h"

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

/* The same, one reason at a time, for who wants to know all of them. In the order of env_check(). */
enum env_reason {
	ENV_CAPABILITIES, ENV_USER_NS, ENV_SECCOMP, ENV_LOCKDOWN, ENV_TRACEFS, ENV_REASONS,
};
int env_check_one(const struct env_paths *paths, enum env_reason which, const char *retry,
		  struct failure *f);

/* What /proc/self/status says of us; all capabilities when it cannot be read. */
struct env_self {
	unsigned long long caps;	/* effective */
	unsigned int uid;		/* effective */
	int seccomp;			/* 2: a filter */
};
void env_self_read(const char *self_status, struct env_self *self);

/* The command that starts `retry` in a container that may trace. */
void env_container(const char *retry, char *out, size_t size);

#endif
