/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spawn - COMMAND: made first, started only when everything is attached. */
#include "tool/command.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int become(const struct passwd *pw)
{
	if (initgroups(pw->pw_name, pw->pw_gid) || setgid(pw->pw_gid) || setuid(pw->pw_uid))
		return -errno;
	return 0;
}

/* The terminal is a screen of ours. What cannot be led away stays as it is. */
static void step_aside(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int null = isatty(fd) ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;

		if (null >= 0)
			dup2(null, fd);
	}
}

__attribute__((noreturn))
static void child(int go, int failed, char *const *argv, const struct passwd *pw)
{
	ssize_t n;
	int err = 0;
	char byte;

	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(0);	/* the tool gave up before it started us */
	if (pw)
		err = become(pw);
	if (!err) {
		execvp(argv[0], argv);
		err = -errno;
	}
	n = write(failed, &err, sizeof(err));
	_exit(n == sizeof(err) ? 127 : 126);
}

int spawn_prepare(struct spawn *s, char *const *argv, const char *as_user, bool aside)
{
	const struct passwd *pw = NULL;
	int go[2], failed[2], err;

	s->pid = s->go = s->failed = -1;
	if (as_user) {
		pw = getpwnam(as_user);
		if (!pw)
			return -ENOENT;
	}
	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(failed, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	s->pid = fork();
	err = s->pid < 0 ? -errno : 0;
	if (!s->pid) {
		close(go[1]);
		close(failed[0]);
		if (aside)
			step_aside();
		child(go[0], failed[1], argv, pw);
	}
	close(go[0]);
	close(failed[1]);
	s->go = go[1];
	s->failed = failed[0];
	if (err)
		spawn_cancel(s);
	return err;
}

int spawn_start(struct spawn *s)
{
	int err = 0;
	ssize_t n;

	if (write(s->go, "x", 1) != 1)
		return -errno;
	close(s->go);
	s->go = -1;
	/* the pipe closes on a successful exec */
	do
		n = read(s->failed, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(s->failed);
	s->failed = -1;
	return n == sizeof(err) ? err : 0;
}

int spawn_exit_status(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return 128 + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

void spawn_cancel(struct spawn *s)
{
	if (s->go >= 0)
		close(s->go);
	if (s->failed >= 0)
		close(s->failed);
	if (s->pid > 0)
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	s->pid = s->go = s->failed = -1;
}
