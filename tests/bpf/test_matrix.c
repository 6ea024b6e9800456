/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_matrix - every switch of the program text on this kernel: it compiles,
 * the verifier takes it, every probe the kernel has a hook for is attached, and
 * the maps have the declared sizes. What cannot be attached here (fexit, kprobe)
 * is compiled and shown to the verifier. Types of other kernels are compiled with:
 * header packages in /usr/src, and what the environment names,
 *   IOAMP_TEST_HEADERS=DIR[:DIR]  into which header packages were unpacked
 *   IOAMP_TEST_BTF=DIR[:DIR]      with a file vmlinux, as /sys/kernel/btf
 *
 * Needs root. Exit 0, 1, or 77 with a reason. `test_matrix WORD`: only cases with WORD in their name.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "engine/place.h"
#include "machine/may_trace.h"
#include "tests/bpf/matrix.h"

#define ALL_LAYERS	((1u << LAYER_MAX) - 1)

/* ---- through the engine ---- */

struct matrix_case {
	const char *name;
	bool events, times, latency, no_device_times, no_direct, no_atomics, check, by_file, cgroups, lanes;
	unsigned int ownership, tid, entries, event_pages, layers;
	enum ktypes_source types;
};

static const struct matrix_case cases[] = {
	{ .name = "ioamp-stat's defaults" },
	{ .name = "iosnoop-amp's defaults", .events = true, .times = true },
	{ .name = "iolatency-layers' defaults", .latency = true },
	{ .name = "latency, no typed pointers", .latency = true, .no_direct = true },
	{ .name = "latency, ownership by inode, one thread", .latency = true, .ownership = OWN_INODE,
	  .tid = 4194304 },
	{ .name = "latency, small maps", .latency = true, .entries = 64 },
	{ .name = "latency, lanes, a set of cgroups", .latency = true, .lanes = true, .cgroups = true },
	{ .name = "offsets agree with BTF", .check = true },
	{ .name = "no switch at all", .no_device_times = true },
	{ .name = "events alone", .events = true, .no_device_times = true },
	{ .name = "times alone", .times = true, .no_device_times = true },
	{ .name = "ownership by chunk", .ownership = OWN_CHUNK },
	{ .name = "ownership by inode", .ownership = OWN_INODE },
	{ .name = "events, ownership by inode", .events = true, .times = true, .ownership = OWN_INODE },
	{ .name = "no typed pointers", .no_direct = true },
	{ .name = "no typed pointers, events", .no_direct = true, .events = true, .times = true },
	{ .name = "one thread", .tid = 4194304 },
	{ .name = "a set of cgroups", .cgroups = true },
	{ .name = "a set of cgroups, no typed pointers, events", .cgroups = true, .no_direct = true,
	  .events = true, .times = true },
	{ .name = "small maps", .events = true, .times = true, .entries = 64, .event_pages = 1 },
	{ .name = "odd sizes", .events = true, .entries = 1000, .event_pages = 5 },
	{ .name = "by file", .by_file = true },
	{ .name = "no atomics (5.10), events, by file and role", .no_atomics = true, .events = true,
	  .times = true, .by_file = true, .lanes = true },
	{ .name = "no atomics (5.10), latency", .no_atomics = true, .latency = true },
	{ .name = "no atomics (5.10), latency, no typed pointers", .no_atomics = true, .latency = true,
	  .no_direct = true },
	{ .name = "by file, events", .by_file = true, .events = true, .times = true },
	{ .name = "by role", .by_file = true, .lanes = true },
	{ .name = "by role, events, a set of cgroups", .by_file = true, .lanes = true, .events = true,
	  .times = true, .cgroups = true },
	{ .name = "lanes alone, no typed pointers, one thread", .lanes = true, .no_direct = true, .tid = 1 },
	{ .name = "by file, no typed pointers", .by_file = true, .no_direct = true },
	{ .name = "by file, ownership by inode", .by_file = true, .ownership = OWN_INODE },
	{ .name = "block and device alone", .layers = 1u << LAYER_BLOCK | 1u << LAYER_DEVICE },
	{ .name = "application alone", .layers = 1u << LAYER_APPLICATION },
	{ .name = "all together", .events = true, .times = true, .tid = 1, .ownership = OWN_CHUNK,
	  .no_direct = true, .entries = 64, .event_pages = 1 },
};
/* One more per source of types. */
static const struct matrix_case sources[] = {
	{ .name = "types from installed headers", .types = KTYPES_HEADERS },
	{ .name = "types from kheaders", .types = KTYPES_KHEADERS },
};

static void request_of(const struct matrix_case *c, struct engine_request *rq)
{
	memset(rq, 0, sizeof(*rq));
	program_text_default(&rq->text);
	rq->text.events = c->events;
	rq->text.times = c->times;
	rq->text.latency = c->latency;
	rq->text.device_times = !c->no_device_times;
	rq->text.direct = !c->no_direct;
	rq->text.atomics = !c->no_atomics;
	rq->text.ownership = c->ownership;
	rq->text.tid = c->tid;
	rq->text.by_file = c->by_file;
	rq->text.cgroups = c->cgroups;
	rq->text.lanes = c->lanes;
	if (c->entries)
		rq->text.agg_entries = rq->text.actor_entries = rq->text.page_entries = c->entries;
	if (c->event_pages)
		rq->text.event_pages = c->event_pages;
	rq->types = c->types;
	rq->layers = c->layers ? c->layers : ALL_LAYERS;
	/* nothing is counted while it is attached: the target is nobody */
	rq->targeted = TARGET_PIDS;
}

