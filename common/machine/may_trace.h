/* SPDX-License-Identifier: GPL-3.0-or-later */
/* may_trace - may this process trace here? Capabilities, namespaces, seccomp, lockdown, tracefs. */
#ifndef IOAMP_MAY_TRACE_H
#define IOAMP_MAY_TRACE_H

#include <stddef.h>

#include "base/log.h"

/* The files to read; tests use made-up ones. NULL: the real file. */
struct may_trace_paths {
	const char *self_status;	/* /proc/self/status */
	const char *user_ns;		/* /proc/self/ns/user (a link) */
	const char *lockdown;		/* /sys/kernel/security/lockdown */
	const char *tracefs[2];		/* /sys/kernel/tracing, /sys/kernel/debug/tracing */
	/* Tries bpf(); 0 or -errno. NULL: the real system call, or none if self_status is set. */
	int (*try_bpf)(void);
};

/*
 * Checks in the order of enum may_trace_reason up to the first failure: a missing capability explains
 * all later ones. 0, or -EPERM or -ENOENT with `f` filled (status 3). `retry`: the command line that
 * `f` suggests after sudo.
 */
int may_trace_check(const struct may_trace_paths *paths, const char *retry, struct failure *f);

/* A single check, to learn about all reasons. */
enum may_trace_reason {
	MAY_TRACE_CAPABILITIES, MAY_TRACE_USER_NS, MAY_TRACE_SECCOMP, MAY_TRACE_LOCKDOWN, MAY_TRACE_TRACEFS, MAY_TRACE_REASONS,
};
int may_trace_check_one(const struct may_trace_paths *paths, enum may_trace_reason which, const char *retry,
		  struct failure *f);

/* This process in /proc/self/status. If the file cannot be read: all capabilities. */
struct may_trace_self {
	unsigned long long caps;	/* effective */
	unsigned int uid;		/* effective */
	int seccomp;			/* 2: a filter is active */
};
void may_trace_self_read(const char *self_status, struct may_trace_self *self);

/* The command that starts `retry` in a container that may trace. */
void may_trace_container(const char *retry, char *out, size_t size);

#endif
