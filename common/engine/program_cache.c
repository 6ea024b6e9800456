/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program_cache - compiled programs of earlier starts, in files that only root may write. */
#include "engine/program_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define DEFAULT_DIR	"/run/ioamp"
#define MAGIC		"ioamp program 1\n"
#define FILES_MAX	32
#define PREFIX		"program-"

static const char *keep_dir(void)
{
	const char *dir = getenv("IOAMP_CACHE");

	if (getenv("IOAMP_LIBBCC"))
		return NULL;	/* the user wants this library to compile */
	return !dir ? DEFAULT_DIR : *dir ? dir : NULL;
}

/* The kernel will run what a file has: a file that another user may write is not accepted. */
static bool is_ours(int fd, mode_t type)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

int program_cache_open(void)
{
	const char *path = keep_dir();
	int fd;

	if (!path)
		return -1;
	mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !is_ours(fd, S_IFDIR)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* FNV-1a. Two keys may have the same name: the file contains the key, which is compared. */
static void file_name(char *name, size_t room, const void *key, size_t size)
{
	const unsigned char *p = key;
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	snprintf(name, room, PREFIX "%016llx", (unsigned long long)h);
}

static bool same_key(FILE *f, const void *key, size_t size)
{
	char magic[sizeof(MAGIC) - 1], *had;
	uint64_t length;
	bool same;

	if (fread(magic, sizeof(magic), 1, f) != 1 || memcmp(magic, MAGIC, sizeof(magic)) ||
	    fread(&length, sizeof(length), 1, f) != 1 || length != size)
		return false;
	had = malloc(size);
	same = had && fread(had, size, 1, f) == 1 && !memcmp(had, key, size);
	free(had);
	return same;
}

int program_cache_find(int dir, const void *key, size_t size, struct program **out)
{
	int fd, err = -ENOENT;
	char name[64];
	FILE *f;

	if (dir < 0)
		return -ENOENT;
	file_name(name, sizeof(name), key, size);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	f = fd >= 0 && is_ours(fd, S_IFREG) ? fdopen(fd, "r") : NULL;
	if (f) {
		if (same_key(f, key, size))
			err = program_read(out, f);
		fclose(f);
	} else if (fd >= 0) {
		close(fd);
	}
	/* the time of the last use: drop_oldest() deletes by it */
	if (!err)
		utimensat(dir, name, NULL, 0);
	return err == -EBADMSG ? -ENOENT : err;
}

/* Makes room for one more file: deletes the one that was used longest ago. */
static void drop_oldest(int dir)
{
	char oldest[256] = "";
	struct timespec when = { 0 };
	int n = 0, copy = dup(dir);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *e;
	struct stat st;

	if (d)
		rewinddir(d);	/* a duplicated descriptor shares its offset */
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) || fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (!n++ || st.st_mtim.tv_sec < when.tv_sec) {
			when = st.st_mtim;
			snprintf(oldest, sizeof(oldest), "%s", e->d_name);
		}
	}
	if (d)
		closedir(d);
	else if (copy >= 0)
		close(copy);
	if (n >= FILES_MAX)
		unlinkat(dir, oldest, 0);
}

void program_cache_put(int dir, const void *key, size_t size, const struct program *p)
{
	int fd, err = -EIO;
	uint64_t length = size;
	char name[64], fresh[96];
	FILE *f;

	if (dir < 0)
		return;
	drop_oldest(dir);
	file_name(name, sizeof(name), key, size);
	/* two tools may write at once: each has a file of its own, the last rename wins */
	snprintf(fresh, sizeof(fresh), PREFIX "%d.new", (int)getpid());
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f) {
		fwrite(MAGIC, sizeof(MAGIC) - 1, 1, f);
		fwrite(&length, sizeof(length), 1, f);
		fwrite(key, size, 1, f);
		err = program_write(p, f);
		if (fclose(f))
			err = -EIO;
	} else if (fd >= 0) {
		close(fd);
	}
	if (fd >= 0 && (err || renameat(dir, fresh, dir, name)))
		unlinkat(dir, fresh, 0);
	if (err)
		log_verbose("the compiled program could not be kept for the next start");
}