static void check_probe(const struct engine *e, const struct engine_request *rq, unsigned int i)
{
	const struct probe *p = &probe_catalog[i];
	const struct probe_state *s = &e->probes[i];
	bool wanted = false, possible = false;

	for (int h = 0; h < PROBE_HOOKS && p->hooks[h].point; h++) {
		bool want = place_wants(rq, p, &p->hooks[h]);

		wanted |= want;
		/* what was cancelled is known by page only */
		possible |= want && kernel_has(&p->hooks[h]) &&
			(rq->text.ownership == OWN_PAGE || strcmp(p->name, "drop"));
	}
	if (possible && s->hook < 0)
		fail("%s is not attached: %s", p->name, s->why);
	if (!wanted && s->hook >= 0)
		fail("%s is attached though nobody asked", p->name);
	if ((s->hook < 0) != (s->code != REASON_NONE) ||
	    (possible && s->hook < 0 && s->code != REASON_REFUSED))
		fail("%s has reason %d", p->name, s->code);
	if (s->hook < 0 && !*s->why)
		fail("%s is not attached, without a reason", p->name);
	if (s->hook >= 0 && p->hooks[s->hook].kind == HOOK_TP &&
	    s->via != (e->text.direct ? VIA_TP_BTF : VIA_RAW_TRACEPOINT))
		fail("%s is attached via %s", p->name, attach_via_name(s->via));
}

static void check_probes(const struct engine *e, const struct engine_request *rq)
{
	size_t expected = 0;

	for (unsigned int i = 0; i < probe_catalog_count; i++) {
		check_probe(e, rq, i);
		if (e->probes[i].hook >= 0)
			expected += probe_programs(&probe_catalog[i]);
	}
	if (e->nr_programs != expected)
		fail("%zu programs, not %zu as the catalog says", e->nr_programs, expected);
}

static unsigned int map_entries(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.max_entries;
}

static void check_maps(const struct engine *e, const struct engine_request *rq)
{
	const struct { enum probe_map_id map; unsigned int entries; } sizes[] = {
		{ MAP_AGG, rq->text.agg_entries }, { MAP_ACTORS, rq->text.actor_entries },
		{ MAP_ACTOR_IDS, rq->text.actor_entries }, { MAP_SHARES, rq->text.actor_entries },
		{ MAP_PAGES, e->text.page_entries }, { MAP_LOSSES, LOSS_MAX }, { MAP_CONFIG, CFG_MAX },
		{ MAP_FILES, rq->text.file_entries }, { MAP_FILE_IDS, rq->text.file_entries },
		{ MAP_EVENTS, e->text.event_pages * e->text.page_bytes },
	};

	for (int i = 0; i < MAP_COUNT; i++) {
		bool expected = program_text_has(&rq->text, probe_maps[i].only_with);

		if (expected != (e->maps[i] >= 0))
			fail("map %s is %s", probe_maps[i].name, expected ? "missing" : "there");
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		int fd = e->maps[sizes[i].map];

		if (fd >= 0 && map_entries(fd) != sizes[i].entries)
			fail("map %s has %u entries, not %u", probe_maps[sizes[i].map].name,
			     map_entries(fd), sizes[i].entries);
	}
}

static void check_text(const struct engine *e, const struct engine_request *rq)
{
	struct text_config expected = rq->text;

	program_text_round(&expected);
	expected.direct = expected.direct && btf;
	expected.task_btf = expected.direct && has_task_btf;
	expected.atomics = expected.atomics && has_atomics;
	expected.vfs_fentry = can_fentry && rq->layers & 1u << LAYER_VFS;
	expected.vfs_kprobe = can_kprobe && !can_fentry && rq->layers & 1u << LAYER_VFS;
	if (e->text.direct != expected.direct)
		fail("the text with typed pointers was given up");
	else if (memcmp(&e->text, &expected, sizeof(expected)))
		fail("compiled with other switches than asked for");
}

static void run_case(const struct matrix_case *c)
{
	struct failure f = { 0 };
	struct engine_request rq;
	struct engine_start start;
	char words[WORDS];
	struct engine e;
	double begin = now();
	int saved, file, err;

	current = c->name;
	request_of(c, &rq);
	/* -vv compares offsets; then the words are timings */
	log_init("test_matrix", c->check ? 2 : 0, false);
	file = words_begin(&saved);
	err = engine_begin(&e, &rq, &start);
	if (!err)
		err = engine_finish(&e, &start, &f);
	words_end(file, saved, words);
	if (err) {
		fail("%s %s: %s", f.code, f.what, f.why);
		return;
	}
	if (*words && !c->check)
		fail("the loader complained: %s", words);
	check_text(&e, &rq);
	check_probes(&e, &rq);
	check_maps(&e, &rq);
	engine_close(&e);
	printf("ok: %s (%.1f s)\n", c->name, now() - begin);
}

static void run_sources(void)
{
	for (size_t i = 0; i < COUNT(sources); i++) {
		struct failure e = { 0 };
		struct ktypes *kt;

		if (ktypes_open(&kt, sources[i].types, 0, &e)) {
			printf("SKIP: %s: %s\n", sources[i].name, e.why);
			continue;
		}
		ktypes_close(kt);
		run_case(&sources[i]);
	}
}

int main(int argc, char **argv)
{
	struct failure f = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (may_trace_check(&(struct may_trace_paths){ 0 }, "test_matrix", &f)) {
		printf("SKIP: %s: %s\n", f.what, f.why);
		return SKIP_STATUS;
	}
	look_around();
	for (size_t i = 0; i < COUNT(cases); i++)
		if (argc < 2 || strstr(cases[i].name, argv[1]))
			run_case(&cases[i]);
	if (argc < 2) {
		run_sources();
		run_compile_only();
	}
	ktypes_close(btf);
	printf("%u failures\n", failures);
	return failures != 0;
}
