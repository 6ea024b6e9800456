/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device - the disks of this machine: names, stacking, leaves, the kernel's counters. */
#include "machine/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KERNEL_DEV(major, minor) (((uint32_t)(major) << 20) | (uint32_t)(minor))

static bool read_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = 0;
	return ok;
}

__attribute__((format(printf, 3, 4)))
static void path_of(const struct disks *d, char path[PATH_MAX], const char *format, ...)
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

	path_of(d, path, "/sys/block/%s/%s", disk, attr);
	return read_line(path, buf, size);
}

static void link_add(uint32_t links[DISK_LINKS], uint32_t dev)
{
	for (int i = 0; i < DISK_LINKS - 1; i++) {
		if (links[i] == dev)
			return;
		if (!links[i]) {
			links[i] = dev;
			return;
		}
	}
}

static struct disk *find(struct disks *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].name, name))
			return &d->v[i];
	return NULL;
}

const struct disk *disks_by_name(const struct disks *d, const char *name)
{
	return find((struct disks *)d, name);
}

const struct disk *disks_by_dev(const struct disks *d, uint32_t dev)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].dev == dev)
			return &d->v[i];
	return NULL;
}

/* Name of the whole disk of a device number: /sys/dev/block leads to it or to its partition. */
static bool disk_name_of(const struct disks *d, uint32_t dev, char *name, size_t size)
{
	char path[PATH_MAX], real[PATH_MAX], *slash, attr[PATH_MAX + 16];

	path_of(d, path, "/sys/dev/block/%u:%u", dev >> 20, dev & 0xfffff);
	if (!realpath(path, real))
		return false;
	snprintf(attr, sizeof(attr), "%s/partition", real);
	slash = strrchr(real, '/');
	if (!access(attr, F_OK)) {
		*slash = 0;
		slash = strrchr(real, '/');
	}
	snprintf(name, size, "%s", slash + 1);
	return true;
}

const struct disk *disks_of_device(const struct disks *d, uint32_t dev)
{
	const struct disk *disk = disks_by_dev(d, dev);
	char name[DISK_NAME];

	if (disk || !disk_name_of(d, dev, name, sizeof(name)))
		return disk;
	return disks_by_name(d, name);
}

/* The driver knows the file even when its name leads elsewhere, or nowhere, from here. */
static bool loop_asked(const struct disks *d, struct disk *disk)
{
	struct loop_info64 info;
	char path[PATH_MAX];
	bool ok = false;
	struct stat st;
	int fd;

	path_of(d, path, "/dev/%s", disk->name);
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

/* A name that is WORD and a number. */
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

	path_of(d, path, "/sys/block/%s/mq", name);
	return !access(path, F_OK);
}

/*
 * Does the kernel count? queue/iostats says so of disks with requests. Some drivers without
 * (no mq/) count whatever it says; dm did until it learnt to set it itself (6.11, cdb2497918cc).
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
	path_of(d, path, "/proc/sys/kernel/osrelease");
	if (!is_numbered(name, "dm-") || !read_line(path, line, sizeof(line)) ||
	    sscanf(line, "%u.%u", &major, &minor) != 2)
		return false;
	return major < 6 || (major == 6 && minor < 11);
}

/* A path of an NVMe namespace (nvme0c1n1) is hidden: its number stands in /proc/diskstats alone. */
static uint32_t hidden_dev(const struct disks *d, const char *disk)
{
	char path[PATH_MAX], line[512], name[DISK_NAME];
	unsigned int maj, min;
	uint32_t dev = 0;
	FILE *f;

	path_of(d, path, "/proc/diskstats");
	f = fopen(path, "re");
	while (f && !dev && fgets(line, sizeof(line), f))
		if (sscanf(line, "%u %u %63s", &maj, &min, name) == 3 && !strcmp(name, disk))
			dev = KERNEL_DEV(maj, min);
	if (f)
		fclose(f);
	return dev;
}

