// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * workload - does one known piece of I/O and says what the system calls returned.
 *
 * The last thing it does is to print one JSON line on stdout: the truth that a live test
 * compares a tool with. Give it a pipe for stdout, so that the line is no file I/O, and
 * a FILE on the file system under test: nothing else there is touched.
 */
#include "workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command {
	const char *name, *args;
	int min, max;
	void (*run)(char **arg, struct truth *t);
} commands[] = {
	{ "prepare", "FILE [MIB]", 1, 2, do_prepare },
	{ "direct-write", "FILE [MIB]", 1, 2, do_direct_write },
	{ "buffered-write", "FILE MIB", 2, 2, do_buffered_write },
	{ "append-fsync", "FILE N BYTES", 3, 3, do_append_fsync },
	{ "rewrite-page", "FILE N", 2, 2, do_rewrite_page },
	{ "write-unlink", "FILE MIB", 2, 2, do_write_unlink },
	{ "two-writers", "FILE", 1, 1, do_two_writers },
	{ "by-file-prepare", "DIR", 1, 1, do_by_file_prepare },
	{ "by-file", "DIR RAW BIND OVERLAY", 4, 4, do_by_file },
	{ "seq-read", "FILE [--drop]", 1, 2, do_seq_read },
	{ "noise", "FILE [OPS]", 1, 2, do_noise },
	{ "interface", "FILE IFACE", 2, 2, do_interface },
	{ "spawn-dd", "DIR N", 2, 2, do_spawn_dd },
	{ "cached-read", "FILE N", 2, 2, do_cached_read },
	{ "random-rewrite", "FILE N SEED", 3, 3, do_random_rewrite },
	{ "direct-random", "FILE N [SEED]", 2, 3, do_direct_random },
	{ "matrix", "IFACE FILE [--direct] [--read] [--sync]", 2, 5, do_matrix },
	{ "system", "DIR N DONE FD TITLE", 5, 5, do_system },
	{ "random", "SEED DIR [OPS]", 2, 3, do_random },
	{ "create-fsync", "DIR N", 2, 2, do_create_fsync },
	{ "rename-fsync", "DIR N", 2, 2, do_rename_fsync },
	{ "append-threads", "FILE THREADS N BYTES", 4, 4, do_append_threads },
	{ "map-store", "FILE MIB N", 3, 3, do_map_store },
	{ "moving-write", "FILE MIB", 2, 2, do_moving_write },
	{ "loop-again", "N [FILE MIB]", 1, 3, do_loop_again },
	{ "stream", "FILE KIB_A_SECOND", 2, 2, do_stream },
	{ "encrypt", "DIR", 1, 1, do_encrypt },
	{ "overwrite", "FILE MIB", 2, 2, do_overwrite },
	{ "aio-fsync", "FILE N", 2, 2, do_aio_fsync },
	{ "uring-fsync", "FILE N", 2, 2, do_uring_fsync },
	{ "aio-batch", "FILE N DEPTH", 3, 3, do_aio_batch },
	{ "aio-limit", "FILE N BYTES [vec]", 3, 4, do_aio_limit },
	{ "flush-earlier", "FILE N", 2, 2, do_flush_earlier },
	{ "fault-after-ring", "FILE N", 2, 2, do_fault_after_ring },
	{ "reflink", "SRC DST", 2, 2, do_reflink },
	{ "fallocate", "FILE SIZE", 2, 2, do_fallocate },
	{ "truncate", "FILE SIZE", 2, 2, do_truncate },
	{ "ftruncate", "FILE SIZE", 2, 2, do_ftruncate },
};

static const struct command *find_command(int argc, char **argv)
{
	size_t n = sizeof(commands) / sizeof(commands[0]);

	for (size_t i = 0; argc > 1 && i < n; i++)
		if (!strcmp(commands[i].name, argv[1]) && argc - 2 >= commands[i].min &&
		    argc - 2 <= commands[i].max)
			return &commands[i];
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s workload [--go-fd FD] [--proc-io] %s %s\n", i ? "      " : "usage:",
			commands[i].name, commands[i].args);
	return NULL;
}

/* --go-fd FD: start only after one byte, or the end, was read there (a tool is attached) */
static void wait_for_go(const char *text)
{
	char go;

	errno = 0;
	if (read(atoi(text), &go, 1) < 0)
		die("--go-fd %s", text);
}

/* --proc-io: what the kernel accounted to this process until now */
static void print_proc_io(FILE *to)
{
	FILE *io = fopen("/proc/self/io", "re");
	const char *sep = "";
	uint64_t value;
	char name[32];

	if (!io)
		die("/proc/self/io");
	fputs(",\"proc_io\":{", to);
	for (; fscanf(io, "%31[^:]: %" SCNu64 " ", name, &value) == 2; sep = ",")
		fprintf(to, "%s\"%s\":%" PRIu64, sep, name, value);
	fputs("}", to);
	fclose(io);
}

static void print_truth(const struct command *c, const struct truth *t, const char *extra)
{
	printf("{\"op\":\"%s\",\"pid\":%d,\"write_bytes\":%" PRIu64 ",\"write_ops\":%" PRIu64
	       ",\"read_bytes\":%" PRIu64 ",\"read_ops\":%" PRIu64 ",\"syncs\":%" PRIu64 "%s}\n",
	       c->name, (int)getpid(), t->write_bytes, t->write_ops, t->read_bytes, t->read_ops,
	       t->syncs, extra);
	if (fflush(stdout))
		die("stdout");
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct truth truth = { 0 };
	const char *go_fd = NULL;
	char *extra = NULL;
	bool proc_io = false;
	size_t size;

	if (argc > 2 && !strcmp(argv[1], "--go-fd")) {
		go_fd = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc > 1 && !strcmp(argv[1], "--proc-io")) {
		proc_io = true;
		argv++;
		argc--;
	}
	command = find_command(argc, argv);
	if (!command)
		return 2;
	fill_buffer();
	truth.extra = open_memstream(&extra, &size);
	if (!truth.extra)
		die("memory");
	if (go_fd)
		wait_for_go(go_fd);
	command->run(argv + 2, &truth);
	if (proc_io)
		print_proc_io(truth.extra);
	fclose(truth.extra);
	print_truth(command, &truth, extra);
	free(extra);
	free(buf);
	return 0;
}
