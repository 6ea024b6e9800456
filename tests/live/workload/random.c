// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * random - random SEED DIR [OPS]: a program of random operations, the same for the same SEED.
 *
 * 1..3 processes of 1..3 threads do OPS operations each, on files of their own and on two
 * shared ones. Every call counts what it returned; stores to a mapping have members of their own. The
 * first process only waits: it touches no file, so the figures are those of `pids`.
 */
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPS 40u
#define OPS_MAX 100000u
#define PROCESSES_MAX 3u
#define THREADS_MAX 3u

static void mix(struct worker *w) /* near states give near first numbers */
{
	for (int i = 0; i < 16; i++)
		next_random(&w->state);
}

static const struct op *choose(struct worker *w)
{
	int total = 0, at;
	const struct op *op;

	for (size_t i = 0; i < random_op_count; i++)
		total += random_ops[i].weight;
	at = (int)draw(w, (uint64_t)total);
	for (op = random_ops; at >= op->weight; op++)
		at -= op->weight;
	return op;
}

/* f0 and f1 are this thread's, "shared" is everybody's, "pN" that of one process */
static int open_for(struct worker *w, const struct op *op, unsigned own)
{
	char path[PATH_MAX];
	uint64_t which = draw(w, 4);

	file_path(w, own, path);
	if (!(op->need & OWN) && which == 0)
		snprintf(path, sizeof(path), "%s/shared", w->dir);
	if (!(op->need & OWN) && which == 1)
		snprintf(path, sizeof(path), "%s/p%u", w->dir, w->process);
	return open_or_die(path, O_RDWR | O_CREAT | op->flags);
}

static void one_operation(struct worker *w)
{
	const struct op *op = choose(w);
	char path[PATH_MAX];
	unsigned own = (unsigned)draw(w, 2);
	struct task k = { .w = w, .fd = open_for(w, op, own) };

	file_path(w, 1 - own, path);
	k.other = open_or_die(path, O_RDWR | O_CREAT);
	k.at = (off_t)draw(w, OFFSET_MAX);
	k.size = 1 + draw(w, SIZE_MAX_IO);
	if (op->need & ALIGNED) {
		k.at = k.at / PAGE * PAGE;
		k.size = (k.size + PAGE - 1) / PAGE * PAGE;
	}
	op->run(&k);
	close_or_die(k.fd);
	close_or_die(k.other);
}

static void *run_thread(void *arg)
{
	struct worker *w = arg;

	if (posix_memalign((void **)&w->memory, PAGE, MEMORY) || pipe(w->pipe))
		die("memory or pipe");
	mix(w);
	for (size_t i = 0; i < MEMORY; i++)
		w->memory[i] = buf[i % MIB];
	for (uint64_t i = 0; i < w->ops; i++)
		one_operation(w);
	for (size_t i = 0; i < sizeof(w->async) / sizeof(w->async[0]); i++)
		if (w->async[i])
			async_close(w->async[i]);
	free(w->memory);
	return NULL;
}

static pid_t start_process(const struct worker *first, unsigned threads)
{
	struct worker w[THREADS_MAX];
	pthread_t id[THREADS_MAX];
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	for (unsigned i = 0; i < threads; i++) {
		w[i] = *first;
		w[i].thread = i;
		w[i].state += 7919 * (uint64_t)i;
		w[i].tally += i;
		errno = pthread_create(&id[i], NULL, run_thread, &w[i]);
		if (errno)
			die("pthread_create");
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
	_exit(0);
}

static void finish_process(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	errno = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die("process %d ended with status %#x", (int)pid, (unsigned)status);
}

static void add_tally(struct tally *sum, const struct tally *one)
{
	sum->truth.write_bytes += one->truth.write_bytes;
	sum->truth.write_ops += one->truth.write_ops;
	sum->truth.read_bytes += one->truth.read_bytes;
	sum->truth.read_ops += one->truth.read_ops;
	sum->truth.syncs += one->truth.syncs;
	sum->mmap_bytes += one->mmap_bytes;
	for (int i = 0; i < VIA_COUNT; i++) {
		sum->ops[i] += one->ops[i];
		sum->bytes[i] += one->bytes[i];
	}
}

static void print_interfaces(FILE *to, const struct tally *sum)
{
	const char *sep = "";

	fputs(",\"interfaces\":{", to);
	for (int i = 0; i < VIA_COUNT; i++)
		if (sum->ops[i]) {
			fprintf(to, "%s\"%s\":{\"ops\":%" PRIu64 ",\"bytes\":%" PRIu64 "}", sep,
				via_names[i], sum->ops[i], sum->bytes[i]);
			sep = ",";
		}
	fprintf(to, "},\"mmap_bytes\":%" PRIu64, sum->mmap_bytes);
}

void do_random(char **arg, struct truth *t)
{
	size_t size = sizeof(struct tally) * PROCESSES_MAX * THREADS_MAX;
	struct worker w = { .dir = arg[1], .ops = arg[2] ? number(arg[2], OPS_MAX) : OPS };
	struct tally sum = { 0 }, *tallies;
	pid_t pids[PROCESSES_MAX];
	unsigned processes, threads;

	async_close(async_open(URING, -1, NULL, 0)); /* or skip, before there are processes */
	w.state = number(arg[0], UINT32_MAX) * 2654435761u + 1;
	mix(&w);
	tallies = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED)
		die("mmap");
	processes = 1 + (unsigned)draw(&w, PROCESSES_MAX);
	for (w.process = 0; w.process < processes; w.process++) {
		threads = 1 + (unsigned)draw(&w, THREADS_MAX);
		w.tally = tallies + w.process * THREADS_MAX;
		pids[w.process] = start_process(&w, threads);
	}
	fputs(",\"pids\":[", t->extra);
	for (unsigned i = 0; i < processes; i++) {
		finish_process(pids[i]);
		fprintf(t->extra, "%s%d", i ? "," : "", (int)pids[i]);
	}
	fputs("]", t->extra);
	for (unsigned i = 0; i < PROCESSES_MAX * THREADS_MAX; i++)
		add_tally(&sum, &tallies[i]);
	print_interfaces(t->extra, &sum);
	sum.truth.extra = t->extra;
	*t = sum.truth;
	munmap(tallies, size);
}