static int disk_append(struct disks *d, const struct disk *disk)
{
	struct disk *v = realloc(d->v, (d->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	d->v = v;
	d->v[d->n++] = *disk;
	return 0;
}

static int add_disk(struct disks *d, const char *name)
{
	struct disk disk = { 0 };
	unsigned int maj, min;
	char line[64];

	snprintf(disk.name, sizeof(disk.name), "%.*s", DISK_NAME - 1, name);
	if (read_attr(d, name, "dev", line, sizeof(line)) && sscanf(line, "%u:%u", &maj, &min) == 2)
		disk.dev = KERNEL_DEV(maj, min);
	else
		disk.dev = hidden_dev(d, name);
	if (!disk.dev)
		return 0;
	disk.memory = disk_is_memory(name);
	disk.iostats = disk_is_counted(d, name);
	disk.requests = has_requests(d, name);
	if (is_numbered(name, "loop"))
		read_loop(d, &disk);
	return disk_append(d, &disk);
}

/* dm, md, bcache: the disks of the devices under slaves/. */
static void read_slaves(struct disks *d, struct disk *disk)
{
	char path[PATH_MAX], line[64];
	unsigned int maj, min;
	struct dirent *de;
	DIR *dir;

	path_of(d, path, "/sys/block/%s/slaves", disk->name);
	dir = opendir(path);
	if (!dir)
		return;
	while ((de = readdir(dir))) {
		const struct disk *below;

		if (de->d_name[0] == '.')
			continue;
		path_of(d, path, "/sys/block/%s/slaves/%s/dev", disk->name, de->d_name);
		if (!read_line(path, line, sizeof(line)) || sscanf(line, "%u:%u", &maj, &min) != 2)
			continue;
		below = disks_of_device(d, KERNEL_DEV(maj, min));
		if (below)
			link_add(disk->below, below->dev);
	}
	closedir(dir);
}

/* nvme0c1n1 is a path to nvme0n1; no link says so before 6.15. */
static void read_path(struct disks *d, const struct disk *disk)
{
	unsigned int subsystem, controller, ns;
	char name[DISK_NAME];
	struct disk *head;
	int end = 0;

	if (sscanf(disk->name, "nvme%uc%un%u%n", &subsystem, &controller, &ns, &end) != 3 ||
	    disk->name[end])
		return;
	snprintf(name, sizeof(name), "nvme%un%u", subsystem, ns);
	head = find(d, name);
	if (head)
		link_add(head->below, disk->dev);
}

/* Block device of a file system whose st_dev is anonymous (btrfs): the mount's source. */
static uint32_t source_device(const char *source)
{
	struct stat st;

	if (source[0] != '/' || stat(source, &st) || !S_ISBLK(st.st_mode))
		return 0;
	return KERNEL_DEV(major(st.st_rdev), minor(st.st_rdev));
}

static void read_backing(struct disks *d, const struct mounts *m, struct disk *disk)
{
	const struct disk *below = disks_of_device(d, disk->backing_dev);

	for (size_t i = 0; !below && i < m->n; i++)
		if (m->v[i].dev == disk->backing_dev && m->v[i].source)
			below = disks_of_device(d, m->v[i].source);
	if (below)
		link_add(disk->below, below->dev);
}

/*
 * What went since the last scan stays, with what was below it. So does what was below a loop
 * device that was detached; a number that was given to another disk is that one's.
 */
static int keep_gone(struct disks *d, const struct disks *before)
{
	int err = 0;

	for (size_t i = 0; !err && i < before->n; i++) {
		const struct disk *old = &before->v[i];
		struct disk *now = (struct disk *)disks_by_dev(d, old->dev);

		if (!now) {
			err = disk_append(d, old);
			if (!err)
				d->v[d->n - 1].gone = true;
		} else if (old->backing_dev && !now->backing_dev && !strcmp(now->name, old->name)) {
			memcpy(now->below, old->below, sizeof(now->below));
			now->backing_ino = old->backing_ino;
			now->backing_dev = old->backing_dev;
		}
	}
	return err;
}

static void link_disks(struct disks *d)
{
	for (size_t i = 0; i < d->n; i++)
		memset(d->v[i].above, 0, sizeof(d->v[i].above));
	for (size_t i = 0; i < d->n; i++) {
		d->v[i].leaf = !d->v[i].below[0];
		for (int j = 0; j < DISK_LINKS && d->v[i].below[j]; j++) {
			struct disk *b = (struct disk *)disks_by_dev(d, d->v[i].below[j]);

			if (b)
				link_add(b->above, d->v[i].dev);
		}
	}
}

static int scan_names(struct disks *d)
{
	char path[PATH_MAX];
	struct dirent *de;
	int err = 0;
	DIR *dir;

	path_of(d, path, "/sys/block");
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!err && (de = readdir(dir)))
		if (de->d_name[0] != '.')
			err = add_disk(d, de->d_name);
	closedir(dir);
	return err;
}

int disks_scan(struct disks *d)
{
	struct disks now = { .root = d->root };
	struct mounts m = { 0 };
	int err = scan_names(&now);

	if (!err) {
		mounts_read(&m);
		for (size_t i = 0; i < now.n; i++) {
			read_slaves(&now, &now.v[i]);
			read_path(&now, &now.v[i]);
			if (now.v[i].backing_dev)
				read_backing(&now, &m, &now.v[i]);
		}
		mounts_free(&m);
		err = keep_gone(&now, d);
	}
	if (err) {
		disks_free(&now);
		return err;
	}
	link_disks(&now);
	disks_free(d);
	*d = now;
	return 0;
}

void disks_free(struct disks *d)
{
	free(d->v);
	memset(d, 0, sizeof(*d));
}

int disk_stat_read(const struct disk *disk, struct disk_stat *out)
{
	uint64_t v[8];
	char path[PATH_MAX], line[512], *p = line, *end;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk->name);
	if (disk->gone || !read_line(path, line, sizeof(line)))
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
	v = realloc(m->v, (m->n + 1) * sizeof(*v));
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
