/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream - the file or standard output that a report goes to. */
#include "report/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *stream_open(const char *path)
{
	int fd;

	if (!path)
		return stdout;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

int stream_truncate(FILE *f)
{
	struct stat st;

	if (f == stdout || fstat(fileno(f), &st) || !S_ISREG(st.st_mode))
		return 0;
	return ftruncate(fileno(f), 0) ? -errno : 0;
}

int stream_finish(FILE *f)
{
	if (fflush(f) == 0 && !ferror(f))
		return 0;
	return errno ? -errno : -EIO;
}
