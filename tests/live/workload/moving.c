// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * moving - writers whose pages are dirtied again while they are written, a stream that another
 * program joins, and a folder whose files are encrypted.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fscrypt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64u

struct appender {
	pthread_t thread;
	int fd;
	uint64_t n, bytes;
	struct truth truth;
};

static void *append(void *arg)
{
	struct appender *a = arg;

	for (uint64_t i = 0; i < a->n; i++) {
		wrote(&a->truth, write(a->fd, buf, a->bytes), a->bytes, "write");
		synced(&a->truth, fsync(a->fd), "fsync");
	}
	return NULL;
}

/* append-threads FILE THREADS N BYTES: all of them append to one file, with an fsync each time */
void do_append_threads(char **arg, struct truth *t)
{
	static struct appender a[THREADS_MAX];
	uint64_t threads = number(arg[1], THREADS_MAX);
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);

	for (uint64_t i = 0; i < threads; i++) {
		a[i] = (struct appender){ .fd = fd, .n = number(arg[2], 1000000),
					  .bytes = number(arg[3], MIB) };
		if (pthread_create(&a[i].thread, NULL, append, &a[i]))
			die("pthread_create");
	}
	for (uint64_t i = 0; i < threads; i++) {
		pthread_join(a[i].thread, NULL);
		t->write_bytes += a[i].truth.write_bytes;
		t->write_ops += a[i].truth.write_ops;
		t->syncs += a[i].truth.syncs;
	}
	close_or_die(fd);
}

static atomic_bool over;

static void *sync_again(void *arg)
{
	int fd = *(int *)arg;

	while (!atomic_load(&over))
		if (fdatasync(fd))
			die("fdatasync");
	return NULL;
}

/* map-store FILE MIB N: N stores to random pages of a mapping while another thread syncs the file */
void do_map_store(char **arg, struct truth *t)
{
	uint64_t mib = number(arg[1], 1024), n = number(arg[2], 100000000), seed = 5;
	int fd = open_or_die(arg[0], O_RDWR | O_CREAT | O_TRUNC);
	pthread_t thread;
	unsigned char *map;

	write_mib(t, fd, mib);
	synced(t, fsync(fd), "fsync");
	map = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	if (pthread_create(&thread, NULL, sync_again, &fd))
		die("pthread_create");
	for (uint64_t i = 0; i < n; i++)
		map[next_random(&seed) % (mib * MIB)]++;
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	synced(t, fsync(fd), "fsync");
	close_or_die(fd);
}

static void on_term(int signo)
{
	(void)signo;
	atomic_store(&over, true);
}

#define PIECE 65536u

/* stream FILE KIB_A_SECOND: each page once, until SIGTERM */
void do_stream(char **arg, struct truth *t)
{
	uint64_t pause_ns = 1000000000ull * PIECE / (number(arg[1], 10000000) * 1024);
	struct timespec due;
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);

	signal(SIGTERM, on_term);
	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!atomic_load(&over)) {
		wrote(t, write(fd, buf, PIECE), PIECE, "write");
		due.tv_nsec += (long)pause_ns;
		due.tv_sec += due.tv_nsec / 1000000000;
		due.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
	}
	close_or_die(fd);
}

/* Moves what can be moved in memory, pages of the cache among it. */
static void compact_memory(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		skip("this kernel compacts no memory on request: %s", strerror(errno));
	if (write(fd, "1", 1) != 1)
		die("compact_memory");
	close_or_die(fd);
}

#define COMPACT_PIECES 16u

/* moving-write FILE MIB: buffered, and after each MiB memory is compacted */
void do_moving_write(char **arg, struct truth *t)
{
	uint64_t pieces = number(arg[1], 100000) * MIB / PIECE;
	int fd = open_or_die(arg[0], O_WRONLY | O_CREAT | O_TRUNC);

	for (uint64_t i = 1; i <= pieces; i++) {
		wrote(t, write(fd, buf, PIECE), PIECE, "write");
		if (i % COMPACT_PIECES == 0)
			compact_memory();
	}
	close_or_die(fd);
}

/* encrypt DIR: what is made in this empty folder from now on is encrypted (fscrypt) */
void do_encrypt(char **arg, struct truth *t)
{
	struct {
		struct fscrypt_add_key_arg key;
		unsigned char raw[64];
	} add = { .key = { .key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER, .raw_size = 64 } };
	struct fscrypt_policy_v2 policy = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};
	int dir = open_or_die(arg[0], O_RDONLY | O_DIRECTORY);

	(void)t;
	for (size_t i = 0; i < sizeof(add.raw); i++)
		add.raw[i] = (unsigned char)(i * 7 + 1);
	if (ioctl(dir, FS_IOC_ADD_ENCRYPTION_KEY, &add))
		skip("fscrypt is not to be had here: %s", strerror(errno));
	memcpy(policy.master_key_identifier, add.key.key_spec.u.identifier,
	       sizeof(policy.master_key_identifier));
	if (ioctl(dir, FS_IOC_SET_ENCRYPTION_POLICY, &policy))
		skip("the folder cannot be encrypted: %s", strerror(errno));
	close_or_die(dir);
}
