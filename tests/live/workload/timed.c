// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * timed - loops that say what a call costs.
 *
 * The N calls are made in BATCHES batches (the last takes the rest); ns_per_op is over all of
 * them, ns_best that of the fastest batch.
 */
#include "workload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define BATCHES 10 /* of timed calls; the best one is the least disturbed */

struct loop {
	struct truth *t;
	int fd;
	const off_t *offsets; /* of each call; NULL: always 0 */
	void (*once)(const struct loop *, off_t at);
};

static void once_pread(const struct loop *l, off_t at)
{
	did_read(l->t, pread(l->fd, buf, PAGE, at), PAGE, "pread64");
}

static void once_pwrite(const struct loop *l, off_t at)
{
	wrote(l->t, pwrite(l->fd, buf, PAGE, at), PAGE, "pwrite64");
}

static void run_timed(const struct loop *l, uint64_t n)
{
	uint64_t total = 0, done = 0;
	double best = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		uint64_t until = batch == BATCHES - 1 ? n : n / BATCHES * (uint64_t)(batch + 1);
		uint64_t calls = until - done, start = now_ns(), ns;

		for (; done < until; done++)
			l->once(l, l->offsets ? l->offsets[done] : 0);
		ns = now_ns() - start;
		total += ns;
		if (calls && (best == 0 || (double)ns / (double)calls < best))
			best = (double)ns / (double)calls;
	}
	fprintf(l->t->extra, ",\"timed_ops\":%" PRIu64 ",\"ns_per_op\":%.1f,\"ns_best\":%.1f", n,
		(double)total / (double)n, best);
}

/* cached-read FILE N: one page; the first call brings it into the cache and is not timed */
void do_cached_read(char **arg, struct truth *t)
{
	uint64_t n = number(arg[1], UINT32_MAX);
	struct loop l = { .t = t, .fd = open_or_die(arg[0], O_RDONLY), .once = once_pread };

	size_at_least(l.fd, PAGE, arg[0]);
	once_pread(&l, 0);
	run_timed(&l, n);
	close_or_die(l.fd);
}

/* Offsets are drawn before the clock starts. */
uint64_t draw_offsets(off_t *offsets, uint64_t n, uint64_t file_pages, uint64_t seed)
{
	unsigned char *hit = calloc(1, file_pages);
	uint64_t state = seed * 2654435761u + 1, pages = 0;

	if (!hit)
		die("memory");
	for (uint64_t i = 0; i < n; i++) {
		uint64_t page = (next_random(&state) >> 11) % file_pages;

		offsets[i] = (off_t)(page * PAGE);
		pages += !hit[page];
		hit[page] = 1;
	}
	free(hit);
	return pages;
}

static void random_writes(char **arg, struct truth *t, int flags)
{
	uint64_t n = number(arg[1], 1u << 28), pages;
	uint64_t seed = arg[2] ? number(arg[2], UINT32_MAX) : 1;
	struct loop l = { .t = t, .fd = open_or_die(arg[0], O_WRONLY | flags),
			  .once = once_pwrite };
	off_t *offsets = calloc(n, sizeof(*offsets));

	if (!offsets)
		die("memory");
	pages = draw_offsets(offsets, n, size_at_least(l.fd, PAGE, arg[0]) / PAGE, seed);
	l.offsets = offsets;
	run_timed(&l, n);
	close_or_die(l.fd);
	free(offsets);
	fprintf(t->extra, ",\"pages\":%" PRIu64, pages);
}

/* random-rewrite FILE N SEED: buffered, left dirty */
void do_random_rewrite(char **arg, struct truth *t)
{
	random_writes(arg, t, 0);
}

/* direct-random FILE N [SEED] */
void do_direct_random(char **arg, struct truth *t)
{
	random_writes(arg, t, O_DIRECT);
}
