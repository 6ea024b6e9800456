/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk - what the kernel says of one disk: number, kind, the file of a loop device, counters. */
#include "machine/disks_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "machine/mounts.h"

/* `id` becomes the inode of the file: in sysfs it lives as long as the disk, not as its number. */
static bool read_line(const char *path, char *buf, size_t size, uint64_t *id)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	bool ok = f && !fstat(fileno(f), &st) && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (!ok)
		return false;
	buf[strcspn(buf, "\n")] = 0;
	*id = st.st_ino;
	return true;
}

bool disk_read_line(const char *path, char *buf, size_t size)
{
	uint64_t id;

	return read_line(path, buf, size, &id);
}

void disk_path(const struct disks *d, char path[PATH_MAX], const char *format, ...)
{
	int n = snprintf(path, PATH_MAX, "%s", d->root ? d->root : "");
	va_list ap;

	va_start(ap, format);
	if (n < PATH_MAX)
		vsnprintf(path + n, PATH_MAX - (size_t)n, format, ap);
	va_end(ap);
}

static bool read_attr(const struct disks *d, const char *disk, const char *attr, char *buf,
		      size_t size)
{
	char path[PATH_MAX];

	disk_path(d, path, "/sys/block/%s/%s", disk, attr);
	return disk_read_line(path, buf, size);
}

/* Asks the driver: the path in backing_file may lead to another file, or none, in our namespace. */
static bool loop_asked(const struct disks *d, struct disk *disk)
{
	struct loop_info64 info;
	char path[PATH_MAX];
	bool ok = false;
	struct stat st;
	int fd;

	disk_path(d, path, "/dev/%s", disk->name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISBLK(st.st_mode) &&
	    KERNEL_DEV(major(st.st_rdev), minor(st.st_rdev)) == disk->dev &&
	    !ioctl(fd, LOOP_GET_STATUS64, &info)) {
		disk->backing_ino = info.lo_inode;
		disk->backing_dev = KERNEL_DEV(major(info.lo_device), minor(info.lo_device));
		ok = true;
	}
	close(fd);
	return ok;
}

static void read_loop(const struct disks *d, struct disk *disk)
{
	char file[PATH_MAX];
	struct stat st;

	if (!read_attr(d, disk->name, "loop/backing_file", file, sizeof(file)) ||
	    loop_asked(d, disk) || stat(file, &st))
		return;
	disk->backing_ino = st.st_ino;
	disk->backing_dev = KERNEL_DEV(major(st.st_dev), minor(st.st_dev));
}

/* Is it `word` and a number? */
static bool is_numbered(const char *name, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(name, word, n) && name[n] >= '0' && name[n] <= '9';
}

bool disk_is_memory(const char *name)
{
	return is_numbered(name, "zram") || is_numbered(name, "ram") || is_numbered(name, "pmem");
}

static bool has_requests(const struct disks *d, const char *name)
{
	char path[PATH_MAX];

	disk_path(d, path, "/sys/block/%s/mq", name);
	return !access(path, F_OK);
}

/*
 * Does the kernel count? queue/iostats tells it for disks with requests. Some drivers without
 * requests (no mq/) always count; dm did so until it set the flag itself (6.11, cdb2497918cc).
 */
bool disk_is_counted(const struct disks *d, const char *name)
{
	unsigned int major = 0, minor = 0;
	char path[PATH_MAX], line[64];

	if (!read_attr(d, name, "queue/iostats", line, sizeof(line)))
		return false;
	if (line[0] != '0')
		return true;
	if (has_requests(d, name))
		return false;
	if (is_numbered(name, "zram") || is_numbered(name, "bcache") || is_numbered(name, "drbd"))
		return true;
	disk_path(d, path, "/proc/sys/kernel/osrelease");
	if (!is_numbered(name, "dm-") || !disk_read_line(path, line, sizeof(line)) ||
	    sscanf(line, "%u.%u", &major, &minor) != 2)
		return false;
	return major < 6 || (major == 6 && minor < 11);
}

/* The path of an NVMe namespace (nvme0c1n1) is hidden: only /proc/diskstats has its number. */
static uint32_t hidden_dev(const struct disks *d, const char *disk)
{
	char path[PATH_MAX], line[512], name[DISK_NAME];
	unsigned int maj, min;
	uint32_t dev = 0;
	FILE *f;

	disk_path(d, path, "/proc/diskstats");
	f = fopen(path, "re");
	while (f && !dev && fgets(line, sizeof(line), f))
		if (sscanf(line, "%u %u %63s", &maj, &min, name) == 3 && !strcmp(name, disk))
			dev = KERNEL_DEV(maj, min);
	if (f)
		fclose(f);
	return dev;
}

bool disk_read(const struct disks *d, const char *name, struct disk *out)
{
	unsigned int maj, min;
	char line[64];

	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%.*s", DISK_NAME - 1, name);
	if (read_attr(d, name, "dev", line, sizeof(line)) && sscanf(line, "%u:%u", &maj, &min) == 2)
		out->dev = KERNEL_DEV(maj, min);
	else
		out->dev = hidden_dev(d, name);
	if (!out->dev)
		return false;
	out->memory = disk_is_memory(name);
	out->iostats = disk_is_counted(d, name);
	out->requests = has_requests(d, name);
	if (is_numbered(name, "loop"))
		read_loop(d, out);
	return true;
}

bool disk_is_idle(const struct disk *disk)
{
	unsigned long reads, writes;
	char path[PATH_MAX], line[64];

	snprintf(path, sizeof(path), "/sys/block/%s/inflight", disk->name);
	return !disk->gone && disk_read_line(path, line, sizeof(line)) &&
	       sscanf(line, "%lu %lu", &reads, &writes) == 2 && !reads && !writes;
}

int disk_stat_read(const struct disk *disk, struct disk_stat *out)
{
	uint64_t v[8];
	char path[PATH_MAX], line[512], *p = line, *end;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk->name);
	if (disk->gone || !read_line(path, line, sizeof(line), &out->id))
		return -ENOENT;
	for (int i = 0; i < 8; i++, p = end) {
		v[i] = strtoull(p, &end, 10);
		if (end == p)
			return -EINVAL;
	}
	/* fields 3 and 7: sectors of 512 bytes, whatever the disk's own sector is */
	out->read_bytes = v[2] * 512;
	out->write_bytes = v[6] * 512;
	return 0;
}
