/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts - what is mounted where, as /proc/PID/mountinfo says. */
#ifndef IOAMP_MOUNTS_H
#define IOAMP_MOUNTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A device number as the kernel keeps it. */
#define KERNEL_DEV(major, minor) (((uint32_t)(major) << 20) | (uint32_t)(minor))

/* One mounted file system of a block device, or of an anonymous one (btrfs). */
struct mount_entry {
	uint32_t dev;		/* st_dev as the kernel writes it */
	uint32_t source;	/* its block device, 0: none */
	char *path;		/* a directory to open */
	char *root;		/* the part of the file system that is there, "/": all of it */
};
struct mounts {
	struct mount_entry *v;
	size_t n;
};
int mounts_read(struct mounts *m);
int mounts_read_of(struct mounts *m, uint32_t pid);	/* as that process sees them */
int mounts_parse(struct mounts *m, FILE *f);	/* the text of /proc/PID/mountinfo */
void mounts_free(struct mounts *m);
/* mountinfo writes blanks and the like as \040; in place. */
void mounts_unescape(char *s);

#endif
