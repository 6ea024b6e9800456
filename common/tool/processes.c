/* SPDX-License-Identifier: GPL-3.0-or-later */
/* processes - whether the processes that the user named can be measured. */
#include "tool/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "machine/pid_ns.h"

static bool exists(uint32_t pid)
{
	return !kill((pid_t)pid, 0) || errno != ESRCH;
}

static void say_missing(const char *option, uint32_t pid, struct failure *f)
{
	uint32_t outer = pid_ns_outer(pid);
	char fix[64];

	if (!outer) {
		log_failure_set(f, ERR_NO_PROCESS, "pgrep -a NAME", "%s %u: %s", option, pid,
				strerror(ESRCH));
		return;
	}
	snprintf(fix, sizeof(fix), "%s %u", option, outer);
	log_failure_set(f, ERR_INNER_PROCESS, fix, "%s %u: the process has the number %u here", option,
			pid, outer);
}

bool processes_check(const struct target_wish *target, struct failure *f)
{
	if (!pid_ns_has_proc()) {
		log_failure_set(f, ERR_PROC, "sudo mount -t proc proc /proc    (or unshare --mount-proc)",
				"/proc/self is not the tool's own number");
		return false;
	}
	if (target->tid && !exists(target->tid)) {
		say_missing("-t", target->tid, f);
		return false;
	}
	for (unsigned int i = 0; i < target->nr_pids; i++) {
		uint32_t pid = target->pids[i];

		if (!exists(pid)) {
			say_missing("-p", pid, f);
			return false;
		}
		if (pid_ns_is_kernel_thread(pid)) {
			uint32_t outer = pid_ns_outer(pid);
			char fix[64] = "ioamp-stat -a    shows background I/O";

			if (outer)
				snprintf(fix, sizeof(fix), "-p %u", outer);
			log_failure_set(f, ERR_KERNEL_THREAD, fix,
					"-p %u: its I/O belongs to the programs that cause it%s", pid,
					outer ? "; a process of a container has this number inside" : "");
			return false;
		}
	}
	return true;
}
