/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_detached - each probe that a layer lives by is detached before the window begins, as if the
 * kernel did the work elsewhere; then known I/O runs. The layer must say that its probe did not fire,
 * the figures that they are incomplete, and no layer may say so when nothing was detached.
 *
 * Needs root. Exit 0, 1, or 77 with a reason. `test_detached DIR`: the I/O goes to a file there.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/summary.h"
#include "machine/may_trace.h"
#include "session/session.h"

#define SKIP_STATUS 77
#define PAGES 128
#define PAGE 4096

static const struct { const char *probe[4]; int layer; } cases[] = {
	{ { NULL }, -1 },
	{ { "call" }, LAYER_APPLICATION },
	{ { "dirty" }, LAYER_CACHE },
	{ { "bio" }, LAYER_BLOCK },
	{ { "bio" }, LAYER_FILESYSTEM },
	/* ends that none of the three sees; noted bios of an idle disk are counted without them */
	{ { "done", "bio_end", "bio" }, LAYER_DEVICE },
	{ { "vfs_read" }, LAYER_VFS },
	{ { "vfs_write" }, LAYER_VFS },
	{ { "sys_fsync", "vfs_fsync", "vfs_fsync_range" }, LAYER_VFS },
};
static int failures;

static void fail(const char *what, const char *why)
{
	failures++;
	printf("FAIL: %s: %s\n", what, why);
}

/* Writes through the cache and around it, syncs, and reads. 0 or -errno. */
static int work(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_RDWR, 0600), err = 0;
	char *page = aligned_alloc(PAGE, PAGE);

	if (fd < 0 || !page)
		return -errno;
	memset(page, 'x', PAGE);
	for (int i = 0; i < PAGES; i++)
		err |= write(fd, page, PAGE) != PAGE;
	err |= fsync(fd);
	for (int i = 0; i < PAGES; i++)
		err |= pread(fd, page, PAGE, i * PAGE) != PAGE;
	err |= fcntl(fd, F_SETFL, O_DIRECT);
	for (int i = 0; i < PAGES; i++)
		err |= pwrite(fd, page, PAGE, i * PAGE) != PAGE;
	free(page);
	close(fd);
	return err ? -EIO : 0;
}

static __u32 id_of(int prog)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(prog, &info, &len) ? 0 : info.id;
}

/* The kernel detaches a program some time after its last descriptor was closed. */
static void wait_for_end(__u32 id)
{
	int fd = 0;

	for (int i = 0; id && fd >= 0 && i < 500; i++) {
		fd = bpf_prog_get_fd_by_id(id);
		if (fd >= 0)
			close(fd);
		usleep(10000);
	}
}

/* Closing all descriptors of a program detaches it. False: it is not attached here. */
static bool detach(const struct engine *e, const char *name)
{
	bool found = false;
	__u32 id;

	for (size_t i = 0; i < e->nr_programs; i++) {
		struct engine_program *p = &e->programs[i];

		if (strcmp(probe_catalog[p->probe].name, name))
			continue;
		id = id_of(p->prog);
		close(p->keeper);
		close(p->prog);
		/* others are held by a map of programs, and run for nobody */
		if (p->role != PROGRAM_CONTINUATION)
			wait_for_end(id);
		/* engine_close() closes these numbers again */
		p->keeper = p->prog = -1;
		found = true;
	}
	return found;
}

/* What was counted between attaching and detaching: a probe that never fires has counted nothing. */
static void uncount(const struct engine *e)
{
	__u64 *zero = calloc(e->nr_cpus, sizeof(*zero));
	__u32 slot = LOSS_DIRTY_RUNS;
	struct agg_key key;

	if (zero)
		bpf_map_update_elem(e->maps[MAP_LOSSES], &slot, zero, BPF_ANY);
	free(zero);
	while (!bpf_map_get_next_key(e->maps[MAP_AGG], NULL, &key) &&
	       !bpf_map_delete_elem(e->maps[MAP_AGG], &key))
		;
}

static bool silent(const struct layer_state *s)
{
	return !s->available && s->code == REASON_SILENT;
}

static void look_at(const struct summary *s, int layer, const char *name)
{
	if (layer >= 0 && !silent(&s->layers[layer]))
		fail(name, "its layer does not say that it did not fire");
	if (layer >= 0 && (s->complete || !s->incomplete_reason))
		fail(name, "the figures are complete");
	for (int i = 0; i < LAYER_MAX; i++)
		if (layer < 0 && silent(&s->layers[i]))
			fail("all attached", s->layers[i].reason);
}

static int measure(struct session *s, size_t i, const char *dir)
{
	const char *name = cases[i].probe[0] ? cases[i].probe[0] : "all attached";
	struct summary summary;
	int err;

	for (int p = 0; cases[i].probe[p]; p++)
		if (!detach(session_engine(s), cases[i].probe[p])) {
			printf("SKIP: %s is not attached here\n", name);
			return 0;
		}
	uncount(session_engine(s));
	err = session_begin(s);
	if (!err)
		err = work(dir);
	session_run_over(s);
	if (!err)
		err = session_end(s, true);
	if (!err)
		err = session_summary(s, NULL, -1, &summary);
	if (err)
		return err;
	look_at(&summary, cases[i].layer, name);
	printf("seen: %s detached\n", cases[i].probe[0] ? name : "nothing");
	return 0;
}

int main(int argc, char **argv)
{
	struct failure f = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_init("test_detached", 0, false);
	if (may_trace_check(&(struct may_trace_paths){ 0 }, "test_detached", &f)) {
		printf("SKIP: %s: %s\n", f.what, f.why);
		return SKIP_STATUS;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct session_request rq = { .target.all = true };
		struct session *s;
		int err;

		program_text_default(&rq.engine.text);
		rq.engine.layers = (1u << LAYER_MAX) - 1;
		err = session_open(&s, &rq, &f);
		if (err) {
			fail(f.what, f.why);
			continue;
		}
		err = measure(s, i, argc > 1 ? argv[1] : ".");
		if (err)
			fail("measuring", strerror(-err));
		session_close(s);
	}
	printf("%d failures\n", failures);
	return failures != 0;
}
