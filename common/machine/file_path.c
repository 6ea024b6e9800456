/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_path - builds the path of a file from its parts and the mounts. */
#include "machine/file_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ABOVE "/..."	/* stands for parts that were not noted */

size_t file_path_length(const char *path)
{
	size_t n = strlen(path), tail = sizeof(FILE_PATH_DELETED) - 1;

	return n > tail && !strcmp(path + n - tail, FILE_PATH_DELETED) ? n - tail : n;
}

/* Bytes of the part at `at`, up to its NUL or to `end`. */
static size_t part_length(const struct file_entry *e, size_t at, size_t end)
{
	return strnlen(e->names + at, end - at);
}

int file_path_inside(const struct file_entry *e, char **out)
{
	size_t end = e->length < sizeof(e->names) ? e->length : sizeof(e->names), n;
	char *path, *at;

	*out = NULL;
	if (!end)
		return 0;
	/* the slash of a part takes the place of its NUL, which the last part may lack */
	path = malloc(end + sizeof(ABOVE) + 1);
	if (!path)
		return -ENOMEM;
	/* the parts are in reverse order: write from the end */
	at = path + end + sizeof(ABOVE);
	*at = 0;
	for (size_t i = 0; i < end; i += n + 1) {
		n = part_length(e, i, end);
		at -= n;
		memcpy(at, e->names + i, n);
		*--at = '/';
	}
	if (e->cut) {
		at -= sizeof(ABOVE) - 1;
		memcpy(at, ABOVE, sizeof(ABOVE) - 1);
	}
	memmove(path, at, strlen(at) + 1);
	*out = path;
	return 0;
}

/* The rest of `inside` below `root`. NULL: `inside` is not below it. */
static const char *below(const char *root, const char *inside)
{
	size_t n = strlen(root);

	while (n && root[n - 1] == '/')
		n--;
	if (strncmp(root, inside, n) || (inside[n] && inside[n] != '/'))
		return NULL;
	return inside + n;
}

/* Does mount `i` precede mount `k`? */
static bool earlier(const struct mounts *m, size_t i, size_t k)
{
	size_t a = strlen(m->v[i].root), b = strlen(m->v[k].root);

	return a != b ? a < b : i < k;
}

static bool serves(const struct mount_entry *m, uint32_t dev, const char *inside)
{
	return m->dev == dev && below(m->root, inside);
}

/* The number of suitable mounts that precede mount `i`. */
static unsigned int rank(const struct mounts *m, uint32_t dev, const char *inside, size_t i)
{
	unsigned int n = 0;

	for (size_t k = 0; k < m->n; k++)
		n += serves(&m->v[k], dev, inside) && earlier(m, k, i);
	return n;
}

int file_path_join(const struct mounts *m, uint32_t dev, const char *inside, unsigned int nth,
	       char **out)
{
	*out = NULL;
	for (size_t i = 0; i < m->n; i++) {
		const char *rest, *at = m->v[i].path;
		size_t n = strlen(at), tail;

		if (!serves(&m->v[i], dev, inside) || rank(m, dev, inside, i) != nth)
			continue;
		rest = below(m->v[i].root, inside);
		tail = strlen(rest);
		if (tail && n && at[n - 1] == '/')
			n--;
		*out = malloc(n + tail + 1);
		if (!*out)
			return -ENOMEM;
		memcpy(*out, at, n);
		memcpy(*out + n, rest, tail + 1);
		return 0;
	}
	return 0;
}
