// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * async - requests of io_uring and libaio, through the raw system calls.
 */
#include "async.h"
#include "workload.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SQPOLL_IDLE_MS 100u /* then its thread sleeps, and has to be woken */

struct ring {
	int fd;
	struct io_uring_params p;
	unsigned char *sq, *cq;
	size_t sq_size, cq_size;
	struct io_uring_sqe *sqes;
	bool fixed_file;
};

struct async {
	enum async_how how;
	struct ring ring;
	aio_context_t aio;
	struct iovec iov[ASYNC_DEPTH][2];
};

static unsigned *sq_word(const struct ring *r, unsigned offset)
{
	return (unsigned *)(void *)(r->sq + offset);
}

static unsigned *cq_word(const struct ring *r, unsigned offset)
{
	return (unsigned *)(void *)(r->cq + offset);
}

static void *map_ring(int fd, size_t size, off_t what)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);

	if (map == MAP_FAILED)
		die("mmap of the ring");
	return map;
}

static void ring_register(struct ring *r, unsigned what, const void *arg, unsigned n)
{
	if (syscall(SYS_io_uring_register, r->fd, what, arg, n))
		die("io_uring_register");
}

static void ring_open(struct ring *r, enum async_how how, int fd, struct iovec memory)
{
	memset(r, 0, sizeof(*r));
	if (how == URING_SQPOLL) {
		r->p.flags = IORING_SETUP_SQPOLL;
		r->p.sq_thread_idle = SQPOLL_IDLE_MS;
	}
	r->fd = (int)syscall(SYS_io_uring_setup, ASYNC_DEPTH, &r->p);
	if (r->fd < 0 && (errno == ENOSYS || errno == EPERM))
		skip("this kernel refuses io_uring: %s", strerror(errno));
	if (r->fd < 0)
		die("io_uring_setup");
	r->sq_size = r->p.sq_off.array + r->p.sq_entries * sizeof(unsigned);
	r->cq_size = r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe);
	r->sq = map_ring(r->fd, r->sq_size, IORING_OFF_SQ_RING);
	r->cq = map_ring(r->fd, r->cq_size, IORING_OFF_CQ_RING);
	r->sqes = map_ring(r->fd, r->p.sq_entries * sizeof(*r->sqes), IORING_OFF_SQES);
	/* Before 5.11 the poller's thread could use registered files only. */
	r->fixed_file = how == URING_FIXED ||
			(how == URING_SQPOLL && !(r->p.features & IORING_FEAT_SQPOLL_NONFIXED));
	if (r->fixed_file)
		ring_register(r, IORING_REGISTER_FILES, &fd, 1);
	if (how == URING_FIXED)
		ring_register(r, IORING_REGISTER_BUFFERS, &memory, 1);
}

static void ring_close(struct ring *r)
{
	munmap(r->sq, r->sq_size);
	munmap(r->cq, r->cq_size);
	munmap(r->sqes, r->p.sq_entries * sizeof(*r->sqes));
	close_or_die(r->fd);
}

static unsigned char opcode(enum async_how how, enum async_op op)
{
	if (op == ASYNC_FSYNC)
		return IORING_OP_FSYNC;
	if (how == URING_VEC)
		return op == ASYNC_READ ? IORING_OP_READV : IORING_OP_WRITEV;
	if (how == URING_FIXED)
		return op == ASYNC_READ ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
	return op == ASYNC_READ ? IORING_OP_READ : IORING_OP_WRITE;
}

/* The vector of two that asks for the same; for the i-th request in flight. */
static uintptr_t in_halves(struct async *a, const struct request *q, unsigned i)
{
	a->iov[i][0] = (struct iovec){ q->data, q->bytes / 2 };
	a->iov[i][1] = (struct iovec){ q->data + q->bytes / 2, q->bytes - q->bytes / 2 };
	return (uintptr_t)a->iov[i];
}

static void fill_sqe(struct async *a, enum async_op op, const struct request *q, unsigned i)
{
	struct io_uring_sqe *sqe = &a->ring.sqes[i];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode(a->how, op);
	sqe->fd = a->ring.fixed_file ? 0 : q->fd;
	sqe->flags = (a->ring.fixed_file ? IOSQE_FIXED_FILE : 0) |
		     (a->how == URING_IOWQ ? IOSQE_ASYNC : 0);
	sqe->user_data = i;
	if (op == ASYNC_FSYNC)
		return;
	sqe->addr = (uintptr_t)q->data;
	sqe->len = (unsigned)q->bytes;
	sqe->off = (uint64_t)q->at;
	if (a->how == URING_VEC) {
		sqe->addr = in_halves(a, q, i);
		sqe->len = 2;
	}
}

