/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * random - what the random program and its operations share.
 */
#ifndef WORKLOAD_RANDOM_H
#define WORKLOAD_RANDOM_H

#include "async.h"
#include "workload.h"

#define SIZE_MAX_IO 300000u
#define MEMORY (SIZE_MAX_IO / PAGE * PAGE + PAGE)
#define OFFSET_MAX 1000000u

#define INTERFACES(X)                                                                              \
	X(write) X(pwrite64) X(writev) X(pwritev2) X(read) X(pread64) X(readv) X(preadv2)          \
	X(libaio) X(io_uring) X(sendfile) X(splice) X(copy_file_range) X(fsync) X(fdatasync)       \
	X(sync_file_range) X(msync) X(ftruncate)
#define AS_ENUM(name) VIA_##name,
#define AS_TEXT(name) #name,
enum via { INTERFACES(AS_ENUM) VIA_COUNT };
extern const char *const via_names[VIA_COUNT];

/* In memory that all processes share, one of each thread. */
struct tally {
	struct truth truth;
	uint64_t ops[VIA_COUNT], bytes[VIA_COUNT], mmap_bytes;
};

struct worker {
	const char *dir;
	uint64_t state, ops;
	unsigned process, thread;
	struct tally *tally;
	unsigned char *memory;
	struct async *async[URING_VEC + 1]; /* opened when first wanted */
	int pipe[2];
};

/* One operation's choice of file, place and size. */
struct task {
	struct worker *w;
	int fd, other; /* other: this thread's second file */
	off_t at;
	size_t size;
};

enum { OWN = 1, ALIGNED = 2 }; /* what an operation needs: a file of its own, whole pages */

struct op {
	void (*run)(struct task *);
	int weight, need, flags; /* flags: of open */
};

extern const struct op random_ops[];
extern const size_t random_op_count;

uint64_t draw(struct worker *w, uint64_t below);
void file_path(const struct worker *w, unsigned i, char *path); /* of PATH_MAX bytes */

#endif
