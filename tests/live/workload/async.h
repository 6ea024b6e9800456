/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * async - requests of io_uring and libaio, through the raw system calls.
 *
 * One async serves one thread. A kernel that refuses io_uring or libaio ends the program with
 * status 77; every other failure with 1, except results of requests, which are the caller's.
 */
#ifndef WORKLOAD_ASYNC_H
#define WORKLOAD_ASYNC_H

#include <sys/types.h>

#define ASYNC_DEPTH 64u /* more than the kernel allows tail calls: requests are counted in groups */

enum async_how { LIBAIO, LIBAIO_VEC, URING, URING_SQPOLL, URING_FIXED, URING_IOWQ, URING_VEC };
enum async_op { ASYNC_READ, ASYNC_WRITE, ASYNC_FSYNC };

struct request {
	int fd;
	unsigned char *data;
	size_t bytes;
	off_t at;
	ssize_t result; /* bytes, or -errno */
};

struct async;

/* fd, and size bytes at data, are what URING_FIXED registers: its requests may use no other. */
struct async *async_open(enum async_how how, int fd, unsigned char *data, size_t size);
/* All n <= ASYNC_DEPTH requests are in flight together; returns when the last has its result. */
void async_run(struct async *a, enum async_op op, struct request *requests, unsigned n);
void async_close(struct async *a);

#endif