/* Hands n entries to the kernel; its poller is woken if it sleeps, else told nothing. */
static void ring_submit(struct ring *r, enum async_how how, unsigned n)
{
	unsigned tail = *sq_word(r, r->p.sq_off.tail), mask = *sq_word(r, r->p.sq_off.ring_mask);
	unsigned flags = IORING_ENTER_GETEVENTS, submit = n;

	for (unsigned i = 0; i < n; i++)
		sq_word(r, r->p.sq_off.array)[(tail + i) & mask] = i;
	__atomic_store_n(sq_word(r, r->p.sq_off.tail), tail + n, __ATOMIC_SEQ_CST);
	if (how == URING_SQPOLL) {
		unsigned state = __atomic_load_n(sq_word(r, r->p.sq_off.flags), __ATOMIC_SEQ_CST);

		submit = 0;
		flags |= state & IORING_SQ_NEED_WAKEUP ? IORING_ENTER_SQ_WAKEUP : 0;
	}
	while (syscall(SYS_io_uring_enter, r->fd, submit, n, flags, NULL, 0) < 0)
		if (errno != EINTR)
			die("io_uring_enter");
}

static unsigned ring_reap(struct ring *r, struct request *requests)
{
	unsigned head = *cq_word(r, r->p.cq_off.head), done = 0;
	unsigned tail = __atomic_load_n(cq_word(r, r->p.cq_off.tail), __ATOMIC_ACQUIRE);
	unsigned mask = *cq_word(r, r->p.cq_off.ring_mask);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(void *)(r->cq + r->p.cq_off.cqes);

	for (; head != tail; head++, done++)
		requests[cqes[head & mask].user_data].result = cqes[head & mask].res;
	__atomic_store_n(cq_word(r, r->p.cq_off.head), head, __ATOMIC_RELEASE);
	return done;
}

static void uring_run(struct async *a, enum async_op op, struct request *requests, unsigned n)
{
	unsigned done;

	for (unsigned i = 0; i < n; i++)
		fill_sqe(a, op, &requests[i], i);
	ring_submit(&a->ring, a->how, n);
	for (done = ring_reap(&a->ring, requests); done < n;
	     done += ring_reap(&a->ring, requests))
		if (syscall(SYS_io_uring_enter, a->ring.fd, 0, n - done, IORING_ENTER_GETEVENTS,
			    NULL, 0) < 0 && errno != EINTR)
			die("io_uring_enter");
}

static void aio_run(struct async *a, enum async_op op, struct request *requests, unsigned n)
{
	static const unsigned short code[] = { IOCB_CMD_PREAD, IOCB_CMD_PWRITE, IOCB_CMD_FSYNC };
	static const unsigned short vector[] = { IOCB_CMD_PREADV, IOCB_CMD_PWRITEV, IOCB_CMD_FSYNC };
	struct iocb cb[ASYNC_DEPTH], *list[ASYNC_DEPTH];
	struct io_event event[ASYNC_DEPTH];
	long got;

	memset(cb, 0, sizeof(cb));
	for (unsigned i = 0; i < n; i++) {
		cb[i].aio_data = i;
		cb[i].aio_lio_opcode = a->how == LIBAIO_VEC ? vector[op] : code[op];
		cb[i].aio_fildes = (unsigned)requests[i].fd;
		if (op != ASYNC_FSYNC) {
			cb[i].aio_buf = (uintptr_t)requests[i].data;
			cb[i].aio_nbytes = requests[i].bytes;
			cb[i].aio_offset = requests[i].at;
			if (a->how == LIBAIO_VEC) {
				cb[i].aio_buf = in_halves(a, &requests[i], i);
				cb[i].aio_nbytes = 2;
			}
		}
		list[i] = &cb[i];
	}
	for (unsigned sent = 0; sent < n; sent += (unsigned)got) {
		got = syscall(SYS_io_submit, a->aio, (long)(n - sent), list + sent);
		if (got < 0)
			die("io_submit");
	}
	for (unsigned done = 0; done < n; done += (unsigned)got) {
		got = syscall(SYS_io_getevents, a->aio, (long)(n - done), (long)(n - done), event,
			      NULL);
		if (got < 0)
			die("io_getevents");
		for (long i = 0; i < got; i++)
			requests[event[i].data].result = (ssize_t)event[i].res;
	}
}

static bool is_aio(enum async_how how)
{
	return how == LIBAIO || how == LIBAIO_VEC;
}

struct async *async_open(enum async_how how, int fd, unsigned char *data, size_t size)
{
	struct async *a = calloc(1, sizeof(*a));

	if (!a)
		die("memory");
	a->how = how;
	if (!is_aio(how))
		ring_open(&a->ring, how, fd, (struct iovec){ data, size });
	else if (syscall(SYS_io_setup, ASYNC_DEPTH, &a->aio)) {
		if (errno == ENOSYS)
			skip("this kernel has no libaio");
		die("io_setup");
	}
	return a;
}

void async_run(struct async *a, enum async_op op, struct request *requests, unsigned n)
{
	if (is_aio(a->how))
		aio_run(a, op, requests, n);
	else
		uring_run(a, op, requests, n);
}

void async_close(struct async *a)
{
	if (!is_aio(a->how))
		ring_close(&a->ring);
	else if (syscall(SYS_io_destroy, a->aio))
		die("io_destroy");
	free(a);
}
