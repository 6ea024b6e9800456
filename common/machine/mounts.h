/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts - the mounted file systems, from /proc/PID/mountinfo. */
#ifndef IOAMP_MOUNTS_H
#define IOAMP_MOUNTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A device number as the kernel stores it. */
#define KERNEL_DEV(major, minor) (((uint32_t)(major) << 20) | (uint32_t)(minor))

/* A mounted file system, on a block device or with an anonymous device number (btrfs). */
struct mount_entry {
	uint32_t dev;		/* st_dev, as KERNEL_DEV() */
	uint32_t source;	/* its block device; 0: none */
	char *path;		/* the mount point */
	char *root;		/* the directory that is mounted, inside the file system; "/": all of it */
};
struct mounts {
	struct mount_entry *v;
	size_t n;
};
int mounts_read(struct mounts *m);
int mounts_read_of(struct mounts *m, uint32_t pid);	/* in the namespace of that process */
int mounts_parse(struct mounts *m, FILE *f);	/* the text of /proc/PID/mountinfo */
void mounts_free(struct mounts *m);
/* Decodes in place: mountinfo writes a blank as \040. */
void mounts_unescape(char *s);

#endif
