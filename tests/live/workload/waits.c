// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * waits - I/O whose waits are easily mistaken for something else.
 */
#include "async.h"
#include "workload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* aio-batch FILE N DEPTH: reads of neighbouring pages past the cache, DEPTH in one io_submit */
void do_aio_batch(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_RDONLY | O_DIRECT);
	uint64_t n = number(arg[1], UINT32_MAX), depth = number(arg[2], ASYNC_DEPTH);
	struct async *a = async_open(LIBAIO, fd, buf, MIB);
	struct request q[ASYNC_DEPTH];

	for (uint64_t done = 0; done < n; done += depth) {
		for (uint64_t i = 0; i < depth; i++)
			q[i] = (struct request){ .fd = fd, .data = buf + i * PAGE, .bytes = PAGE,
						 .at = (off_t)((done + i) * PAGE) };
		async_run(a, ASYNC_READ, q, (unsigned)depth);
		for (uint64_t i = 0; i < depth; i++)
			did_read(t, q[i].result, PAGE, "read request");
	}
	async_close(a);
	close_or_die(fd);
}

/* What requests did is counted by their results: a failed one did nothing. */
static void count_results(struct truth *t, const struct request *q, unsigned n, enum async_op op)
{
	for (unsigned i = 0; i < n; i++) {
		if (q[i].result <= 0)
			continue;
		*(op == ASYNC_READ ? &t->read_bytes : &t->write_bytes) += (uint64_t)q[i].result;
		*(op == ASYNC_READ ? &t->read_ops : &t->write_ops) += 1;
	}
}

/*
 * aio-limit FILE N BYTES [vec]: N writes of 64 KiB past the cache, of which a limit on the size of files lets
 * BYTES through, the last of these in part; then as many reads, to the end of the file and beyond it
 */
void do_aio_limit(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], UINT32_MAX), limit = number(arg[2], UINT32_MAX);
	const struct rlimit most = { limit, limit };
	int fd = open_or_die(arg[0], O_RDWR | O_CREAT | O_DIRECT);
	struct async *a = async_open(arg[3] ? LIBAIO_VEC : LIBAIO, fd, buf, MIB);
	struct request q[ASYNC_DEPTH];

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &most))
		die("setrlimit");
	for (enum async_op op = ASYNC_WRITE;; op = ASYNC_READ) {
		for (uint64_t done = 0; done < n; done += 10) {
			for (uint64_t i = 0; i < 10; i++)
				q[i] = (struct request){ .fd = fd, .data = buf + i * 65536, .bytes = 65536,
							 .at = (off_t)((done + i) * 65536) };
			async_run(a, op, q, 10);
			count_results(t, q, 10, op);
		}
		if (op == ASYNC_READ)
			break;
	}
	async_close(a);
	close_or_die(fd);
}

/* flush-earlier FILE N: writing out is begun by one call, and waited for by the next */
void do_flush_earlier(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_WRONLY);
	uint64_t n = number(arg[1], UINT32_MAX);

	for (uint64_t i = 0; i < n; i++) {
		wrote(t, pwrite(fd, buf, MIB, 0), MIB, "pwrite64");
		synced(t, sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE), "sync_file_range");
		synced(t, fdatasync(fd), "fdatasync");
	}
	close_or_die(fd);
}

/* Faults of this process that waited for a read. */
static long major_faults(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		die("getrusage");
	return usage.ru_majflt;
}

/*
 * fault-after-ring FILE N: a ring reads nothing, at the end of the file; then N pages are touched. The
 * kernel may keep some of them in the cache: it tells how many of them it read.
 */
void do_fault_after_ring(char **arg, struct truth *t)
{
	int fd = open_or_die(arg[0], O_RDONLY);
	uint64_t n = number(arg[1], UINT32_MAX), size = size_at_least(fd, n * PAGE, arg[0]);
	struct request q = { .fd = fd, .data = buf, .bytes = PAGE, .at = (off_t)size };
	struct async *a = async_open(URING, fd, buf, MIB);
	const volatile unsigned char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	unsigned sum = 0;
	long faults;

	if (map == MAP_FAILED || madvise((void *)map, size, MADV_RANDOM) ||
	    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		die("mmap, madvise or fadvise");
	async_run(a, ASYNC_READ, &q, 1);
	whole(q.result, 0, "read request");
	faults = major_faults();
	for (uint64_t i = 0; i < n; i++)
		sum += map[i * PAGE];
	fprintf(t->extra, ",\"faults\":%ld,\"sum\":%u", major_faults() - faults, sum);
	async_close(a);
	close_or_die(fd);
}
