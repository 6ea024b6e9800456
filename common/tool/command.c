/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command - COMMAND: its process is made first, and started when everything is attached. */
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

/* Leads descriptors of a terminal, which shows our screen, to /dev/null where that can be opened. */
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
		_exit(0);	/* the tool ended before it started COMMAND */
	if (pw)
		err = become(pw);
	if (!err) {
		execvp(argv[0], argv);
		err = -errno;
	}
	n = write(failed, &err, sizeof(err));
	_exit(n == sizeof(err) ? 127 : 126);
}

int command_prepare(struct command *c, char *const *argv, const char *as_user, bool aside)
{
	const struct passwd *pw = NULL;
	int go[2], failed[2], err;

	*c = (struct command)COMMAND_NONE;
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
	c->pid = fork();
	err = c->pid < 0 ? -errno : 0;
	if (!c->pid) {
		close(go[1]);
		close(failed[0]);
		if (aside)
			step_aside();
		child(go[0], failed[1], argv, pw);
	}
	close(go[0]);
	close(failed[1]);
	c->go = go[1];
	c->failed = failed[0];
	if (err)
		command_cancel(c);
	return err;
}

int command_start(struct command *c)
{
	int err = 0;
	ssize_t n;

	if (write(c->go, "x", 1) != 1)
		return -errno;
	close(c->go);
	c->go = -1;
	/* the pipe closes on a successful exec */
	do
		n = read(c->failed, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(c->failed);
	c->failed = -1;
	c->exec_failed = n == sizeof(err);
	return c->exec_failed ? err : 0;
}

bool command_reap(struct command *c)
{
	int status;

	if (c->pid <= 0 || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return false;
	c->pid = -1;
	c->ended = true;
	c->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

void command_cancel(struct command *c)
{
	if (c->go >= 0)
		close(c->go);
	if (c->failed >= 0)
		close(c->failed);
	if (c->pid > 0)
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	c->pid = c->go = c->failed = -1;
}
