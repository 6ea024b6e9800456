/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload - what the parts of the workload program share.
 *
 * Nothing here returns an error: a call that fails, or moves fewer bytes than it was asked
 * to, ends the program with status 1, since then there is no truth to compare with.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define PAGE 4096u
#define MIB (1u << 20)

/* What the calls returned. A call that returns 0 (end of file) is not an operation. */
struct truth {
	uint64_t write_bytes, write_ops;
	uint64_t read_bytes, read_ops;
	uint64_t syncs;
	FILE *extra; /* further JSON members, each beginning with a comma */
};

extern unsigned char *buf; /* 1 MiB, page-aligned, no zeroes in it */
void fill_buffer(void);

__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn)) void skip(const char *format, ...); /* status 77 */
uint64_t number(const char *text, uint64_t max); /* from 1 */
size_t whole(ssize_t got, size_t want, const char *call);
void wrote(struct truth *t, ssize_t got, size_t want, const char *call);
void did_read(struct truth *t, ssize_t got, size_t want, const char *call);
void synced(struct truth *t, int err, const char *call);
int open_or_die(const char *path, int flags);
void close_or_die(int fd);
uint64_t size_at_least(int fd, uint64_t min, const char *path);
uint64_t now_ns(void);
uint64_t next_random(uint64_t *state);
/* n offsets of pages of a file of so many; returns how many different ones they are. */
uint64_t draw_offsets(off_t *offsets, uint64_t n, uint64_t file_pages, uint64_t seed);
void write_mib(struct truth *t, int fd, uint64_t mib);

/* The commands: arg ends with NULL, and has at least as many words as the table says. */
typedef void command_fn(char **arg, struct truth *t);
command_fn do_prepare, do_direct_write, do_buffered_write, do_append_fsync, do_rewrite_page,
	do_write_unlink, do_two_writers, do_seq_read, do_spawn_dd;
command_fn do_noise, do_interface;
command_fn do_create_fsync, do_rename_fsync, do_overwrite, do_aio_fsync, do_uring_fsync, do_reflink,
	do_fallocate, do_truncate, do_ftruncate;
command_fn do_aio_batch, do_aio_limit, do_flush_earlier, do_fault_after_ring;
command_fn do_matrix, do_random, do_system;
command_fn do_append_threads, do_map_store, do_stream, do_moving_write, do_encrypt,
	do_loop_again;
command_fn do_cached_read, do_random_rewrite, do_direct_random;
command_fn do_by_file_prepare, do_by_file;

#endif
