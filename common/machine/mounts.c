/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts - the mounted file systems, from /proc/PID/mountinfo. */
#include "machine/mounts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/grow.h"

void mounts_unescape(char *s)
{
	char *w = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && strspn(s + 2, "01234567") >= 2) {
			*w++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*w++ = *s;
		}
	}
	*w = 0;
}

/* The block device of a file system with an anonymous device number (btrfs): the mount names it. */
static uint32_t source_device(const char *source)
{
	struct stat st;

	if (source[0] != '/' || stat(source, &st) || !S_ISBLK(st.st_mode))
		return 0;
	return KERNEL_DEV(major(st.st_rdev), minor(st.st_rdev));
}

static int mount_line(struct mounts *m, char *line)
{
	unsigned int maj, min;
	char root[PATH_MAX], path[PATH_MAX], source[PATH_MAX] = "", *dash;
	struct mount_entry *v;

	/* id parent major:minor root path options ... - type source options */
	if (sscanf(line, "%*d %*d %u:%u %4095s %4095s", &maj, &min, root, path) != 4)
		return 0;
	dash = strstr(line, " - ");
	if (dash)
		sscanf(dash + 3, "%*s %4095s", source);
	v = grow_by_one(m->v, m->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->v = v;
	mounts_unescape(root);
	mounts_unescape(path);
	mounts_unescape(source);
	v[m->n].dev = KERNEL_DEV(maj, min);
	v[m->n].source = maj ? v[m->n].dev : source_device(source);
	v[m->n].path = strdup(path);
	v[m->n].root = strdup(root);
	m->n++;
	if (!v[m->n - 1].path || !v[m->n - 1].root)
		return -ENOMEM;
	return 0;
}

int mounts_parse(struct mounts *m, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	memset(m, 0, sizeof(*m));
	while (!err && getline(&line, &size, f) > 0)
		err = mount_line(m, line);
	free(line);
	return err;
}

static int read_table(struct mounts *m, const char *path)
{
	FILE *f = fopen(path, "re");
	int err;

	memset(m, 0, sizeof(*m));
	if (!f)
		return -errno;
	err = mounts_parse(m, f);
	fclose(f);
	return err;
}

int mounts_read(struct mounts *m)
{
	return read_table(m, "/proc/self/mountinfo");
}

int mounts_read_of(struct mounts *m, uint32_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	return read_table(m, path);
}

static void mount_free(struct mount_entry *m)
{
	free(m->path);
	free(m->root);
}

void mounts_free(struct mounts *m)
{
	for (size_t i = 0; i < m->n; i++)
		mount_free(&m->v[i]);
	free(m->v);
	memset(m, 0, sizeof(*m));
}
