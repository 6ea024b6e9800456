/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kfile - small text files of a kernel tree. */
#include "types/kfile.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest header asked for (linux/fs.h) has about 120 KiB. */
#define TEXT_MAX (4 * 1024 * 1024)

char *kfile_read(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	char *text = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "%s%s%s", dir, *name ? "/" : "", name);
	f = fopen(path, "re");
	if (!f)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) && st.st_size < TEXT_MAX)
		text = malloc((size_t)st.st_size + 1);
	if (text)
		text[fread(text, 1, (size_t)st.st_size, f)] = '\0';
	fclose(f);
	return text;
}

bool kfile_exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) &&
	       access(path, F_OK) == 0;
}
